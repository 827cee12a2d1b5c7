// A reader's place in a channel. Live, it is pushed to; behind, it reads pages from the tail or the log as fast as its
// reader drains, and never mixes in anything newer. Nothing is queued here: a slow reader costs one position.

import { type Position, type ResetReason, TidingsError } from '@tidings/core'
import type { BacklogPage } from './backlog.ts'
import type { EntryBatch } from './batch.ts'
import { beforeOldest } from './broker.ts'
import type { Feed, LiveReader } from './feed.ts'
import type { Reader, Standing, SubscribedAnswer } from './reader.ts'
import type { Views } from './views.ts'

export type After = Position | 'start' | 'now'

export class Cursor implements LiveReader {
  readonly #feed: Feed
  readonly #reader: Reader
  /** Given when the reader wants the channel's state where it cannot have its history. */
  readonly #views: Views | undefined
  #name: 'starting' | 'live' | 'behind' | 'closed' = 'starting'
  #at: Position
  /** The log is being asked: at most one question at a time. */
  #isReading = false
  /** The verdict, until there is room for its snapshot. */
  #unsaid: SubscribedAnswer | undefined

  constructor(feed: Feed, reader: Reader, views: Views | undefined) {
    this.#feed = feed
    this.#reader = reader
    this.#views = views
    this.#at = feed.head
    feed.enter(this)
  }

  get isLive(): boolean {
    return this.#name === 'live'
  }

  get isBehind(): boolean {
    return this.#name === 'behind'
  }

  /** Gives the verdict, then what follows it. Rejects with `unavailable` when the log cannot be read. */
  async start(after: After): Promise<void> {
    const answer = await this.#answer(after)
    if (this.#isOver) return
    this.#at = answer.position
    this.#name = 'behind'
    this.#unsaid = answer
    this.proceed()
  }

  /** The reader can take more: goes on reading back until it is full again or the head is reached. */
  proceed(): void {
    const feed = this.#feed
    const reader = this.#reader
    if (this.#unsaid) this.#sayVerdict(this.#unsaid)
    while (this.#name === 'behind' && !this.#unsaid && !this.#isReading && !reader.isFull) {
      if (!feed.continues(this.#at)) return this.#readLog()
      const page = feed.pageAfter(this.#at)
      if (!page) {
        feed.goLive(this)
        this.#name = 'live'
        feed.node.observe({ name: 'caughtUp', channel: feed.channel })
        reader.live(this.#at)
      } else {
        this.#replay(page, 'tail')
      }
    }
  }

  /** States may be large, and many channels may be asked for at once: a verdict with a snapshot waits for room. */
  #sayVerdict(answer: SubscribedAnswer): void {
    if (this.#isOver || (answer.snapshot && this.#reader.isFull)) return
    const { channel, node } = this.#feed
    const { observe } = node
    this.#unsaid = undefined
    observe({ name: 'subscribed', verdict: answer.verdict, channel })
    if (answer.verdict === 'reset') observe({ name: 'reset', channel, reason: answer.reason })
    this.#reader.subscribed(answer)
  }

  push(pushed: EntryBatch): void {
    const batch = pushed.after(this.#at.offset)
    if (!batch) return
    if (this.#reader.isFull) {
      const feed = this.#feed
      this.#name = 'behind'
      feed.stopLive(this)
      feed.node.observe({ name: 'fellBehind', channel: feed.channel })
      this.#reader.behind()
    } else {
      this.#at = batch.end
      this.#reader.entries(batch, false)
    }
  }

  historyChanged(): void {
    if (this.#name !== 'live') return
    this.#name = 'behind'
    this.#reader.behind()
    this.proceed()
  }

  close(): void {
    if (this.#isOver) return
    this.#name = 'closed'
    this.#feed.leave(this)
  }

  get #isOver(): boolean {
    return this.#name === 'closed'
  }

  async #answer(after: After): Promise<SubscribedAnswer> {
    const feed = this.#feed
    const views = this.#views
    if (after === 'now')
      return this.#beginAt(views ? await this.#standing() : { position: feed.head, snapshot: undefined })
    if (after === 'start') {
      const position = beforeOldest(await feed.node.broker.head(feed.channel))
      // A fold cannot begin in the middle of a history.
      return views && position.offset > 0
        ? this.#startOver('trimmed', position)
        : this.#beginAt({ position, snapshot: undefined })
    }
    const reason = await this.#resetReason(after)
    if (!reason)
      return { verdict: 'resumed', position: after, snapshot: undefined, behind: this.#behind(after) }
    const answer = await this.#startOver(reason, after)
    // The log has lost its end while the state was brought: the reader may not be too far behind any more. The state is
    // the newest that is known of it; the feed may not have heard.
    return reason === 'limit' && !this.#isTooFar(after, answer.position) ? this.#answer(after) : answer
  }

  async #startOver(reason: ResetReason, from: Position): Promise<SubscribedAnswer> {
    const standing = await this.#standing()
    const truth = reasonBetween(from, standing.position, reason)
    return { verdict: 'reset', reason: truth, ...standing, behind: this.#behind(standing.position) }
  }

  #beginAt(standing: Standing): SubscribedAnswer {
    return { verdict: 'fresh', ...standing, behind: this.#behind(standing.position) }
  }

  #behind(position: Position): number {
    return Math.max(0, this.#feed.head.offset - position.offset)
  }

  /** Where a reader without a usable position begins: at the state's position, else at the head. */
  async #standing(): Promise<Standing> {
    const feed = this.#feed
    const snapshot = await this.#views?.snapshotOf(feed)
    return { position: snapshot?.position ?? feed.head, snapshot }
  }

  /** That a reader is to start over, the log has to say: the node may not have heard of what it lost. */
  async #resetReason(after: Position): Promise<ResetReason | undefined> {
    const feed = this.#feed
    if (feed.continues(after) && !this.#isTooFar(after, feed.head)) return undefined
    const found = await feed.backlog.proofOf(after)
    const head = found.head.position
    if (found.outcome === 'page' && !this.#isTooFar(after, head)) return undefined
    feed.compare(head)
    return found.outcome === 'page' ? 'limit' : found.reason
  }

  #isTooFar(after: Position, head: Position): boolean {
    return after.epoch === head.epoch && head.offset - after.offset > this.#feed.node.limits.replayEntries
  }

  #replay(page: EntryBatch, source: 'tail' | 'broker'): void {
    this.#at = page.end
    this.#feed.node.observe({ name: 'replayed', entries: page.entries.length, source })
    this.#reader.entries(page, true)
  }

  #readLog(): void {
    const feed = this.#feed
    const reader = this.#reader
    const giveBack = reader.reserve(feed.node.limits.pageLength)
    if (!giveBack) return
    this.#isReading = true
    feed.backlog
      .pageAfter(this.#at)
      .then((page) => this.#continueWith(page))
      .then(
        () => {
          this.#isReading = false
          giveBack()
          this.proceed()
        },
        (cause) => {
          this.#isReading = false
          giveBack()
          if (this.#isOver) return
          this.close()
          reader.ended(
            cause instanceof TidingsError
              ? cause
              : new TidingsError('internal', 'The log could not be read.', { cause }),
          )
        },
      )
  }

  async #continueWith({ found, batch }: BacklogPage): Promise<void> {
    const feed = this.#feed
    if (this.#isOver) return
    feed.learn(found, this.#at)
    if (found.outcome === 'page') {
      if (batch) this.#replay(batch, 'broker')
      // The log has nothing after this position, so it is the head, whatever stood in for its tag.
      else this.#at = found.head.position
    } else {
      const standing = await this.#standing()
      if (this.#isOver) return
      const reason = reasonBetween(this.#at, standing.position, found.reason)
      feed.node.observe({ name: 'reset', channel: feed.channel, reason })
      this.#at = standing.position
      this.#reader.reset({ reason, ...standing })
    }
  }
}

/** While a state was brought the log may have become another one, and then that is the reason. */
const reasonBetween = (from: Position, to: Position, reason: ResetReason): ResetReason =>
  from.epoch === to.epoch ? reason : 'epoch'
