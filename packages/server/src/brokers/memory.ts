// The log in memory: for tests, demonstrations, and apps whose history may end with the process. It keeps every rule of
// the broker but durability; a restart begins another epoch, so readers are told (BR9).

import {
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
} from '../broker.ts'
import { isReplacedBy, newEpoch, newTags } from './history.ts'
import { defaultIdentityMemory, type IdentityMemory } from './identity.ts'
import { Listeners } from './listeners.ts'
import { MemoryLog } from './memory-log.ts'

export interface MemoryBrokerOptions {
  /** Only asked for the wall time; no timer is set. Default: the system's. */
  readonly clock?: Clock | undefined
  /** Names the epoch and marks the entries. Default: the system's. */
  readonly chance?: Chance | undefined
  /** How long producers and idempotency keys are remembered. Defaults: 30 days and 24 hours. */
  readonly memory?: Partial<IdentityMemory> | undefined
  /** Told what a listener threw. Default: writes it to the console. */
  readonly report?: ((error: unknown) => void) | undefined
}

/**
 * A broker without a disk.
 *
 * @example
 * const server = createServer({ contract, broker: memoryBroker() })
 */
export function memoryBroker(
  options: MemoryBrokerOptions = {},
): Broker & { readonly snapshots: SnapshotStore } {
  return new MemoryBroker(options)
}

class MemoryBroker implements Broker {
  readonly #clock: Clock
  readonly #chance: Chance
  readonly #memory: IdentityMemory
  readonly #epoch: string
  readonly #logs = new Map<string, MemoryLog>()
  readonly #listeners: Listeners
  readonly #untold = new Map<string, StoredEntry[]>()
  #telling: Promise<void> | undefined
  #isClosed = false

  constructor({
    clock = systemClock,
    chance = systemChance,
    memory,
    report = console.error,
  }: MemoryBrokerOptions) {
    this.#clock = clock
    this.#chance = chance
    this.#memory = { ...defaultIdentityMemory, ...memory }
    this.#epoch = newEpoch(chance)
    this.#listeners = new Listeners(report)
  }

  /** Takes effect at once, so calls land in their order (BR3); listeners hear of it before anybody who awaits the answer. */
  append(request: AppendRequest): AppendOutcome | Promise<AppendOutcome> {
    const { channel } = request
    if (this.#isClosed) return Promise.reject(closedError(channel))
    const known = this.#logs.get(channel)
    const log = known ?? this.#emptyLog()
    const { outcome, entries } = log.append(request, newTags(request, this.#chance), this.#clock.now())
    if (entries.length === 0) return outcome
    if (!known) this.#logs.set(channel, log)
    this.#tellSoon(channel, entries)
    return outcome
  }

  async read(channel: string, after: Position | 'start', limits: ReadLimits): Promise<ReadOutcome> {
    this.#refuseIfClosed(channel)
    return (this.#logs.get(channel) ?? this.#emptyLog()).read(after, limits)
  }

  async head(channel: string): Promise<LogHead> {
    this.#refuseIfClosed(channel)
    return (this.#logs.get(channel) ?? this.#emptyLog()).head
  }

  async attach(channel: string, listener: BrokerListener): Promise<Cancel> {
    this.#refuseIfClosed(channel)
    return this.#listeners.attach(channel, listener)
  }

  problem(): string | undefined {
    return this.#isClosed ? 'The log in memory is closed.' : undefined
  }

  async close(): Promise<void> {
    this.#isClosed = true
    await this.#telling
    this.#listeners.clear()
    this.#logs.clear()
  }

  readonly snapshots: SnapshotStore = {
    load: async (channel) => {
      this.#refuseIfClosed(channel)
      return this.#logs.get(channel)?.snapshot
    },
    save: async (channel, snapshot) => {
      this.#refuseIfClosed(channel)
      const log = this.#logs.get(channel) ?? this.#emptyLog()
      this.#logs.set(channel, log)
      if (isReplacedBy(log.snapshot, snapshot)) log.snapshot = snapshot
    },
  }

  #emptyLog(): MemoryLog {
    return new MemoryLog(this.#epoch, this.#memory)
  }

  /** Not at once: a listener that appends would be heard of before what it was told. */
  #tellSoon(channel: string, entries: readonly StoredEntry[]): void {
    const untold = this.#untold.get(channel)
    if (!untold) this.#untold.set(channel, [...entries])
    else for (const entry of entries) untold.push(entry)
    this.#telling ??= Promise.resolve().then(() => this.#tell())
  }

  #tell(): void {
    const untold = [...this.#untold]
    this.#untold.clear()
    this.#telling = undefined
    for (const [channel, entries] of untold) this.#listeners.tell(channel, this.#epoch, entries)
  }

  #refuseIfClosed(channel: string): void {
    if (this.#isClosed) throw closedError(channel)
  }
}

function closedError(channel: string): TidingsError {
  return new TidingsError('unavailable', 'The log in memory is closed.', { channel })
}
