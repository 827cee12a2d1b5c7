// Own writes, from publish() until the server has answered: their numbers, order, bounds and fates. Sends nothing itself.

import type { Position, TidingsError } from '@tidings/core'
import type { Source } from './source.ts'

export type PublicationStatus =
  /** Waits for its turn: for a connection, or for a pause that the server asked for. */
  | { readonly name: 'queued' }
  /** On its way; the server has not answered. It may be in the log already. */
  | { readonly name: 'sent' }
  /** In the log, at `position`. `isDuplicate`: it had been accepted before, and only the answer was lost. */
  | { readonly name: 'accepted'; readonly position: Position; readonly isDuplicate: boolean }
  /** Not in the log, and not tried again. */
  | { readonly name: 'refused'; readonly error: TidingsError }

/** One write of this client. */
export interface Publication {
  /** Unique within its channel; the id of the entry that it becomes. Begins with `local:` before the first welcome. */
  readonly id: string
  readonly channel: string
  readonly event: string
  /** As it goes over the wire. */
  readonly data: unknown
  readonly status: Source<PublicationStatus>
  /** Resolves with its place in the log; rejects with the TidingsError that refused it. May be left alone. */
  readonly done: Promise<Position>
}

/** The writes that have no final answer yet, oldest first. */
export interface OutboxView extends Source<readonly Publication[]> {
  /** Drops those that were not sent yet: each is refused. Returns how many. */
  clear(): number
}

export interface OutboxLimits {
  /** Writes that may wait for their answer. Default 500. */
  readonly maxMessages: number
  /** Bytes that they may have together. Default 2,000,000. */
  readonly maxBytes: number
  /** Writes that may be under way unanswered. Default 64. */
  readonly maxInFlight: number
}
