// The log in a SQLite file: a plain synchronous object for whoever may block (sqlite-worker.ts). A batch of writes is
// one transaction; what a failed one may have left behind is found and undone before anything else happens (BR10).

import type { Position } from '@tidings/core'
import {
  type AppendOutcome,
  type KeepRule,
  type LogHead,
  type ReadLimits,
  type ReadOutcome,
  resetReasonFor,
  type StoredEntry,
  type StoredSnapshot,
} from '../broker.ts'
import { Recent } from '../recent.ts'
import { isReplacedBy } from './history.ts'
import { isTrimDue, trimAtMost, trimLimit } from './retention.ts'
import { type ConnectionOptions, SqliteConnection } from './sqlite-connection.ts'
import { explainFault, resultCode, SQLITE_FULL } from './sqlite-file.ts'
import type { Known } from './sqlite-receipts.ts'
import { type PackedAppend, RunsUnderWay } from './sqlite-runs.ts'
import type { Head } from './sqlite-tables.ts'

export interface SqliteLogOptions extends ConnectionOptions {
  /** Begins the names of the histories that this object starts: random, and used by no other. */
  readonly epochPrefix: string
  /**
   * Tags, by channel, of entries that an earlier owner of the file was asked to write and never answered: refused
   * meanwhile, they may be in it all the same. They are taken back.
   */
  readonly refused?: ReadonlyMap<string, ReadonlySet<string>> | undefined
}

export type Write =
  | PackedAppend
  | { readonly kind: 'save'; readonly channel: string; readonly snapshot: StoredSnapshot }
  /** Writes nothing of meaning, to see whether the disk takes it. */
  | { readonly kind: 'probe' }

/** Of an append: its first offset, or what else came of it. Undefined of other writes. */
export type WriteResult = number | Exclude<AppendOutcome, { readonly outcome: 'appended' }> | undefined

interface Channel {
  readonly id: number
  head: Head
  oldestOffset: number
}

/** The append at which a channel fell due: its rule speaks of the entries up to it. */
interface Due {
  readonly offset: number
  readonly keep: KeepRule
  readonly at: number
}

/** Channels whose head is at hand without a look into the file: some 4 MB. */
const CHANNELS_AT_HAND = 16_384

export class SqliteLog {
  readonly #options: SqliteLogOptions
  readonly #channels = new Recent<string, Channel>(CHANNELS_AT_HAND)
  /** Heads as they were before the transaction under way, of the channels that it writes to. */
  readonly #before = new Map<Channel, Head>()
  /** What the transaction under way has not given to the file yet. */
  readonly #runs = new RunsUnderWay((channel, run) => this.#connection.tables.addRun(channel, run))
  /** Channels that it has to look at for entries that may go, and by which rule. */
  readonly #due = new Map<Channel, Due>()
  /** Acknowledged heads, after a failure that leaves open what the file holds. */
  #doubtful: ReadonlyMap<number, Head> | undefined
  #epochsMade = 0
  #connection: SqliteConnection
  #epoch: string

  /** Throws a LogFault that says why the file cannot be used. */
  constructor(options: SqliteLogOptions) {
    this.#options = options
    this.#connection = this.#connect()
    this.#epoch = this.#connection.tables.epoch
    if (options.refused?.size) this.#takeBack(options.refused)
  }

  get epoch(): string {
    return this.#epoch
  }

  /** All of it becomes durable, or a LogFault is thrown and none of it ever was. */
  write(writes: readonly Write[]): readonly WriteResult[] {
    return this.#guarded((connection) => {
      try {
        const results = connection.transaction(() => this.#writeAll(writes))
        this.#before.clear()
        return results
      } catch (error) {
        this.#abandon(error)
        throw error
      }
    })
  }

  read(name: string, after: Position | 'start', { maxEntries, maxLength }: ReadLimits): ReadOutcome {
    return this.#guarded(({ tables }) => {
      const channel = this.#find(name)
      const head = this.#headOf(channel)
      const reason =
        after === 'start'
          ? undefined
          : resetReasonFor(after, head, (offset) => channel && tables.tagAt(channel.id, offset))
      if (reason) return { outcome: 'reset', reason, head }
      const entries: StoredEntry[] = []
      const offset = after === 'start' ? head.oldestOffset - 1 : after.offset
      if (channel && offset < head.position.offset) {
        let length = 0
        for (const entry of tables.entriesAfter(channel.id, offset)) {
          if (entries.length === maxEntries) break
          entries.push(entry)
          length += entry.data.length
          if (length >= maxLength) break
        }
      }
      return { outcome: 'page', epoch: this.#epoch, entries, head }
    })
  }

  head(name: string): LogHead {
    return this.#guarded(() => this.#headOf(this.#find(name)))
  }

  snapshot(name: string): StoredSnapshot | undefined {
    return this.#guarded(({ tables }) => {
      const channel = this.#find(name)
      return channel && tables.snapshot(channel.id)
    })
  }

  /** Gives the file free. Nothing may be called after it. */
  close(): void {
    this.#connection.close()
  }

  #guarded<Result>(run: (connection: SqliteConnection) => Result): Result {
    try {
      if (this.#doubtful || this.#connection.isElsewhere) this.#reconnect()
      return run(this.#connection)
    } catch (error) {
      throw explainFault(error, this.#options.file)
    }
  }

  #writeAll(writes: readonly Write[]): readonly WriteResult[] {
    const results = writes.map((write) => this.#write(write))
    this.#runs.flush()
    this.#connection.receipts.flush()
    for (const [channel, due] of this.#due) this.#trim(channel, due)
    this.#due.clear()
    return results
  }

  #write(write: Write): WriteResult {
    switch (write.kind) {
      case 'append':
        return this.#append(write)
      case 'save':
        return this.#save(write.channel, write.snapshot)
      case 'probe':
        return void this.#connection.tables.probe()
    }
  }

  #append(append: PackedAppend): WriteResult {
    const { channel: name, identity, keep, at, count, tag } = append
    const { receipts } = this.#connection
    const known = this.#find(name)
    const answer = identity && receipts.answer(known?.id, identity)
    if (answer) return this.#outcomeOf(answer)

    const channel = known ?? this.#create(name)
    if (!this.#before.has(channel)) this.#before.set(channel, channel.head)
    const firstOffset = channel.head.offset + 1
    const offset = channel.head.offset + count
    channel.head = { offset, tag }
    this.#runs.add(channel.id, offset, append)
    if (identity) receipts.remember(channel.id, identity, { firstOffset, offset, tag }, at)
    if (isTrimDue(firstOffset, offset, channel.id)) this.#due.set(channel, { offset, keep, at })
    return firstOffset
  }

  #outcomeOf(answer: Known): WriteResult {
    if (answer.outcome !== 'duplicate') return answer
    const { firstOffset, offset, tag } = answer
    return { outcome: 'duplicate', firstOffset, position: { epoch: this.#epoch, offset, tag } }
  }

  #save(name: string, snapshot: StoredSnapshot): undefined {
    const { tables } = this.#connection
    const channel = this.#find(name) ?? this.#create(name)
    if (isReplacedBy(tables.snapshotMark(channel.id), snapshot)) tables.putSnapshot(channel.id, snapshot)
  }

  #trim(channel: Channel, { offset, keep, at }: Due): void {
    const { tables } = this.#connection
    const snapshot = keep.sinceSnapshot ? tables.snapshotMark(channel.id)?.position : undefined
    const snapshotOffset = snapshot?.epoch === this.#epoch ? snapshot.offset : undefined
    const come = channel.head.offset - (this.#before.get(channel)?.offset ?? 0)
    // The oldest run leaves as a whole, however many entries an append has brought to it.
    const most = Math.max(
      channel.oldestOffset - 1 + trimAtMost(come),
      tables.oldestRun(channel.id)?.last ?? 0,
    )
    let upTo = Math.min(trimLimit(keep, offset, snapshotOffset), most)
    if (upTo >= channel.oldestOffset && keep.ageMs !== undefined) {
      const young = tables.firstSince(channel.id, upTo, at - keep.ageMs)
      if (young !== undefined) upTo = young - 1
    }
    if (upTo < channel.oldestOffset) return
    tables.dropUpTo(channel.id, upTo)
    channel.oldestOffset = tables.oldestRun(channel.id)?.first ?? channel.head.offset + 1
  }

  #find(name: string): Channel | undefined {
    const atHand = this.#channels.get(name)
    if (atHand) return atHand
    const { tables } = this.#connection
    const id = tables.channel(name)
    if (id === undefined) return undefined
    // It may have been at hand a moment ago.
    this.#runs.flush()
    const channel = { id, head: tables.head(id), oldestOffset: tables.oldestRun(id)?.first ?? 1 }
    this.#channels.set(name, channel)
    return channel
  }

  #create(name: string): Channel {
    const channel = {
      id: this.#connection.tables.addChannel(name),
      head: { offset: 0, tag: '' },
      oldestOffset: 1,
    }
    this.#channels.set(name, channel)
    return channel
  }

  #headOf(channel: Channel | undefined): LogHead {
    const { offset, tag } = channel?.head ?? { offset: 0, tag: '' }
    return { position: { epoch: this.#epoch, offset, tag }, oldestOffset: channel?.oldestOffset ?? 1 }
  }

  /** Forgets what a transaction did that was undone. */
  #abandon(error: unknown): void {
    for (const [channel, head] of this.#before) channel.head = head
    // A full disk is a plain matter. After any other failure the disk may hold less than it said, or a commit that was refused.
    if (resultCode(error) !== SQLITE_FULL) this.#doubtful = this.#headsAtHand()
    this.#before.clear()
    this.#runs.forget()
    this.#due.clear()
    this.#channels.clear()
    this.#connection.receipts.forgetStates()
  }

  /** Opens the file anew, and makes it hold what was acknowledged, or say by another epoch that it does not (BR9). */
  #reconnect(): void {
    const acknowledged = this.#doubtful ?? this.#headsAtHand()
    this.#doubtful = acknowledged
    this.#channels.clear()
    this.#connection.close()
    this.#connection = this.#connect()
    const { tables } = this.#connection
    this.#connection.transaction(() => {
      const isWhole = this.#restore(acknowledged)
      if (!isWhole && tables.epoch === this.#epoch) tables.epoch = this.#nextEpoch()
    })
    this.#epoch = tables.epoch
    this.#doubtful = undefined
  }

  /** Takes back what came after the acknowledged heads; says whether these are all there. */
  #restore(acknowledged: ReadonlyMap<number, Head>): boolean {
    const { tables, receipts } = this.#connection
    let isWhole = true
    for (const [id, { offset, tag }] of acknowledged) {
      if (offset > 0 && tables.tagAt(id, offset) !== tag) isWhole = false
      else if (tables.head(id).offset > offset) {
        tables.dropAfter(id, offset)
        receipts.retract(id, offset)
      }
    }
    return isWhole
  }

  /** Nobody has seen these entries: they are the last of their channels. */
  #takeBack(refused: ReadonlyMap<string, ReadonlySet<string>>): void {
    const { tables, receipts } = this.#connection
    this.#connection.transaction(() => {
      for (const [name, tags] of refused) {
        const id = tables.channel(name)
        if (id === undefined) continue
        const head = tables.head(id)
        let { offset, tag } = head
        while (offset > 0 && tags.has(tag)) tag = tables.tagAt(id, --offset) ?? ''
        // A commit is refused as a whole, so they end where a run does. Where all before them was trimmed already, they stay: a log that forgets how far it was would begin anew.
        if (offset === head.offset || (offset > 0 && tag === '')) continue
        tables.dropAfter(id, offset)
        receipts.retract(id, offset)
      }
    })
  }

  #headsAtHand(): ReadonlyMap<number, Head> {
    return new Map(this.#channels.values().map(({ id, head }) => [id, head]))
  }

  #connect(): SqliteConnection {
    return new SqliteConnection(this.#options, this.#nextEpoch())
  }

  #nextEpoch(): string {
    return `${this.#options.epochPrefix}${++this.#epochsMade}`
  }
}
