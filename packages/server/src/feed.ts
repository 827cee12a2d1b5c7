// One channel as this node knows it: where its head is, its newest entries, and which readers are live. What the
// broker tells is made gapless here: duplicates are dropped, a hole is read from the log, another history is told to all.

import { type Cancel, type Clock, isSamePosition, type Position } from '@tidings/core'
import { Backlog } from './backlog.ts'
import { type EncodedEntry, EntryBatch, encodeEntry, pageEnd } from './batch.ts'
import type { Broker, BrokerListener, ReadOutcome, StoredEntry } from './broker.ts'
import type { Limits } from './limits.ts'
import type { Observe } from './observe.ts'
import { Tail } from './tail.ts'
import type { Gatherer, Turn } from './turn.ts'

/** A cursor, as its feed sees it. */
export interface LiveReader {
  push(batch: EntryBatch): void
  /** The history that it read has ended; another has begun. */
  historyChanged(): void
}

/** What all feeds of a node share. */
export interface FeedNode {
  readonly broker: Broker
  readonly clock: Clock
  readonly turn: Turn
  readonly limits: Limits
  readonly observe: Observe
}

export class Feed implements Gatherer {
  readonly channel: string
  readonly node: FeedNode
  /** What the tail no longer has. */
  readonly backlog: Backlog
  readonly #readers = new Set<LiveReader>()
  readonly #live = new Set<LiveReader>()
  #tail: Tail
  /** In the tail, but not yet handed to the live readers: they get what one turn brings in one batch, a page at most. */
  #unpushed: EncodedEntry[] = []
  #detach: Cancel | undefined
  #cancelRetry: Cancel | undefined
  #isHealing = false
  /** The log has, or may have, entries after the head that did not come by themselves. */
  #isStale = false
  #isClosed = false
  /** When the last reader left, by the monotonic clock; undefined while there is one. */
  #idleSince: number | undefined

  private constructor(channel: string, node: FeedNode) {
    this.channel = channel
    this.node = node
    this.backlog = new Backlog(channel, node)
    this.#tail = this.#tailAt({ epoch: '', offset: 0, tag: '' })
  }

  /** Attaches to the broker, then asks for the head: nothing can slip through between the two. */
  static async open(channel: string, node: FeedNode): Promise<Feed> {
    const { broker, clock } = node
    const feed = new Feed(channel, node)
    const early: Parameters<BrokerListener>[] = []
    let isOpen = false
    feed.#detach = await broker.attach(channel, (...news) => {
      if (isOpen) feed.#hear(...news)
      else early.push(news)
    })
    try {
      feed.#tail = feed.#tailAt((await broker.head(channel)).position)
    } catch (error) {
      feed.#detach()
      throw error
    }
    isOpen = true
    for (const news of early) feed.#hear(...news)
    feed.#idleSince = clock.monotonic()
    return feed
  }

  get head(): Position {
    return this.#tail.head
  }

  get liveReaders(): number {
    return this.#live.size
  }

  get allReaders(): number {
    return this.#readers.size
  }

  /** Whether the tail can say, without the log, what follows this position. */
  continues(position: Position): boolean {
    return this.#tail.continues(position)
  }

  /** What follows a position that the feed `continues`; undefined at the head. */
  pageAfter(position: Position): EntryBatch | undefined {
    return position.offset === this.head.offset ? undefined : this.#tail.pageAfter(position)
  }

  enter(reader: LiveReader): void {
    this.#readers.add(reader)
    this.#idleSince = undefined
  }

  leave(reader: LiveReader): void {
    this.#live.delete(reader)
    if (this.#readers.delete(reader) && this.#readers.size === 0)
      this.#idleSince = this.node.clock.monotonic()
  }

  /** The reader stands at the head: from here on it is pushed to. */
  goLive(reader: LiveReader): void {
    // What waits for the end of the turn is older than the head that the reader has reached.
    this.#pushAll()
    this.#live.add(reader)
  }

  stopLive(reader: LiveReader): void {
    this.#live.delete(reader)
  }

  /** What the log said to somebody who asked what follows `from`: it may be news here. */
  learn(found: ReadOutcome, from: Position): void {
    if (found.outcome === 'page' && found.entries.length > 0) this.#hear(found.epoch, found.entries, from.tag)
    else this.compare(found.head.position)
  }

  /** What the log said is its head. */
  compare(head: Position): void {
    if (!isSamePosition(head, this.head)) this.#heal()
  }

  isIdleSince(monotonicMs: number): boolean {
    return this.#idleSince !== undefined && this.#idleSince <= monotonicMs
  }

  close(): void {
    this.#isClosed = true
    this.#detach?.()
    this.#cancelRetry?.()
    this.#live.clear()
    this.#readers.clear()
    this.#unpushed = []
  }

  /** What fits to what is known is taken as it is; anything else is looked up in the log. */
  #hear(epoch: string, entries: readonly StoredEntry[], previousTag?: string): void {
    if (this.#isClosed) return
    if (!this.#fits(epoch, entries, previousTag)) return this.#heal()
    const news = entries.filter(({ offset }) => offset > this.head.offset).map(encodeEntry)
    if (news.length === 0) return
    if (this.#unpushed.length === 0) this.node.turn.gather(this)
    this.#unpushed.push(...news)
    this.#tail.push(news)
  }

  /** Offsets alone do not tell: after a failover the log may have other entries under the same ones. */
  #fits(epoch: string, entries: readonly StoredEntry[], previousTag: string | undefined): boolean {
    const { head } = this
    const first = entries[0]
    if (!first || epoch !== head.epoch || first.offset > head.offset + 1) return false
    if (first.offset === head.offset + 1) return previousTag === undefined || previousTag === head.tag
    // They overlap: the last one that both have has to be the same. What the tail has let go of cannot be compared.
    const shared = entries[Math.min(entries.length - 1, head.offset - first.offset)] as StoredEntry
    return (this.#tail.tagAt(shared.offset) ?? shared.tag) === shared.tag
  }

  handOn(): void {
    this.#push()
    // A burst goes out over several turns: between two of them each socket takes a page, or its reader falls behind.
    if (this.#unpushed.length > 0) this.node.turn.gather(this)
  }

  #pushAll(): void {
    while (this.#unpushed.length > 0) this.#push()
  }

  #push(): void {
    if (this.#unpushed.length === 0) return
    const entries = this.#unpushed.splice(0, pageEnd(this.#unpushed, 0, this.node.limits))
    const batch = new EntryBatch(this.channel, this.head.epoch, entries)
    if (this.#live.size === 0) return
    this.node.observe({
      name: 'broadcast',
      channel: this.channel,
      entries: batch.entries.length,
      readers: this.#live.size,
      length: batch.frame(false).length,
    })
    for (const reader of this.#live) reader.push(batch)
  }

  /** Reads on from the head, because something was missed, or because the history is another one now. */
  #heal(): void {
    this.#isStale = true
    if (this.#isHealing) return
    this.#isHealing = true
    this.#readOn().catch((error) => this.#retryLater(error))
  }

  async #readOn(): Promise<void> {
    const { broker, limits } = this.node
    const page = { maxEntries: limits.pageEntries, maxLength: limits.pageLength }
    try {
      while (this.#isStale && !this.#isClosed) {
        this.#isStale = false
        const from = this.head
        const found = await broker.read(this.channel, from, page)
        if (this.#isClosed) return
        if (found.outcome === 'reset') this.#startOver(found.head.position)
        else if (found.entries.length > 0) this.#hear(found.epoch, found.entries, from.tag)
        // What was heard of during the reading, and did not fit, has made it stale again; so has a page with more to come.
        if (this.head.offset < found.head.position.offset) this.#isStale = true
      }
    } finally {
      this.#isHealing = false
    }
  }

  #startOver(head: Position): void {
    this.#pushAll()
    this.backlog.forget()
    this.#tail = this.#tailAt(head)
    this.#live.clear()
    for (const reader of [...this.#readers]) reader.historyChanged()
  }

  #retryLater(error: unknown): void {
    // Nobody waits for what a closed channel had asked.
    if (this.#isClosed) return
    this.node.observe({ name: 'fault', where: `reading channel ${this.channel}`, error })
    this.#cancelRetry?.()
    this.#cancelRetry = this.node.clock.setTimer(HEAL_RETRY_MS, () => this.#heal())
  }

  #tailAt(head: Position): Tail {
    return new Tail(this.channel, head, this.node.limits)
  }
}

/** A broker that cannot be read is asked again after this time. */
const HEAL_RETRY_MS = 1_000
