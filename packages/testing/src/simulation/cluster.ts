// A distributed log as its nodes see it: a primary that executes one operation after the other, and a replica that may
// be some operations behind when it takes over. What a failover loses is gone with its receipts and snapshots; the name
// of the history stays. Knows neither time nor nodes: cluster-broker.ts is a node's way to it.

import type { Chance, Position } from '@tidings/core'
import type {
  AppendOutcome,
  AppendRequest,
  KeepRule,
  LogHead,
  ReadLimits,
  ReadOutcome,
  StoredSnapshot,
} from '@tidings/server'
import { defaultIdentityMemory, isReplacedBy, MemoryLog, newEpoch, newTags } from '@tidings/server/parts'
import type { News, Witness } from './ledger.ts'

type Operation = { readonly channel: string; readonly at: number } & (
  | { readonly kind: 'append'; readonly request: AppendRequest; readonly tags: readonly string[] }
  | { readonly kind: 'snapshot'; readonly snapshot: StoredSnapshot }
  | { readonly kind: 'trim'; readonly keep: KeepRule }
)

export interface ClusterOptions {
  readonly chance: Chance
  /** Wall time of the primary. */
  readonly now: () => number
  readonly witness: Witness
}

export class Cluster {
  readonly #options: ClusterOptions
  readonly #subscribers = new Set<(news: News) => void>()
  /** Told after the primary has changed. */
  readonly #guards = new Set<() => void>()
  #epoch: string
  #operations: Operation[] = []
  #logs = new Map<string, MemoryLog>()
  /** Whether anybody can reach it. */
  isDown = false

  constructor(options: ClusterOptions) {
    this.#options = options
    this.#epoch = newEpoch(options.chance)
  }

  /** `onNews` hears of every entry, `onTakeover` of every new primary. */
  join(onNews: (news: News) => void, onTakeover: () => void): () => void {
    this.#subscribers.add(onNews)
    this.#guards.add(onTakeover)
    return () => {
      this.#subscribers.delete(onNews)
      this.#guards.delete(onTakeover)
    }
  }

  /** The answer, and the news that has yet to be told. */
  append(request: AppendRequest): { readonly outcome: AppendOutcome; readonly tell: () => void } {
    const { chance, now, witness } = this.#options
    const after = this.head(request.channel).position
    const operation: Operation = {
      kind: 'append',
      channel: request.channel,
      at: now(),
      request,
      tags: newTags(request, chance),
    }
    const { outcome, entries } = this.#log(request.channel).append(request, operation.tags, operation.at)
    // Even a duplicate may have changed what is known of its producer.
    this.#operations.push(operation)
    const news = { channel: request.channel, after, entries }
    if (entries.length > 0) witness.appended(news)
    witness.trimmed(request.channel, this.head(request.channel).oldestOffset)
    return {
      outcome,
      tell: () => {
        if (entries.length > 0) for (const subscriber of this.#subscribers) subscriber(news)
      },
    }
  }

  read(channel: string, after: Position | 'start', limits: ReadLimits): ReadOutcome {
    return this.#log(channel).read(after, limits)
  }

  head(channel: string): LogHead {
    return this.#log(channel).head
  }

  snapshot(channel: string): StoredSnapshot | undefined {
    return this.#log(channel).snapshot
  }

  /** A state of what was lost meanwhile is not kept. */
  saveSnapshot(channel: string, snapshot: StoredSnapshot): void {
    const found = this.#log(channel).read(snapshot.position, { maxEntries: 1, maxLength: 1 })
    if (found.outcome === 'reset' && (found.reason === 'fork' || found.reason === 'ahead')) return
    this.#execute({ kind: 'snapshot', channel, at: this.#options.now(), snapshot })
  }

  /** Lets go of what the rule does not keep. */
  trim(channel: string, keep: KeepRule): void {
    this.#execute({ kind: 'trim', channel, at: this.#options.now(), keep })
    this.#options.witness.trimmed(channel, this.head(channel).oldestOffset)
  }

  /** The replica takes over: the last `lost` operations never happened. */
  failOver(lost: number): void {
    const operations = this.#operations.slice(0, Math.max(0, this.#operations.length - lost))
    const channels = [...this.#logs.keys()]
    this.#operations = []
    this.#logs = new Map()
    for (const operation of operations) this.#execute(operation)
    for (const channel of channels) this.#options.witness.rolledBack(channel, this.head(channel).position)
    for (const guard of this.#guards) guard()
  }

  /** Everything is lost, and another history begins. */
  loseHistory(): void {
    const channels = [...this.#logs.keys()]
    this.#epoch = newEpoch(this.#options.chance)
    this.#operations = []
    this.#logs = new Map()
    for (const channel of channels) this.#options.witness.rolledBack(channel, this.head(channel).position)
    for (const guard of this.#guards) guard()
  }

  #execute(operation: Operation): void {
    const log = this.#log(operation.channel)
    this.#operations.push(operation)
    switch (operation.kind) {
      case 'append':
        log.append(operation.request, operation.tags, operation.at)
        break
      case 'snapshot':
        if (isReplacedBy(log.snapshot, operation.snapshot)) log.snapshot = operation.snapshot
        break
      case 'trim':
        log.trim(operation.keep, operation.at)
        break
    }
  }

  #log(channel: string): MemoryLog {
    let log = this.#logs.get(channel)
    if (!log) this.#logs.set(channel, (log = new MemoryLog(this.#epoch, defaultIdentityMemory)))
    return log
  }
}
