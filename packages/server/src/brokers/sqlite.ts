// The log in a SQLite file: on disk before it is acknowledged, one process at a time. The file belongs to a thread of
// its own (sqlite-worker.ts); here entries get their marks, listeners are told, and failures are put into words.

import { resolve } from 'node:path'
import {
  type Backoff,
  backoffDelayMs,
  type Cancel,
  type Chance,
  type Clock,
  type Position,
  systemChance,
  systemClock,
  TidingsError,
} from '@tidings/core'
import type {
  AppendOutcome,
  AppendRequest,
  Broker,
  BrokerListener,
  LogHead,
  ReadLimits,
  ReadOutcome,
  SnapshotStore,
  StoredEntry,
  StoredSnapshot,
} from '../broker.ts'
import { entriesOf, newEpoch, newTags } from './history.ts'
import { defaultIdentityMemory, type IdentityMemory } from './identity.ts'
import { Listeners } from './listeners.ts'
import type { WriteResult } from './sqlite-log.ts'
import type { Read, ReadResult } from './sqlite-messages.ts'
import {
  type AskedAppend,
  type AskedWrite,
  SqliteThread,
  type ThreadEvents,
  type ThreadOptions,
} from './sqlite-thread.ts'

export interface SqliteBrokerOptions {
  /** Path of the file; made, with its folder, where there is none. One process at a time owns it. */
  readonly file: string
  /** Size that the file may reach, in bytes; past it appends are refused. Default: as much as the disk holds. */
  readonly maxBytes?: number | undefined
  /** Writes that may wait for the disk; more are refused. Default 32,768. */
  readonly maxWaitingWrites?: number | undefined
  /** UTF-16 units of data that may wait with them; more are refused. Default 67,108,864. */
  readonly maxWaitingLength?: number | undefined
  /** Reads that may wait for the disk; more are refused. Default 32,768. */
  readonly maxWaitingReads?: number | undefined
  /** How long producers and idempotency keys are remembered. Defaults: 30 days and 24 hours. */
  readonly memory?: Partial<IdentityMemory> | undefined
  readonly clock?: Clock | undefined
  /** Names the epoch and marks the entries. Default: the system's. */
  readonly chance?: Chance | undefined
  /** Told what a listener threw. Default: writes it to the console. */
  readonly report?: ((error: unknown) => void) | undefined
}

export type SqliteBroker = Broker & { readonly snapshots: SnapshotStore }

/**
 * Opens the log. Rejects with `unavailable`, and a sentence that says what to do, when the file cannot be used: another
 * process owns it, it is something else, it may not be written.
 *
 * @example
 * const broker = await sqliteBroker({ file: 'data/log.db' })
 */
export function sqliteBroker(options: SqliteBrokerOptions): Promise<SqliteBroker> {
  return BrokerOnDisk.open(options)
}

/** How long after a failed commit the disk is tried again, in milliseconds; an append may do so before. */
const PROBE_AFTER_MS = 1_000

/** How long after its thread died another one takes the file over: soon, as appends are refused until then. */
const RESTART: Backoff = { firstMs: 1_000, factor: 2, maxMs: 30_000 }

class BrokerOnDisk implements SqliteBroker {
  readonly #clock: Clock
  readonly #chance: Chance
  readonly #listeners: Listeners
  readonly #options: Omit<ThreadOptions, 'log'> & { readonly log: Omit<ThreadOptions['log'], 'epochPrefix'> }
  #thread!: SqliteThread
  #problem: string | undefined
  /** Of the next look at what does not work: a probe of the disk, or another thread. */
  #cancelRetry: Cancel | undefined
  /** Deaths and failed starts of the thread since the disk last took something. */
  #failures = 0
  #restart: Promise<void> | undefined
  /** Tags, by channel, of what was refused because the thread had died, and may be in the file. */
  readonly #refused = new Map<string, Set<string>>()
  #isClosed = false

  static async open(options: SqliteBrokerOptions): Promise<SqliteBroker> {
    const broker = new BrokerOnDisk(options)
    await broker.#open()
    return broker
  }

  private constructor(options: SqliteBrokerOptions) {
    const { clock = systemClock, chance = systemChance, report = console.error } = options
    this.#clock = clock
    this.#chance = chance
    this.#listeners = new Listeners(report)
    this.#options = {
      log: {
        file: resolve(options.file),
        maxBytes: options.maxBytes,
        memory: { ...defaultIdentityMemory, ...options.memory },
        refused: this.#refused,
      },
      clock,
      maxWaitingWrites: options.maxWaitingWrites ?? 32_768,
      maxWaitingLength: options.maxWaitingLength ?? 67_108_864,
      maxWaitingReads: options.maxWaitingReads ?? 32_768,
    }
  }

  async #open(): Promise<void> {
    // Another prefix for each thread: none may give a history the name of an earlier one.
    const log = { ...this.#options.log, epochPrefix: newEpoch(this.#chance) }
    this.#thread = await SqliteThread.open({ ...this.#options, log }, this.#events)
    this.#refused.clear()
    this.#problem = undefined
  }

  /** Calls land in their order, across channels too (BR3); listeners hear of it right before the promise resolves. */
  append(request: AppendRequest): Promise<AppendOutcome> {
    if (this.#isClosed) return Promise.reject(closed(request.channel))
    const tags = newTags(request, this.#chance)
    const write: AskedWrite = { kind: 'append', request, tags, at: this.#clock.now() }
    return this.#thread.write(write, (epoch, result) => {
      // An append always has a result.
      if (typeof result !== 'number') return result as Exclude<WriteResult, number | undefined>
      const position = { epoch, offset: result + tags.length - 1, tag: tags.at(-1) ?? '' }
      return { outcome: 'appended', firstOffset: result, position }
    })
  }

  read(channel: string, after: Position | 'start', limits: ReadLimits): Promise<ReadOutcome> {
    return this.#find({ kind: 'read', channel, after, limits }) as Promise<ReadOutcome>
  }

  head(channel: string): Promise<LogHead> {
    return this.#find({ kind: 'head', channel }) as Promise<LogHead>
  }

  async attach(channel: string, listener: BrokerListener): Promise<Cancel> {
    if (this.#isClosed) throw closed(channel)
    return this.#listeners.attach(channel, listener)
  }

  problem(): string | undefined {
    return this.#isClosed ? 'The log is closed.' : this.#problem
  }

  async close(): Promise<void> {
    this.#isClosed = true
    this.#cancelRetry?.()
    await this.#restart
    await this.#thread.close()
    this.#listeners.clear()
  }

  readonly snapshots: SnapshotStore = {
    load: (channel) => this.#find({ kind: 'load', channel }) as Promise<StoredSnapshot | undefined>,
    save: async (channel, snapshot) => {
      if (this.#isClosed) throw closed(channel)
      await this.#thread.write({ kind: 'save', channel, snapshot }, nothing)
    },
  }

  /** The kind of the result is that of the request. */
  async #find(read: Read): Promise<ReadResult> {
    if (this.#isClosed) throw closed(read.channel)
    return this.#thread.read(read)
  }

  readonly #events: ThreadEvents = {
    written: (epoch, writes, results) => {
      if (writes.some((write, i) => hasWritten(write, results[i]))) {
        this.#problem = undefined
        this.#failures = 0
        this.#cancelRetry?.()
      }
      this.#tell(epoch, writes, results)
    },
    unwritten: (message) => {
      this.#problem = message
      this.#retryAfter(PROBE_AFTER_MS, () => this.#probe())
    },
    died: (message, unanswered) => {
      this.#problem = message
      for (const write of unanswered) if (write.kind === 'append') this.#noteRefused(write)
      this.#retryOpening()
    },
  }

  #retryAfter(delayMs: number, retry: () => void): void {
    this.#cancelRetry?.()
    if (!this.#isClosed) this.#cancelRetry = this.#clock.setTimer(delayMs, retry)
  }

  #noteRefused({ request: { channel }, tags }: AskedAppend): void {
    const noted = this.#refused.get(channel) ?? new Set()
    this.#refused.set(channel, noted)
    for (const tag of tags) noted.add(tag)
  }

  #retryOpening(): void {
    this.#retryAfter(backoffDelayMs(RESTART, ++this.#failures, this.#chance), () => {
      this.#restart = this.#open().catch((error: unknown) => {
        this.#problem = error instanceof Error ? error.message : String(error)
        this.#retryOpening()
      })
    })
  }

  /** One call for each channel that the commit wrote to, however many appends it took. */
  #tell(epoch: string, writes: readonly AskedWrite[], results: readonly WriteResult[]): void {
    const news = new Map<string, StoredEntry[]>()
    for (const [i, write] of writes.entries()) {
      const firstOffset = results[i]
      if (write.kind !== 'append' || typeof firstOffset !== 'number') continue
      const { request, tags, at } = write
      if (!this.#listeners.has(request.channel)) continue
      const entries = entriesOf(request, tags, at, firstOffset)
      const others = news.get(request.channel)
      if (others) others.push(...entries)
      else news.set(request.channel, entries)
    }
    for (const [channel, entries] of news) this.#listeners.tell(channel, epoch, entries)
  }

  #probe(): void {
    // Its failure is told as that of any write.
    this.#thread.write({ kind: 'probe' }, nothing).catch(nothing)
  }
}

/** Whether the disk took something: an append that finds its first position, or is refused, leaves it alone. */
const hasWritten = ({ kind }: AskedWrite, result: WriteResult) =>
  kind === 'probe' || typeof result === 'number'

const closed = (channel: string) => new TidingsError('unavailable', 'The log is closed.', { channel })

const nothing = () => undefined
