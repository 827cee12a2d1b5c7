// The port of the log. A broker keeps the entries of every channel, says who wrote what already, and tells this node
// about each new entry. Its rules are BR1–BR10 of SPEC.md; the suite in @tidings/testing proves them for any broker.

import type { Cancel, Position, ResetReason } from '@tidings/core'

/** An entry before the log has it. `data` is JSON text: parsed once at the boundary, never again on the way. */
export interface Draft {
  readonly event: string
  readonly data: string
}

export interface StoredEntry extends Draft {
  readonly offset: number
  readonly tag: string
  /** When it was appended, by the broker's clock: milliseconds since 1970. */
  readonly at: number
  /** Public name of the producer and its sequence number; both absent for a backend's. */
  readonly by?: string | undefined
  readonly sequence?: number | undefined
}

/** What makes a retried append recognisable. */
export type AppendIdentity =
  | {
      readonly kind: 'producer'
      /** Secret name, already bound to its user. */
      readonly producer: string
      readonly epoch: number
      readonly sequence: number
      /** The last number before this one that was not refused. */
      readonly previous: number
    }
  | {
      readonly kind: 'key'
      readonly key: string
      /** Digest of the body: the same key with another one is a conflict. */
      readonly digest: string
    }

export interface KeepRule {
  /** At least this many entries stay. */
  readonly entries: number
  /** Entries older than this may go, in milliseconds. */
  readonly ageMs?: number | undefined
  /** The channel has a state: entries after its last snapshot stay, whatever their number. */
  readonly sinceSnapshot: boolean
}

export interface AppendRequest {
  readonly channel: string
  /** One entry or more, all or none. Over HTTP no more come than `batchEvents` of the limits allows. */
  readonly drafts: readonly Draft[]
  readonly identity?: AppendIdentity | undefined
  /** Public name of the producer, kept with the entries together with the identity's sequence number. */
  readonly by?: string | undefined
  readonly keep: KeepRule
}

export type AppendOutcome =
  | {
      readonly outcome: 'appended' | 'duplicate'
      readonly firstOffset: number
      /** Of the last entry. */
      readonly position: Position
    }
  /** The key was used with another body. */
  | { readonly outcome: 'conflict' }
  /** `epoch` is the producer's newest. */
  | { readonly outcome: 'fenced'; readonly epoch: number }
  /** `last` is the highest number the log has of this producer, -1 where it has none. */
  | { readonly outcome: 'gap'; readonly last: number }
  | { readonly outcome: 'skipped'; readonly last: number }

export interface LogHead {
  /** The newest entry's position; `epoch:0:` where there has been none. */
  readonly position: Position
  /** Offset of the oldest entry kept; the head's plus one where none is. */
  readonly oldestOffset: number
}

export interface ReadLimits {
  readonly maxEntries: number
  /** A page ends after the entry that reaches this many UTF-16 units of data; it has at least one entry. */
  readonly maxLength: number
}

export type ReadOutcome =
  | {
      readonly outcome: 'page'
      readonly epoch: string
      readonly entries: readonly StoredEntry[]
      readonly head: LogHead
    }
  | { readonly outcome: 'reset'; readonly reason: Exclude<ResetReason, 'limit'>; readonly head: LogHead }

export interface StoredSnapshot {
  readonly version: number
  readonly position: Position
  /** JSON text. */
  readonly state: string
}

/** Where a broker can keep the states of channels: what lets history be trimmed and newcomers start at once. */
export interface SnapshotStore {
  load(channel: string): Promise<StoredSnapshot | undefined>
  /**
   * Keeps the newer of the two where one is already there; a snapshot of another epoch replaces it. A log that can lose
   * its end does not keep one at a position that it does not have: nodes may bring the state of what was lost.
   */
  save(channel: string, snapshot: StoredSnapshot): Promise<void>
}

/**
 * Entries with consecutive offsets of one epoch, right after they became durable. A broker whose messages may go astray,
 * or whose history may lose its end, says more: the tag of the entry that they follow (empty before the first), and, by
 * calling without entries, that something may have been missed. Then the node looks into the log.
 */
export type BrokerListener = (epoch: string, entries: readonly StoredEntry[], previousTag?: string) => void

export interface Broker {
  /**
   * Rejects with `unavailable` when the log cannot be written; then nothing of the request was accepted. A log that need
   * not wait for anything gives its answer as it is, without a promise; a failure is a rejection even then.
   */
  append(request: AppendRequest): AppendOutcome | Promise<AppendOutcome>
  /** Entries after a position, or from the oldest kept (`start`: never a reset). Rejects with `unavailable`. */
  read(channel: string, after: Position | 'start', limits: ReadLimits): Promise<ReadOutcome>
  head(channel: string): Promise<LogHead>
  /** Starts telling `listener` about the channel; undone by what it resolves to. */
  attach(channel: string, listener: BrokerListener): Promise<Cancel>
  /** A sentence when the broker cannot do its work at the moment, else undefined. */
  problem(): string | undefined
  /** Writes what was accepted and lets go of everything. Calls after it reject with `unavailable`. */
  close(): Promise<void>
  readonly snapshots?: SnapshotStore | undefined
}

/**
 * Stands for the tag of an entry that is no longer kept, in the position before the oldest one that is. Who stands there
 * has seen nothing of this history yet, and goes on for as long as that oldest entry is kept. No entry has this tag.
 */
export const UNSEEN_TAG = '0'

/** The position from which the oldest entry kept is the next one. */
export function beforeOldest({ position, oldestOffset }: LogHead): Position {
  if (oldestOffset === 1) return { epoch: position.epoch, offset: 0, tag: '' }
  if (oldestOffset > position.offset) return position
  return { epoch: position.epoch, offset: oldestOffset - 1, tag: UNSEEN_TAG }
}

/**
 * Decides whether history answers a reader at `after`; the one place where that is decided, for every broker and cache.
 * `tagAt` gives the tag at an offset, or undefined where the entry is not kept. Entries that follow `after` must all
 * be kept; the entry at `after` itself need not be when the reader is at the head, whose tag is always known.
 */
export function resetReasonFor(
  after: Position,
  head: LogHead,
  tagAt: (offset: number) => string | undefined,
): Exclude<ResetReason, 'limit'> | undefined {
  if (after.epoch !== head.position.epoch) return 'epoch'
  if (after.offset > head.position.offset) return 'ahead'
  if (after.offset === 0 || after.tag === UNSEEN_TAG)
    return head.oldestOffset <= after.offset + 1 ? undefined : 'trimmed'
  if (after.offset === head.position.offset) return after.tag === head.position.tag ? undefined : 'fork'
  const tag = tagAt(after.offset)
  // Without the entry itself nothing proves that this is the history that the reader saw.
  if (tag === undefined) return 'trimmed'
  return tag === after.tag ? undefined : 'fork'
}
