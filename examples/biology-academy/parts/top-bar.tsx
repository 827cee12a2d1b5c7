// What stands above every page: its name, how the connection is, and the way to the settings.

import { ConnectedStatus } from '@tidings/ui/connected'
import { Icon, Mark } from './icon.tsx'
import { type PageName, pages } from './router.ts'
import { SettingsButton, SourceButton } from './settings.tsx'

export function TopBar({ current }: { readonly current: PageName }) {
  return (
    <header className="top">
      <Mark />
      <h1 className="top-title" id="page-title">
        {pages[current].title}
      </h1>
      <div className="top-tools">
        <ConnectedStatus align="end" />
        <SourceButton />
        <SettingsButton className="top-settings">
          <span className="td-unseen">Settings</span>
          <Icon name="settings" />
        </SettingsButton>
      </div>
    </header>
  )
}
