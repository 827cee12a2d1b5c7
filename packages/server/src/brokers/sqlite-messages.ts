// What the broker and its worker thread say to each other. Each of the two lanes is answered in the order of asking, so
// nothing needs a number; the two overtake each other.

import type { Position } from '@tidings/core'
import type { LogHead, ReadLimits, ReadOutcome, StoredSnapshot } from '../broker.ts'
import type { SqliteLogOptions, WriteResult } from './sqlite-log.ts'
import type { WriteCells } from './sqlite-rows.ts'

/** What the thread begins with. */
export interface ThreadData {
  readonly log: SqliteLogOptions
  /** Counts the messages that were sent to the thread, which sleeps while the count stays the same. */
  readonly calls: Int32Array
}

export type Read =
  | {
      readonly kind: 'read'
      readonly channel: string
      readonly after: Position | 'start'
      readonly limits: ReadLimits
    }
  | { readonly kind: 'head'; readonly channel: string }
  | { readonly kind: 'load'; readonly channel: string }

export type ReadResult = ReadOutcome | LogHead | StoredSnapshot | undefined

/** What one turn of the event loop brought. */
export interface Requests {
  readonly writes: WriteCells
  readonly reads: readonly Read[]
  /** Last of all: write what has come, answer, and give the file free. */
  readonly close: boolean
}

export type Reply =
  /** One commit: these writes are durable, and came out like this. */
  | { readonly kind: 'written'; readonly epoch: string; readonly results: readonly WriteResult[] }
  /** So many writes were refused together. */
  | { readonly kind: 'unwritten'; readonly count: number; readonly message: string }
  | { readonly kind: 'found'; readonly result: ReadResult }
  | { readonly kind: 'unread'; readonly message: string }

/** Comes first, before anything was asked. */
export type Opening = { readonly kind: 'opened' } | { readonly kind: 'refused'; readonly message: string }
