// From page to page: a column beside them on a desk, a bar under the thumb on a phone.

import { useChannelState } from '@tidings/react'
import { NotificationBadge } from '@tidings/ui/badge'
import { systemStatus } from '../contract.ts'
import { useAcademy } from './academy.tsx'
import { Icon, Mark } from './icon.tsx'
import { useNotifications } from './notifications.ts'
import { addressOf, type PageName, pageNames, pages } from './router.ts'
import { SettingsButton, sourceNames } from './settings.tsx'

export function Navigation({ current }: { readonly current: PageName }) {
  const { unread } = useNotifications()
  const { source, shownName } = useAcademy()
  const state = useChannelState(systemStatus(), (trail) => trail.at(-1)?.status)
  return (
    <nav className="nav" aria-label="Pages">
      <a className="nav-brand" href={addressOf('overview')}>
        <Mark />
        <span>Biology Academy</span>
      </a>
      <ul className="nav-pages">
        {pageNames.map((name) => {
          const page = pages[name]
          return (
            <li key={name}>
              <a
                className="nav-page"
                href={addressOf(name)}
                aria-current={name === current ? 'page' : undefined}
              >
                <span className="nav-icon">
                  <Icon name={name} />
                </span>
                <span className="nav-word" data-short={'short' in page ? page.short : page.title}>
                  {page.title}
                </span>
                {name === 'notifications' && unread > 0 && <NotificationBadge count={unread} />}
                {name === 'status' && state && state !== 'operational' && (
                  <span className="nav-state" data-state={state}>
                    <span className="td-unseen">: {state}</span>
                  </span>
                )}
              </a>
            </li>
          )
        })}
      </ul>
      <div className="nav-foot">
        <SettingsButton className="nav-learner">
          <span className="nav-learner-name">
            <bdi>{shownName}</bdi>
            <span>{sourceNames[source]}</span>
          </span>
          <Icon name="settings" />
        </SettingsButton>
      </div>
    </nav>
  )
}
