'use client'
// What this client has written and the log does not have yet, across every channel.

import type { Publication, StorageState } from '@tidings/client'
import { useCallback, useMemo } from 'react'
import { useClient } from './use-client.ts'
import { useSource } from './use-source.ts'

export interface Outbox {
  /** In the order in which they were written. */
  readonly pending: readonly Publication[]
  /**
   * Writes of earlier pages that were refused on this one; what this page has written is refused where it was written, as
   * `usePublish` shows. The reason is in the `status`. The newest 100.
   */
  readonly refused: readonly Publication[]
  /** Whether what is written outlives the page; where it should and does not, why. */
  readonly storage: StorageState
  /** Drops those that were not sent yet: each is refused. Empties `refused`. Returns how many. Stays the same function. */
  readonly clear: () => number
  /** Forgets one of `refused`. Does nothing for any other. Stays the same function. */
  readonly dismiss: (write: Publication) => void
}

const EMPTY: readonly Publication[] = []
const OPENING: StorageState = { name: 'opening' }

/**
 * The writes that are queued or sent but not accepted yet, and what became of those of earlier pages; renders when one
 * comes or goes.
 *
 * @example
 * const { pending, storage } = useOutbox()
 * return (
 *   <>
 *     {pending.length > 0 && <p>{pending.length} changes wait for the connection</p>}
 *     {storage.name === 'failing' && <p>Keep this page open: {storage.error.message}</p>}
 *   </>
 * )
 */
export function useOutbox(): Outbox {
  const { outbox } = useClient()
  const pending = useSource(outbox, EMPTY)
  const refused = useSource(outbox.refused, EMPTY)
  const storage = useSource(outbox.storage, OPENING)
  const clear = useCallback(() => outbox.clear(), [outbox])
  const { dismiss } = outbox
  return useMemo(
    () => ({ pending, refused, storage, clear, dismiss }),
    [pending, refused, storage, clear, dismiss],
  )
}
