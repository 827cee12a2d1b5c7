// The log of a mock: the one in memory, with a past. A channel that is opened for the first time has had entries for a
// while; which channels have readers is known; and it can fail, or be lost.

import {
  type Cancel,
  type Chance,
  type ChannelRef,
  type Clock,
  type Contract,
  type Position,
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
} from '@tidings/server'
import { memoryBroker } from '@tidings/server/memory'
import type { Samples } from './samples.ts'

export interface StageOptions {
  readonly contract: Contract
  readonly samples: Samples
  readonly clock: Clock
  readonly chance: Chance
  /** Entries that a channel has when it is first opened. */
  readonly history: number
  readonly isDown: () => boolean
  readonly report: (error: unknown) => void
}

/** Between two entries of the past, in milliseconds: up to twice this. */
const PACE_MS = 240_000

export class Stage implements Broker {
  readonly #options: StageOptions
  readonly #known = new Set<string>()
  readonly #open = new Map<string, number>()
  #log: ReturnType<typeof memoryBroker>
  /** How long ago what is being appended has happened. */
  #agoMs = 0

  constructor(options: StageOptions) {
    this.#options = options
    this.#log = this.#newLog()
  }

  /** The channels that somebody follows. */
  get open(): ChannelRef[] {
    return [...this.#open.keys()].flatMap((name) => this.#options.contract.resolve(name) ?? [])
  }

  /** Forgets everything: the next reader meets another epoch. */
  lose(): void {
    void this.#log.close()
    this.#log = this.#newLog()
    this.#known.clear()
    this.#open.clear()
  }

  async append(request: AppendRequest): Promise<AppendOutcome> {
    this.#mustBeUp(request.channel)
    this.#remember(request.channel)
    return this.#log.append(request)
  }

  async read(channel: string, after: Position | 'start', limits: ReadLimits): Promise<ReadOutcome> {
    this.#mustBeUp(channel)
    this.#remember(channel)
    return this.#log.read(channel, after, limits)
  }

  async head(channel: string): Promise<LogHead> {
    this.#mustBeUp(channel)
    this.#remember(channel)
    return this.#log.head(channel)
  }

  async attach(channel: string, listener: BrokerListener): Promise<Cancel> {
    this.#mustBeUp(channel)
    this.#remember(channel)
    const log = this.#log
    const cancel = await log.attach(channel, listener)
    this.#open.set(channel, (this.#open.get(channel) ?? 0) + 1)
    let isOpen = true
    return () => {
      cancel()
      const readers = this.#open.get(channel) ?? 0
      if (!isOpen || log !== this.#log) return
      isOpen = false
      if (readers > 1) this.#open.set(channel, readers - 1)
      else this.#open.delete(channel)
    }
  }

  problem(): string | undefined {
    return this.#options.isDown() ? DOWN : this.#log.problem()
  }

  /** The server that closes its log is restarted: the log is still there. */
  async close(): Promise<void> {}

  /** The end of it all. */
  end(): Promise<void> {
    return this.#log.close()
  }

  readonly snapshots: SnapshotStore = {
    load: async (channel) => this.#log.snapshots.load(channel),
    save: async (channel, snapshot) => this.#log.snapshots.save(channel, snapshot),
  }

  /** A channel that nobody has asked for before gets its past, oldest first. */
  #remember(channel: string): void {
    if (this.#known.has(channel)) return
    this.#known.add(channel)
    const { contract, samples, chance, history, report } = this.#options
    const ref = contract.resolve(channel)
    const events = ref && history > 0 ? samples.eventsOf(ref) : []
    if (!ref || events.length === 0) return
    let agoMs = 0
    const ages = Array.from({ length: history }, () => (agoMs += Math.round(2 * PACE_MS * chance.fraction())))
    for (const age of ages.reverse())
      this.#happened(ref, events[Math.floor(chance.fraction() * events.length)] as string, age).catch(report)
  }

  async #happened(ref: ChannelRef, event: string, agoMs: number): Promise<void> {
    const { samples, clock } = this.#options
    const { retention, state } = ref.definition
    const data = JSON.stringify(samples.event(ref, event, clock.now() - agoMs))
    // The log looks at the clock before `append` returns.
    this.#agoMs = agoMs
    const appended = this.#log.append({
      channel: ref.name,
      drafts: [{ event, data }],
      keep: { entries: retention.entries, ageMs: retention.ageMs, sinceSnapshot: state !== undefined },
    })
    this.#agoMs = 0
    await appended
  }

  #newLog(): ReturnType<typeof memoryBroker> {
    const { clock, chance, report } = this.#options
    return memoryBroker({ clock: { ...neverTimed, now: () => clock.now() - this.#agoMs }, chance, report })
  }

  #mustBeUp(channel: string): void {
    if (this.#options.isDown()) throw new TidingsError('unavailable', DOWN, { channel })
  }
}

const DOWN = 'The log is down, as the fault "log-down" has it.'

/** The log in memory asks for the wall time alone. */
const neverTimed = {
  monotonic: () => 0,
  setTimer: () => () => {},
  endOfTurn: () => {},
} satisfies Omit<Clock, 'now'>
