// Where the log of a simulated world is kept, and how nodes get at it: the memory broker that all of them share in one
// process, or the cluster over a network of its own.

import type { Chance, Position } from '@tidings/core'
import { TidingsError } from '@tidings/core'
import type { AppendOutcome, AppendRequest, Broker, KeepRule } from '@tidings/server'
import { memoryBroker } from '@tidings/server/memory'
import { Cluster } from './cluster.ts'
import { ClusterBroker, type Doom, type Mischief } from './cluster-broker.ts'
import type { Ledger } from './ledger.ts'
import type { Machine } from './machine.ts'
import type { Shape } from './shape.ts'
import type { Timeline } from './timeline.ts'

/** A node's way to the log, and what may go wrong on it. */
export interface Access {
  readonly broker: Broker
  readonly attached: number
  /** The node dies at its next write. */
  doom(kind: Doom, strike: () => void): void
  mischief(kind: Mischief, count: number): void
  setDeaf(isDeaf: boolean): void
  setCutOff(isCutOff: boolean): void
}

export interface Store {
  open(machine: Machine): Access
  /** Where a channel's log ends. */
  head(channel: string): Promise<Position>
  setDown(isDown: boolean): void
  /** History is lost, and another begins. A log in memory is lost with its process: true means that all nodes died. */
  loseHistory(): boolean
  failOver(lost: number): void
  trim(channel: string, keep: KeepRule): void
}

export interface StoreOptions {
  readonly shape: Shape
  readonly timeline: Timeline
  readonly chance: Chance
  readonly machine: Machine
  readonly ledger: Ledger
  readonly report: (error: unknown) => void
}

export function openStore(options: StoreOptions): Store {
  return options.shape.broker === 'cluster' ? new ClusterStore(options) : new MemoryStore(options)
}

/** How often a node compares the heads of its channels, in milliseconds. Shorter than one would in earnest. */
const COMPARE_MS = 4_000

class ClusterStore implements Store {
  readonly #options: StoreOptions
  readonly #cluster: Cluster

  constructor(options: StoreOptions) {
    const { chance, machine, ledger } = options
    this.#options = options
    this.#cluster = new Cluster({ chance, now: () => machine.now(), witness: ledger })
  }

  open(machine: Machine): Access {
    const { shape, timeline, chance, report } = this.#options
    const latencyMs = shape.logLatencyMs
    const broker = new ClusterBroker({
      cluster: this.#cluster,
      machine,
      timeline,
      chance,
      latencyMs,
      compareMs: COMPARE_MS,
      report,
    })
    return {
      broker,
      get attached() {
        return broker.attached
      },
      doom: (kind, strike) => {
        broker.doom = { kind, strike }
      },
      mischief: (kind, count) => {
        for (let i = 0; i < count; i++) broker.mischief.push(kind)
      },
      setDeaf: (isDeaf) => {
        broker.isDeaf = isDeaf
        broker.mischief.length = 0
      },
      setCutOff: (isCutOff) => {
        broker.isCutOff = isCutOff
      },
    }
  }

  async head(channel: string): Promise<Position> {
    return this.#cluster.head(channel).position
  }

  setDown(isDown: boolean): void {
    this.#cluster.isDown = isDown
  }

  loseHistory(): boolean {
    this.#cluster.loseHistory()
    return false
  }

  failOver(lost: number): void {
    this.#cluster.failOver(lost)
  }

  trim(channel: string, keep: KeepRule): void {
    this.#cluster.trim(channel, keep)
  }
}

/** One memory broker in one process: its nodes live and die with it, and see the same log without delay. */
class MemoryStore implements Store {
  readonly #options: StoreOptions
  #memory: Broker
  #isDown = false

  constructor(options: StoreOptions) {
    this.#options = options
    this.#memory = this.#begin()
  }

  open(machine: Machine): Access {
    const gate = new Gate(this.#memory, machine, {
      isDown: () => this.#isDown,
      trimmed: (channel, oldestOffset) => this.#options.ledger.trimmed(channel, oldestOffset),
    })
    return {
      broker: gate,
      get attached() {
        return gate.attached
      },
      doom: (_, strike) => {
        gate.doom = strike
      },
      mischief: () => {},
      setDeaf: () => {},
      setCutOff: () => {},
    }
  }

  async head(channel: string): Promise<Position> {
    return (await this.#memory.head(channel)).position
  }

  setDown(isDown: boolean): void {
    this.#isDown = isDown
  }

  loseHistory(): boolean {
    void this.#memory.close()
    this.#memory = this.#begin()
    const none = { epoch: 'none', offset: 0, tag: '' }
    for (const channel of this.#options.shape.channels) this.#options.ledger.rolledBack(channel, none)
    return true
  }

  failOver(): void {}

  trim(): void {}

  #begin(): Broker {
    const { shape, chance, machine, ledger, report } = this.#options
    const memory = memoryBroker({ clock: machine, chance, report })
    for (const channel of shape.channels) {
      // Before any node: what a node is told has been recorded.
      void memory.attach(channel, (epoch, entries) => {
        const head = ledger.head(channel)?.position
        const first = entries[0]?.offset ?? 1
        const after = first > 1 && head?.epoch === epoch ? head : { epoch, offset: 0, tag: '' }
        ledger.appended({ channel, after, entries })
      })
    }
    return memory
  }
}

interface GateRules {
  readonly isDown: () => boolean
  readonly trimmed: (channel: string, oldestOffset: number) => void
}

/** The memory broker, as a node in its process reaches it: not at all while it is down, nor once the node is dead. */
class Gate implements Broker {
  readonly #memory: Broker
  readonly #machine: Machine
  readonly #rules: GateRules
  readonly snapshots: Broker['snapshots']
  doom: (() => void) | undefined
  attached = 0

  constructor(memory: Broker, machine: Machine, rules: GateRules) {
    this.#memory = memory
    this.#machine = machine
    this.#rules = rules
    const { snapshots } = memory
    this.snapshots = snapshots && {
      load: (channel) => this.#pass(channel, () => snapshots.load(channel)),
      save: (channel, snapshot) => this.#pass(channel, () => snapshots.save(channel, snapshot)),
    }
  }

  append(request: AppendRequest): Promise<AppendOutcome> {
    return this.#pass(request.channel, async () => {
      const outcome = await this.#memory.append(request)
      this.#rules.trimmed(request.channel, (await this.#memory.head(request.channel)).oldestOffset)
      this.doom?.()
      this.doom = undefined
      return outcome
    })
  }

  read(...[channel, after, limits]: Parameters<Broker['read']>): ReturnType<Broker['read']> {
    return this.#pass(channel, () => this.#memory.read(channel, after, limits))
  }

  head(channel: string): ReturnType<Broker['head']> {
    return this.#pass(channel, () => this.#memory.head(channel))
  }

  async attach(...[channel, listener]: Parameters<Broker['attach']>): ReturnType<Broker['attach']> {
    const detach = await this.#pass(channel, () =>
      this.#memory.attach(channel, (...news) => this.#machine.run(() => listener(...news))),
    )
    this.attached++
    let isAttached = true
    return () => {
      if (isAttached) this.attached--
      isAttached = false
      detach()
    }
  }

  problem(): string | undefined {
    return this.#rules.isDown() ? 'The log cannot be reached.' : this.#memory.problem()
  }

  /** The log outlives the node. */
  async close(): Promise<void> {}

  async #pass<T>(channel: string, work: () => Promise<T>): Promise<T> {
    if (this.#rules.isDown()) throw new TidingsError('unavailable', 'The log cannot be reached.', { channel })
    const found = await work()
    // Nothing reaches a dead node.
    return this.#machine.isDead ? new Promise<T>(() => {}) : found
  }
}
