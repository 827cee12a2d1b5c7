// One node's way to the cluster: requests and answers in order over one connection, news over another one that may
// drop, double or reorder what it carries. What may have been missed is found out by asking for the heads now and then.

import { type Cancel, type Chance, isSamePosition, type Position, TidingsError } from '@tidings/core'
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
import type { Cluster } from './cluster.ts'
import type { News } from './ledger.ts'
import type { Machine } from './machine.ts'
import type { Timeline } from './timeline.ts'

export interface ClusterBrokerOptions {
  readonly cluster: Cluster
  readonly machine: Machine
  readonly timeline: Timeline
  readonly chance: Chance
  /** Typical time of one way, in milliseconds; 0 for at once. */
  readonly latencyMs: number
  /** How often the heads of attached channels are compared, in milliseconds. */
  readonly compareMs: number
  readonly report: (error: unknown) => void
}

/** What happens to the next news on its way to this node. */
export type Mischief = 'drop' | 'double' | 'reorder'

/** A node dies right after its write has reached the log: before its answer arrives, or before anybody is told. */
export type Doom = 'before-ack' | 'before-news'

interface Attachment {
  readonly channel: string
  readonly listener: BrokerListener
  /** Where the news that was told got to. */
  last: Position
  /** There is another primary since. */
  isDoubted: boolean
}

export class ClusterBroker implements Broker {
  readonly #options: ClusterBrokerOptions
  readonly #attachments = new Set<Attachment>()
  readonly #leave: () => void
  #stopComparing: Cancel
  /** When the last request, answer and news arrive: nothing overtakes on a connection. */
  #lastRequest = 0
  #lastAnswer = 0
  #lastNews = 0
  /** Questions that have not been answered. */
  readonly #underway = new Set<Promise<void>>()
  #isClosed = false
  readonly mischief: Mischief[] = []
  /** No news arrives, although the connection looks alive. */
  isDeaf = false
  /** Nothing passes between this node and the cluster. */
  isCutOff = false
  doom: { readonly kind: Doom; readonly strike: () => void } | undefined

  constructor(options: ClusterBrokerOptions) {
    this.#options = options
    this.#leave = options.cluster.join(
      (news) => this.#carry(news),
      () => this.#doubtEverything(),
    )
    this.#stopComparing = this.#compareIn(options.compareMs)
  }

  append(request: AppendRequest): Promise<AppendOutcome> {
    return this.#ask(request.channel, () => {
      const { doom } = this
      const { outcome, tell } = this.#options.cluster.append(request)
      if (doom?.kind !== 'before-news') tell()
      this.doom = undefined
      doom?.strike()
      return outcome
    })
  }

  read(channel: string, after: Position | 'start', limits: ReadLimits): Promise<ReadOutcome> {
    return this.#ask(channel, () => this.#options.cluster.read(channel, after, limits))
  }

  head(channel: string): Promise<LogHead> {
    return this.#ask(channel, () => this.#options.cluster.head(channel))
  }

  attach(channel: string, listener: BrokerListener): Promise<Cancel> {
    return this.#ask(channel, () => {
      const { position } = this.#options.cluster.head(channel)
      const attachment: Attachment = { channel, listener, last: position, isDoubted: false }
      this.#attachments.add(attachment)
      return () => void this.#attachments.delete(attachment)
    })
  }

  problem(): string | undefined {
    if (this.#isClosed) return 'The log is closed.'
    return this.#isReachable ? undefined : 'The log cannot be reached.'
  }

  /** What is under way is finished first, unless the node is dead. */
  async close(): Promise<void> {
    this.#isClosed = true
    this.#stopComparing()
    if (!this.#options.machine.isDead) await Promise.allSettled(this.#underway)
    this.#leave()
    this.#attachments.clear()
  }

  readonly snapshots: SnapshotStore = {
    load: (channel) => this.#ask(channel, () => this.#options.cluster.snapshot(channel)),
    save: (channel, snapshot) =>
      this.#ask(channel, () => this.#options.cluster.saveSnapshot(channel, snapshot)),
  }

  /** Listeners that have not been detached. */
  get attached(): number {
    return this.#attachments.size
  }

  get #isReachable(): boolean {
    return !this.isCutOff && !this.#options.cluster.isDown
  }

  /** A request reaches the log whole or not at all, and is answered for certain unless this node dies. */
  #ask<T>(channel: string, execute: () => T): Promise<T> {
    if (this.#isClosed) return Promise.reject(unavailable(channel))
    const asked = this.#send(channel, execute)
    const over = asked.then(
      () => void this.#underway.delete(over),
      () => void this.#underway.delete(over),
    )
    this.#underway.add(over)
    return asked
  }

  #send<T>(channel: string, execute: () => T): Promise<T> {
    const { timeline, machine } = this.#options
    return new Promise((resolve, reject) => {
      this.#lastRequest = Math.max(this.#lastRequest, timeline.now + this.#way())
      this.#at(this.#lastRequest, () => {
        const isReached = this.#isReachable
        const answer = isReached ? execute() : undefined
        this.#lastAnswer = Math.max(this.#lastAnswer, timeline.now + this.#way())
        this.#at(this.#lastAnswer, () =>
          machine.run(() => {
            if (isReached) resolve(answer as T)
            else reject(unavailable(channel))
          }),
        )
      })
    })
  }

  #carry(news: News): void {
    const { timeline } = this.#options
    if (this.isDeaf || !this.#isReachable || !this.#isAttached(news.channel)) return
    const mischief = this.mischief.shift()
    if (mischief === 'drop') return
    const at = Math.max(this.#lastNews, timeline.now + this.#way())
    // Long enough for what follows to pass it.
    if (mischief === 'reorder') return this.#at(at + LATE_MS, () => this.#hear(news))
    this.#lastNews = at
    this.#at(at, () => this.#hear(news))
    if (mischief === 'double') this.#at(at + LATE_MS, () => this.#hear(news))
  }

  #hear({ channel, after, entries }: News): void {
    this.#options.machine.run(() => {
      const { offset, tag } = entries.at(-1) ?? after
      for (const attachment of [...this.#attachments]) {
        if (attachment.channel !== channel) continue
        attachment.last = { epoch: after.epoch, offset, tag }
        this.#tell(attachment, () => attachment.listener(after.epoch, entries, after.tag))
      }
    })
  }

  /** Another primary may have another history: whatever was told may be wrong. */
  #doubtEverything(): void {
    // What is under way when it closes is still answered; nothing is compared any more.
    if (this.#isClosed) return
    for (const attachment of this.#attachments) attachment.isDoubted = true
    this.#stopComparing()
    this.#stopComparing = this.#compareIn(this.#options.compareMs / 4)
  }

  #compareIn(delayMs: number): Cancel {
    const { machine, chance, compareMs } = this.#options
    return machine.setTimer(delayMs * (0.7 + 0.6 * chance.fraction()), () => {
      for (const attachment of this.#attachments) void this.#compare(attachment)
      this.#stopComparing = this.#compareIn(compareMs)
    })
  }

  async #compare(attachment: Attachment): Promise<void> {
    const { channel, last } = attachment
    try {
      const { position } = await this.head(channel)
      if (!attachment.isDoubted && isSamePosition(attachment.last, position)) return
      // What was told meanwhile is newer than this answer: the next one will do.
      if (!attachment.isDoubted && attachment.last !== last) return
      attachment.isDoubted = false
      attachment.last = position
      this.#tell(attachment, () => attachment.listener(position.epoch, []))
    } catch {
      // It is asked again soon; whoever writes meanwhile is told that the log cannot be reached.
    }
  }

  /** A listener that throws hurts nobody. */
  #tell(attachment: Attachment, tell: () => void): void {
    if (!this.#attachments.has(attachment)) return
    try {
      tell()
    } catch (error) {
      this.#options.report(error)
    }
  }

  #isAttached(channel: string): boolean {
    for (const attachment of this.#attachments) if (attachment.channel === channel) return true
    return false
  }

  #way(): number {
    const { latencyMs, chance } = this.#options
    return latencyMs === 0 ? 0 : latencyMs * (0.3 + 1.4 * chance.fraction())
  }

  #at(at: number, run: () => void): void {
    this.#options.timeline.at(at, run)
  }
}

/** How much later news arrives that is overtaken, in milliseconds. */
const LATE_MS = 400

function unavailable(channel: string): TidingsError {
  return new TidingsError('unavailable', 'The log cannot be reached.', { channel })
}
