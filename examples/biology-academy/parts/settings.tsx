// Where messages come from, how the page looks, who learns here: one panel, from the side on a desk, from below on a phone.

import { type ReactNode, useEffect, useState } from 'react'
import type { Source } from '../client/options.ts'
import { useAcademy } from './academy.tsx'
import { learnerStore, type Theme, themeStore, useKept } from './kept.ts'
import { setQuery } from './router.ts'

export const sourceNames: Readonly<Record<Source, string>> = {
  tidings: 'Tidings server',
  plain: 'Plain server',
  mock: 'No server',
}

const sourceAbout: Readonly<Record<Source, string>> = {
  tidings: 'Nothing is missed, and one sees who is there.',
  plain: 'A WebSocket server that knows nothing of Tidings. What is said during a drop is lost.',
  mock: 'Invented data, from within this page, every five seconds.',
}

const themes: Readonly<Record<Theme, string>> = { system: 'As the device', light: 'Light', dark: 'Dark' }

const PANEL = 'settings'

export function SettingsButton({
  className,
  children,
}: {
  readonly className: string
  readonly children: ReactNode
}) {
  return (
    <button type="button" className={className} popoverTarget={PANEL} aria-haspopup="dialog">
      {children}
    </button>
  )
}

/** Says where messages come from; there one changes it. */
export function SourceButton() {
  const { source } = useAcademy()
  return (
    <SettingsButton className="source-button">
      <span className="td-unseen">Messages come from: </span>
      <span className="source-mark" data-source={source} />
      {sourceNames[source]}
    </SettingsButton>
  )
}

export function Settings() {
  const { source, isDebugging, learner } = useAcademy()
  const [theme, setTheme] = useKept(themeStore)
  return (
    <div className="settings" id={PANEL} popover="auto" role="dialog" aria-label="Settings">
      <fieldset className="settings-group">
        <legend>Messages come from</legend>
        {(Object.keys(sourceNames) as Source[]).map((each) => (
          <label className="settings-choice" key={each}>
            <input
              type="radio"
              name="source"
              checked={source === each}
              onChange={() => setQuery('source', each === 'tidings' ? undefined : each)}
            />
            <span>
              <b>{sourceNames[each]}</b>
              <small>{sourceAbout[each]}</small>
            </span>
          </label>
        ))}
        {source === 'mock' && <Faults />}
      </fieldset>
      <fieldset className="settings-group">
        <legend>Theme</legend>
        <div className="segments">
          {(Object.keys(themes) as Theme[]).map((each) => (
            <label className="segment" key={each}>
              <input type="radio" name="theme" checked={theme === each} onChange={() => setTheme(each)} />
              <span>{themes[each]}</span>
            </label>
          ))}
        </div>
      </fieldset>
      <label className="settings-group settings-field">
        Your name, as others see it
        <input
          value={learner.userName}
          maxLength={80}
          placeholder="Guest learner"
          autoComplete="name"
          onChange={({ target }) => learnerStore.set({ ...learner, userName: target.value.trimStart() })}
        />
      </label>
      <label className="settings-group settings-switch">
        <input
          type="checkbox"
          checked={isDebugging}
          onChange={({ target }) => setQuery('debug', target.checked ? '1' : undefined)}
        />
        <span>
          <b>Debug log</b>
          <small>Each step of the connection, in the console and under System status.</small>
        </span>
      </label>
    </div>
  )
}

/** What a network does, for a page that has none. */
function Faults() {
  const [isCut, setIsCut] = useState(false)
  useEffect(() => {
    const mock = import('../mock/mock.ts').then(({ academyMock }) => academyMock())
    void mock.then((each) => (isCut ? each.fault('offline') : each.restore()))
  }, [isCut])
  return (
    <button type="button" className="td-button" onClick={() => setIsCut(!isCut)}>
      {isCut ? 'Restore the connection' : 'Cut the connection'}
    </button>
  )
}
