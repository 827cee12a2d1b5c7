// What a cursor writes to: a WebSocket session, or a stream over HTTP.

import type { Cancel, Position, ResetReason, TidingsError } from '@tidings/core'
import type { EntryBatch } from './batch.ts'
import type { StoredSnapshot } from './broker.ts'

export type Verdict =
  | { readonly verdict: 'fresh' | 'resumed' }
  | { readonly verdict: 'reset'; readonly reason: ResetReason }

/** Where a reader stands now, and the state there if it asked for one. */
export interface Standing {
  readonly position: Position
  readonly snapshot: StoredSnapshot | undefined
}

export type SubscribedAnswer = Verdict & Standing & { readonly behind: number }
export type ResetAnswer = Standing & { readonly reason: ResetReason }

export interface Reader {
  /** Above its high-water mark: the cursor stops, until it is told that the reader has drained. */
  readonly isFull: boolean
  /**
   * Keeps room for a page of this length that is about to be read, until what it returns is called; undefined while
   * there is none. Several cursors of one connection that read at once would otherwise all count on the same room.
   */
  reserve(length: number): Cancel | undefined
  subscribed(answer: SubscribedAnswer): void
  entries(batch: EntryBatch, isReplay: boolean): void
  /** The cursor has reached the head. */
  live(position: Position): void
  /** The cursor was live and has stopped: entries went by that are read back later. */
  behind(): void
  /** A part of history is missing: the reader goes on from the answer's position. */
  reset(answer: ResetAnswer): void
  /** The cursor is closed for a reason that is not the reader's. */
  ended(error: TidingsError): void
}
