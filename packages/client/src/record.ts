// What is written down of an outbox: who writes, and the writes. Whatever comes back from a disk is checked here; where it
// is kept is the storage's affair.

import { MAX_NAME_LENGTH, TidingsError } from '@tidings/core'
import type { StoredRow } from './storage.ts'
import type { Write } from './write.ts'

/** Of one record: all that its writes have in common. */
export interface Head {
  readonly format: 1
  /** Secret name of the writer. */
  readonly producer: string
  /** [OB3] Counted up by each page that goes on under this name. */
  readonly epoch: number
  /** The server, by the address that the app gives. */
  readonly url: string
  /** [OB4] Whom the server took the writer for, null for nobody in particular; absent as long as it has not said. */
  readonly user?: string | null | undefined
  /**
   * [OB4] In somebody's record, rows from this order on are nobody's: a page has written them here that was never welcome, and
   * whose app does not name its user. Absent, or 0, where there are none.
   */
  readonly strayFrom?: number | undefined
  /** Public name of the writer, once the server has said it. */
  readonly you?: string
  /** Rows up to this order may have been sent; those after it have never been. */
  readonly sentUpTo: number
  /** When a page last took it up or was welcome under it, in wall milliseconds. */
  readonly usedAt: number
}

export const EVERYTHING = Number.MAX_SAFE_INTEGER

/** [OB4] From this order on the rows of a record are nobody's. */
export function straysBegin({ user, strayFrom }: Head): number {
  return user === undefined ? 0 : strayFrom || EVERYTHING
}

/** The head of a record; undefined where it is of a later format. Throws where it is none at all. */
export function readHead(value: unknown): Head | undefined {
  const head = value as Partial<Head> | null | undefined
  if (isCount(head?.format) && head.format > 1) return undefined
  if (
    head?.format === 1 &&
    isText(head.producer) &&
    isCount(head.epoch) &&
    isText(head.url) &&
    (head.user == null || isText(head.user)) &&
    isCount(head.strayFrom ?? 0) &&
    (head.you === undefined || isText(head.you)) &&
    isCount(head.sentUpTo) &&
    isCount(head.usedAt)
  ) {
    // Each field has been looked at.
    return head as Head
  }
  throw corrupted('a record')
}

/** One write as it is stored. */
interface Row {
  readonly channel: string
  readonly event: string
  readonly text: string
  readonly sequence: number
  readonly at: number
}

export function toRow({ draft, sequence }: Write, order: number): StoredRow {
  const { channel, event, text, at } = draft
  const value: Row = { channel, event, text, sequence, at }
  return { order, value }
}

export interface KeptWrite extends Row {
  readonly order: number
  readonly data: unknown
}

/** Throws where it is none. */
export function readRow({ order, value }: StoredRow): KeptWrite {
  const row = value as Partial<Row> | null | undefined
  if (
    isCount(order) &&
    isText(row?.channel) &&
    row.channel.length <= MAX_NAME_LENGTH &&
    isText(row.event) &&
    isText(row.text) &&
    isCount(row.sequence) &&
    isCount(row.at)
  ) {
    try {
      // Each field has been looked at.
      return { ...(row as Row), order, data: JSON.parse(row.text) }
    } catch {}
  }
  throw corrupted('a write')
}

const isText = (value: unknown): value is string => typeof value === 'string' && value !== ''
const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0

function corrupted(what: string): TidingsError {
  return new TidingsError(
    'invalid-data',
    `The outbox's storage holds ${what} that cannot be read; it is removed.`,
  )
}
