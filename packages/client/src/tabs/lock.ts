// One named lock, from the moment it is waited for until it is let go of or taken away.

import type { Cancel } from '@tidings/core'
import type { Locks } from './ports.ts'

export interface LockEvents {
  /** It is this tab's now. */
  held(): void
  /** Somebody has stolen it, perhaps before this tab knew that it had it; or else the browser gives it none. */
  lost(how: 'stolen' | 'refused'): void
}

/** Waits for the lock, or steals it, and keeps it until the returned function is called: then nothing is heard of it. */
export function holdLock(locks: Locks, name: string, on: LockEvents, { steal = false } = {}): Cancel {
  const wait = new AbortController()
  let letGo = () => {}
  let isOver = false
  const hold = () => {
    if (isOver) return
    const kept = new Promise<void>((resolve) => {
      letGo = resolve
    })
    on.held()
    return kept
  }
  locks.request(name, steal ? { steal } : { signal: wait.signal }, hold).catch((error: unknown) => {
    if (isOver) return
    isOver = true
    on.lost((error as { readonly name?: unknown } | undefined)?.name === 'AbortError' ? 'stolen' : 'refused')
  })
  return () => {
    isOver = true
    letGo()
    wait.abort()
  }
}
