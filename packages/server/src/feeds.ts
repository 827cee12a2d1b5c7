// The channels that are open on this node. A channel is opened when somebody needs it, once however many ask at the
// same time, and let go of a while after the last one has left.

import { Feed, type FeedNode } from './feed.ts'

export class Feeds {
  readonly #node: FeedNode
  readonly #open = new Map<string, Feed>()
  readonly #opening = new Map<string, Promise<Feed>>()
  #isClosed = false

  constructor(node: FeedNode) {
    this.#node = node
  }

  all(): Iterable<Feed> {
    return this.#open.values()
  }

  openNow(channel: string): Feed | undefined {
    return this.#open.get(channel)
  }

  /** Rejects with `unavailable` when the broker cannot be reached; the next call tries again. */
  async open(channel: string): Promise<Feed> {
    const open = this.#open.get(channel)
    if (open) return open
    const underway = this.#opening.get(channel)
    if (underway) return underway
    const opening = this.#attach(channel).finally(() => this.#opening.delete(channel))
    this.#opening.set(channel, opening)
    return opening
  }

  /** Lets go of pages of the last second, and closes channels that nobody has needed for the linger time. */
  sweep(): void {
    const { clock, limits } = this.#node
    const before = clock.monotonic() - limits.channelLingerMs
    for (const [channel, feed] of this.#open) {
      feed.backlog.forget()
      if (!feed.isIdleSince(before)) continue
      this.#open.delete(channel)
      feed.close()
    }
  }

  close(): void {
    this.#isClosed = true
    for (const feed of this.#open.values()) feed.close()
    this.#open.clear()
  }

  async #attach(channel: string): Promise<Feed> {
    const feed = await Feed.open(channel, this.#node)
    if (this.#isClosed) feed.close()
    else this.#open.set(channel, feed)
    return feed
  }
}
