// The site: which page is shown, and what every page has.

import { Announcer } from '@tidings/ui/announcer'
import { ConnectedBanner } from '@tidings/ui/connected'
import { Toaster } from '@tidings/ui/toaster'
import { useEffect, useRef } from 'react'
import { Metrics } from './pages/metrics.tsx'
import { Notifications } from './pages/notifications.tsx'
import { Overview } from './pages/overview.tsx'
import { Sessions } from './pages/sessions.tsx'
import { Status } from './pages/status.tsx'
import { AcademyProvider, PLAIN_COMMAND, PLAIN_URL, useAcademy } from './parts/academy.tsx'
import { Away } from './parts/away.tsx'
import { themeStore, useKept } from './parts/kept.ts'
import { Navigation } from './parts/navigation.tsx'
import { type PageName, pageAt, pages, useAddress, useOwnLinks } from './parts/router.ts'
import { Settings } from './parts/settings.tsx'
import { Toasts } from './parts/toasts.tsx'
import { TopBar } from './parts/top-bar.tsx'

const contents: Readonly<Record<PageName, () => React.ReactNode>> = {
  overview: Overview,
  metrics: Metrics,
  sessions: Sessions,
  notifications: Notifications,
  status: Status,
}

export function App() {
  const name = pageAt(useAddress())
  useOwnLinks()
  useTheme()
  return (
    <AcademyProvider>
      <Announcer />
      <div className="shell">
        <a className="skip" href="#content">
          Skip to content
        </a>
        <Navigation current={name} />
        <div className="shell-body">
          <TopBar current={name} />
          <Banner />
          <Content name={name} />
        </div>
      </div>
      <Settings />
      <Toasts />
      <Toaster />
    </AcademyProvider>
  )
}

/** A plain server that does not answer was most likely not started. */
function Banner() {
  const { source, plainUrl } = useAcademy()
  if (source !== 'plain') return <ConnectedBanner />
  const start = plainUrl === PLAIN_URL ? ` "${PLAIN_COMMAND}" starts one.` : ''
  const explainReconnecting = `No answer from ${plainUrl}.${start} What you do waits here and is sent when it is back.`
  return <ConnectedBanner labels={{ explainReconnecting }} />
}

function Content({ name }: { readonly name: PageName }) {
  const main = useRef<HTMLElement>(null)
  const last = useRef(name)
  useEffect(() => {
    document.title = `${pages[name].title} · Biology Academy`
    // Whoever follows a link with the keyboard goes on where the new page begins.
    if (last.current !== name) main.current?.focus({ preventScroll: true })
    last.current = name
  }, [name])
  const Page = contents[name]
  return (
    <main className="content" id="content" ref={main} tabIndex={-1} aria-labelledby="page-title">
      <Away />
      <Page />
    </main>
  )
}

function useTheme(): void {
  const [theme] = useKept(themeStore)
  useEffect(() => {
    if (theme === 'system') delete document.documentElement.dataset.theme
    else document.documentElement.dataset.theme = theme
  }, [theme])
}
