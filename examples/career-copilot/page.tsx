// Career Copilot as a page: settings, one client, one cache, and which of the three pages is shown.

import '@fontsource-variable/inter/wght.css'
import '@tidings/ui/styles.css'
import '@tidings/ui/styles/page.css'
import './looks/brand.css'
import './looks/frame.css'
import './looks/pages.css'
import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { StrictMode, useEffect } from 'react'
import { createRoot } from 'react-dom/client'
import { createCareerClient } from './client.ts'
import { Applications } from './parts/applications.tsx'
import { Dashboard } from './parts/dashboard.tsx'
import { Jobs } from './parts/jobs.tsx'
import { Shell } from './parts/shell.tsx'
import { applicationsQuery, jobsQuery } from './queries.ts'
import { RealtimeProvider } from './realtime-provider.tsx'
import { type Route, routeOf, usePath } from './route.ts'
import { readSettings } from './settings.ts'
import { type WebSocketClient, webSocketClient } from './websocket-client.ts'

declare global {
  interface Window {
    /** The product's own client, for the console: `career.subscribe('notification:new', console.log)`. */
    career: WebSocketClient
  }
}

const titles: Readonly<Record<Route['name'], string>> = {
  dashboard: 'Career Copilot',
  jobs: 'Jobs · Career Copilot',
  applications: 'Applications · Career Copilot',
}

/** Fills `element`. */
export function mount(
  element: HTMLElement,
  address: URL,
  environment: Readonly<Record<string, unknown>>,
): void {
  const settings = readSettings(address, environment)
  const { user, isWebSocketEnabled } = settings
  const client = createCareerClient(settings)
  window.career = webSocketClient(client, user)
  const queryClient = new QueryClient({
    // Asked for without a network as well: the browser may have kept an answer.
    defaultOptions: { queries: { staleTime: 30_000, networkMode: 'offlineFirst' } },
  })
  // The pages that are one press away open at once, and open offline.
  void queryClient.prefetchQuery(jobsQuery(user))
  void queryClient.prefetchQuery(applicationsQuery(user))
  createRoot(element).render(
    <StrictMode>
      <QueryClientProvider client={queryClient}>
        <RealtimeProvider client={client} user={user} enableWebSocket={isWebSocketEnabled}>
          <Pages />
        </RealtimeProvider>
      </QueryClientProvider>
    </StrictMode>,
  )
}

function Pages() {
  const route = routeOf(usePath())
  useEffect(() => {
    document.title = titles[route.name]
  }, [route.name])
  return (
    <Shell route={route}>
      {route.name === 'dashboard' && <Dashboard />}
      {route.name === 'jobs' && <Jobs selected={route.job} />}
      {route.name === 'applications' && <Applications selected={route.application} />}
    </Shell>
  )
}
