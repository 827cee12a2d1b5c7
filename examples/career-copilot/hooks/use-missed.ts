// What happened while the page was cut off, counted: history gets one line instead of a toast for each.

import { useEvent } from '@tidings/react'
import { useState } from 'react'
import { applications, jobs, notifications } from '../contract.ts'

export interface Missed {
  readonly jobs: number
  readonly applications: number
  readonly notifications: number
}

const NOTHING: Missed = { jobs: 0, applications: 0, notifications: 0 }

export function useMissed(user: string): readonly [missed: Missed, dismiss: () => void] {
  const [missed, setMissed] = useState(NOTHING)
  const count = (what: keyof Missed) => (_: unknown, event: { readonly origin: string }) => {
    if (event.origin === 'replay') setMissed((before) => ({ ...before, [what]: before[what] + 1 }))
  }
  useEvent(jobs({ user }), 'job:recommendation', count('jobs'))
  useEvent(applications({ user }), 'application:status_change', count('applications'))
  useEvent(notifications({ user }), 'notification:new', count('notifications'))
  return [missed, () => setMissed(NOTHING)]
}
