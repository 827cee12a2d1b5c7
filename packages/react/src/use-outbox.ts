'use client'
// What this client has written and the log does not have yet, across every channel.

import type { Publication } from '@tidings/client'
import { useCallback, useMemo } from 'react'
import { useClient } from './use-client.ts'
import { useSource } from './use-source.ts'

export interface Outbox {
  /** In the order in which they were written. */
  readonly pending: readonly Publication[]
  /** Drops those that were not sent yet: each is refused. Returns how many. Stays the same function. */
  readonly clear: () => number
}

const EMPTY: readonly Publication[] = []

/**
 * The writes that are queued or sent but not accepted yet; renders when one comes or goes.
 *
 * @example
 * const { pending } = useOutbox()
 * useBeforeUnload(pending.length > 0)
 * return pending.length > 0 && <p>{pending.length} changes wait for the connection</p>
 */
export function useOutbox(): Outbox {
  const { outbox } = useClient()
  const pending = useSource(outbox, EMPTY)
  const clear = useCallback(() => outbox.clear(), [outbox])
  return useMemo(() => ({ pending, clear }), [pending, clear])
}
