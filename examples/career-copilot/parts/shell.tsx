// The frame of every page: where one is, what is new, whether it is live. On a phone the pages are at the thumb.

import { useConnection } from '@tidings/react'
import { ConnectedBanner } from '@tidings/ui/connected'
import { ContinuityNotice } from '@tidings/ui/continuity-notice'
import { type Notification, NotificationBell } from '@tidings/ui/notification-center'
import { NotificationPreferencesForm } from '@tidings/ui/notification-preferences'
import { type ReactNode, useMemo, useState } from 'react'
import { categories } from '../contract.ts'
import { variants } from '../hooks/use-realtime-notifications.ts'
import { categoryNames, preferences, sound, usePreferences } from '../preferences.ts'
import { useRealtime } from '../realtime-provider.tsx'
import { HOME, hrefOf, linkTo, navigate, type Route } from '../route.ts'
import { useTheme } from '../theme.ts'
import { NotificationBadge } from './badge.tsx'
import { ConnectionStatusCompact, ConnectionStatusFull } from './connection-status.tsx'
import { Icon, type IconName, Mark } from './icon.tsx'

const named = categories.map((id) => ({ id, name: categoryNames[id] }))

const pages: readonly { readonly name: Route['name']; readonly title: string; readonly path: string }[] = [
  { name: 'dashboard', title: 'Dashboard', path: HOME },
  { name: 'jobs', title: 'Jobs', path: `${HOME}/jobs` },
  { name: 'applications', title: 'Applications', path: `${HOME}/applications` },
]
const icons: Readonly<Record<Route['name'], IconName>> = {
  dashboard: 'dashboard',
  jobs: 'jobs',
  applications: 'applications',
}

export function Shell({ route, children }: { readonly route: Route; readonly children: ReactNode }) {
  const { isEnabled } = useRealtime()
  return (
    <div className="cc-app">
      <a className="cc-skip" href="#content">
        Skip to the content
      </a>
      <header className="cc-head">
        <a className="cc-brand" {...linkTo(HOME)}>
          <Mark />
          <span>Career Copilot</span>
        </a>
        <Navigation route={route} />
        <div className="cc-head-end">
          <ConnectionStatusCompact />
          <Notifications />
          <ThemeSwitch />
        </div>
      </header>
      {isEnabled && (
        <section className="cc-banner" aria-label="Connection">
          <Banner />
        </section>
      )}
      <main className="cc-main" id="content" tabIndex={-1}>
        <Away />
        {children}
      </main>
      <footer className="cc-foot">
        <ConnectionStatusFull />
      </footer>
    </div>
  )
}

/** A device without a network is told at once; a server that does not answer gets a moment, and more for the first time. */
function Banner() {
  const { status, reason } = useConnection()
  const [wasConnected, setWasConnected] = useState(false)
  if (status === 'connected' && !wasConnected) setWasConnected(true)
  return <ConnectedBanner quietMs={reason === 'offline' ? 0 : wasConnected ? DROP_MS : undefined} />
}

const DROP_MS = 1_500

function Navigation({ route }: { readonly route: Route }) {
  const { newJobs } = useRealtime()
  return (
    <nav className="cc-nav" aria-label="Pages">
      {pages.map(({ name, title, path }) => (
        <a
          key={name}
          className="cc-nav-link"
          aria-current={route.name === name ? 'page' : undefined}
          {...linkTo(path)}
        >
          <Icon name={icons[name]} />
          <span>{title}</span>
          {name === 'jobs' && (
            <NotificationBadge count={newJobs} labels={{ unread: (count) => `${count} new` }} />
          )}
        </a>
      ))}
    </nav>
  )
}

function Notifications() {
  const { notifications } = useRealtime()
  const wishes = usePreferences()
  const { items, unread, problem, markRead, markAllRead, retry } = notifications
  const shown = useMemo(
    () =>
      items?.map(
        ({ id, category, title, description, timestamp, actionUrl, is_read }): Notification => ({
          id,
          at: Date.parse(timestamp),
          title,
          description,
          category,
          isRead: is_read,
          variant: variants[category],
          href: actionUrl === undefined ? undefined : hrefOf(actionUrl),
        }),
      ),
    [items],
  )
  return (
    <NotificationBell
      notifications={shown}
      categories={named}
      unread={unread}
      problem={problem}
      onRetry={retry}
      onRead={markRead}
      onReadAll={markAllRead}
      preferences={
        <NotificationPreferencesForm
          preferences={wishes}
          onChange={preferences.set}
          categories={named}
          sound={sound}
        />
      }
    />
  )
}

function ThemeSwitch() {
  const [theme, toggle] = useTheme()
  return (
    <button
      type="button"
      className="td-button"
      data-kind="quiet"
      data-icon-only=""
      aria-label="Dark theme"
      aria-pressed={theme === 'dark'}
      onClick={toggle}
    >
      <Icon name={theme === 'dark' ? 'sun' : 'moon'} />
    </button>
  )
}

/** What came while the page was cut off, in one line. */
function Away() {
  const { missed, dismissMissed } = useRealtime()
  const summary = [
    { label: missed.jobs === 1 ? 'job match' : 'job matches', count: missed.jobs },
    { label: missed.applications === 1 ? 'application' : 'applications', count: missed.applications },
    { label: missed.notifications === 1 ? 'notification' : 'notifications', count: missed.notifications },
  ].filter(({ count }) => count > 0)
  const total = missed.jobs + missed.applications + missed.notifications
  const show = () => {
    navigate(missed.applications > 0 ? `${HOME}/applications` : missed.jobs > 0 ? `${HOME}/jobs` : HOME)
    dismissMissed()
  }
  return (
    <div className="cc-away">
      <ContinuityNotice
        missed={total}
        summary={summary}
        onShow={missed.applications + missed.jobs > 0 ? show : undefined}
        onDismiss={dismissMissed}
      />
    </div>
  )
}
