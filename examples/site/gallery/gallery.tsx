// The page: switches above, sections beside their list, or the whole of it again in a window as wide as a phone.

import { Announcer } from '@tidings/ui/announcer'
import { Toaster } from '@tidings/ui/toaster'
import { useEffect, useState } from 'react'
import { TidingsMark } from '../start/tidings-mark.tsx'
import { contents } from './content.ts'
import { Controls } from './controls.tsx'
import { ActivitySection } from './sections/activity.tsx'
import { BadgesSection } from './sections/badges.tsx'
import { ConnectionSection } from './sections/connection.tsx'
import { ListsSection } from './sections/lists.tsx'
import { NotificationsSection } from './sections/notifications.tsx'
import { PresenceSection } from './sections/presence.tsx'
import { ToastsSection } from './sections/toasts.tsx'
import { queryOf, type View } from './view.ts'

const sections = [
  { id: 'connection', title: 'Connection' },
  { id: 'notifications', title: 'Notifications' },
  { id: 'toasts', title: 'Toasts' },
  { id: 'activity', title: 'Activity' },
  { id: 'presence', title: 'Presence' },
  { id: 'badges', title: 'Badges' },
  { id: 'lists', title: 'Lists' },
]

export function Gallery({ initial, isFramed }: { initial: View; isFramed: boolean }) {
  const [view, setView] = useState(initial)
  useEffect(() => {
    const { dataset } = document.documentElement
    document.documentElement.dir = view.direction
    if (view.theme === 'system') delete dataset.theme
    else dataset.theme = view.theme
    if (view.motion === 'system') delete dataset.motion
    else dataset.motion = view.motion
    const query = queryOf(view)
    if (!isFramed) history.replaceState(null, '', query === '' ? window.location.pathname : `?${query}`)
  }, [view, isFramed])
  const content = contents[view.content]
  const isPhone = view.width === 'phone' && !isFramed
  return (
    <>
      <Announcer />
      {!isFramed && (
        <header className="head">
          <a className="head-brand" href="/">
            <TidingsMark />
            Tidings
          </a>
          <span className="head-slash">/</span>
          <h1 className="head-title">Gallery</h1>
          <details className="head-controls">
            <summary className="head-summary">Switches</summary>
            <Controls view={view} onChange={setView} />
          </details>
        </header>
      )}
      {isPhone ? (
        <main className="phone">
          <iframe
            className="phone-window"
            title="The gallery in the width of a phone"
            key={queryOf(view)}
            src={`?framed&${queryOf({ ...view, width: 'desk' })}`}
          />
        </main>
      ) : (
        <div className="body" data-framed={isFramed || undefined}>
          <nav className="index" aria-label="Components">
            <ul>
              {sections.map(({ id, title }) => (
                <li key={id}>
                  <a href={`#${id}`}>{title}</a>
                </li>
              ))}
            </ul>
          </nav>
          <main className="sections" key={view.content}>
            <ConnectionSection />
            <NotificationsSection content={content} />
            <ToastsSection />
            <ActivitySection content={content} />
            <PresenceSection content={content} />
            <BadgesSection content={content} />
            <ListsSection />
          </main>
        </div>
      )}
      <Toaster key={view.direction} dir={view.direction} />
    </>
  )
}
