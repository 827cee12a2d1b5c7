// A page of a channel's past, for who asks once and keeps no cursor: entries after a position, or why there are none.

import type { Position, ResetReason } from '@tidings/core'
import { type Broker, beforeOldest, type StoredEntry } from './broker.ts'
import type { After } from './cursor.ts'

export interface HistoryRequest {
  readonly channel: string
  readonly after: After
  /** Most entries. */
  readonly limit: number
}

export type HistoryOutcome =
  | {
      readonly outcome: 'page'
      readonly entries: readonly StoredEntry[]
      /** Where to go on reading: the last entry's position, or the one that was asked for. */
      readonly position: Position
      /** Whether the page reaches the head. */
      readonly isComplete: boolean
    }
  | { readonly outcome: 'reset'; readonly reason: ResetReason; readonly position: Position }

/** `maxLength`: UTF-16 units of data after which a page ends. Rejects with `unavailable`. */
export async function readHistory(
  broker: Broker,
  { channel, after, limit }: HistoryRequest,
  maxLength: number,
): Promise<HistoryOutcome> {
  if (after === 'now') {
    const { position } = await broker.head(channel)
    return { outcome: 'page', entries: [], position, isComplete: true }
  }
  // None is read as one and left out: the position that was asked for has to be proved all the same.
  const found = await broker.read(channel, after, { maxEntries: Math.max(1, limit), maxLength })
  const { head } = found
  if (found.outcome === 'reset') return { outcome: 'reset', reason: found.reason, position: head.position }
  const { epoch } = found
  const entries = found.entries.slice(0, limit)
  const last = entries.at(-1)
  const begin = after === 'start' ? beforeOldest(head) : after
  const position = last ? { epoch, offset: last.offset, tag: last.tag } : begin
  return { outcome: 'page', entries, position, isComplete: position.offset >= head.position.offset }
}
