// Trying again: after how long, and whether at all. What is tried, and what it means to try it twice, is the caller's.

import { type Backoff, backoffDelayMs, TidingsError } from '@tidings/core'
import { NoAnswer } from './api.ts'
import type { Io } from './io.ts'

/** Quick at first (a server that restarts is back within a second), then at most 10 s: a person waits in front of it. */
export const backoff: Backoff = { firstMs: 250, factor: 2, maxMs: 10_000 }

/** Whether the same request may succeed later. A token cannot be renewed from a command line. */
export function isWorthRetrying(error: unknown): error is TidingsError | NoAnswer {
  return error instanceof NoAnswer || (error instanceof TidingsError && error.retry === 'later')
}

/** Waits before attempt number `attempt` (from 1) is repeated. Rejects when the command is stopped meanwhile. */
export async function pause(io: Io, attempt: number, error: TidingsError | NoAnswer): Promise<void> {
  const leastMs = (error instanceof TidingsError && error.retryAfterMs) || 0
  await sleep(io, Math.max(leastMs, backoffDelayMs(backoff, attempt, io.chance)))
}

function sleep({ clock, stop }: Io, ms: number): Promise<void> {
  return new Promise((resolve, reject) => {
    stop.throwIfAborted()
    const onStop = () => {
      cancel()
      reject(stop.reason)
    }
    const cancel = clock.setTimer(ms, () => {
      stop.removeEventListener('abort', onStop)
      resolve()
    })
    stop.addEventListener('abort', onStop, { once: true })
  })
}
