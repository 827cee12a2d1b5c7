// Everything live in one place: connects, runs the hooks, shows the toasts, and hangs up when it is switched off.

import type { Client } from '@tidings/client'
import { TidingsProvider } from '@tidings/react'
import { Announcer } from '@tidings/ui/announcer'
import { Toaster } from '@tidings/ui/toaster'
import { createContext, type ReactNode, useContext, useEffect } from 'react'
import { UserContext } from './hooks/session.ts'
import { useDataResync } from './hooks/use-data-resync.ts'
import { type Missed, useMissed } from './hooks/use-missed.ts'
import { useNetworkStatus } from './hooks/use-network-status.ts'
import { useRealtimeApplications } from './hooks/use-realtime-applications.ts'
import { type RealtimeJobs, useRealtimeJobs } from './hooks/use-realtime-jobs.ts'
import { type RealtimeNotifications, useRealtimeNotifications } from './hooks/use-realtime-notifications.ts'
import { preferences, sound } from './preferences.ts'

export interface Realtime extends RealtimeJobs {
  readonly isEnabled: boolean
  readonly notifications: RealtimeNotifications
  readonly missed: Missed
  readonly dismissMissed: () => void
}

const RealtimeContext = createContext<Realtime | undefined>(undefined)

export function useRealtime(): Realtime {
  const realtime = useContext(RealtimeContext)
  if (!realtime) throw new Error('useRealtime needs a <RealtimeProvider> above it.')
  return realtime
}

export interface RealtimeProviderProps {
  readonly client: Client
  readonly user: string
  /** False: the app fetches what it shows, and nothing is dialled. */
  readonly enableWebSocket?: boolean
  readonly children?: ReactNode
}

export function RealtimeProvider({ client, user, enableWebSocket = true, children }: RealtimeProviderProps) {
  return (
    <TidingsProvider client={client} enabled={enableWebSocket}>
      <UserContext value={user}>
        <Announcer />
        <Live user={user} isEnabled={enableWebSocket}>
          {children}
        </Live>
        <Toaster />
      </UserContext>
    </TidingsProvider>
  )
}

function Live({
  user,
  isEnabled,
  children,
}: {
  readonly user: string
  readonly isEnabled: boolean
  readonly children: ReactNode
}) {
  const jobs = useRealtimeJobs(user)
  useRealtimeApplications(user)
  const notifications = useRealtimeNotifications(user)
  useNetworkStatus(isEnabled)
  useDataResync()
  useSound()
  const [missed, dismissMissed] = useMissed(user)
  return (
    <RealtimeContext value={{ ...jobs, isEnabled, notifications, missed, dismissMissed }}>
      {children}
    </RealtimeContext>
  )
}

/** The browser lets a page sound after the first click or key; the person may want none. */
function useSound(): void {
  useEffect(() => {
    const follow = () => sound.setMuted(!preferences.get().isSoundOn)
    follow()
    const stops = [preferences.subscribe(follow), sound.unlockOnGesture()]
    return () => {
      for (const stop of stops) stop()
    }
  }, [])
}
