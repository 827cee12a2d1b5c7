// What readers behind the tail read from the log. A crowd that comes back after the same entry asks for the same page:
// it is read once, encoded once and framed once, for as long as they come within a moment of one another.

import { formatPosition, type Position } from '@tidings/core'
import { EntryBatch, encodeEntry } from './batch.ts'
import type { Broker, ReadOutcome } from './broker.ts'
import type { Limits } from './limits.ts'

export interface BacklogNode {
  readonly broker: Broker
  readonly limits: Pick<Limits, 'pageEntries' | 'pageLength'>
}

export interface BacklogPage {
  readonly found: ReadOutcome
  /** Its entries; absent where there are none. */
  readonly batch: EntryBatch | undefined
}

/** Pages of one channel that are kept; the oldest goes first. */
const KEPT = 4

export class Backlog {
  readonly #channel: string
  readonly #node: BacklogNode
  /** By the position that they follow: questions under way, and pages with entries until `forget`. */
  readonly #pages = new Map<string, Promise<BacklogPage>>()
  readonly #proofs = new Map<string, Promise<ReadOutcome>>()

  constructor(channel: string, node: BacklogNode) {
    this.#channel = channel
    this.#node = node
  }

  /** Rejects as the broker does. */
  pageAfter(after: Position): Promise<BacklogPage> {
    const key = formatPosition(after)
    const known = this.#pages.get(key)
    if (known) return known
    const page = this.#read(after)
    this.#keep(key, page)
    page.then(
      // What ends at the head, or says that something is gone, may be otherwise for the next who asks.
      ({ batch }) => batch ?? this.#drop(key, page),
      () => this.#drop(key, page),
    )
    return page
  }

  /** What the log says about a position now, with at most one entry after it: a page that is kept proves nothing. */
  async proofOf(after: Position): Promise<ReadOutcome> {
    const key = formatPosition(after)
    const underway = this.#proofs.get(key)
    if (underway) return underway
    const proof = this.#node.broker.read(this.#channel, after, { maxEntries: 1, maxLength: 1 })
    this.#proofs.set(key, proof)
    try {
      return await proof
    } finally {
      this.#proofs.delete(key)
    }
  }

  /** Called every second or so, and when the history turns out to be another one. */
  forget(): void {
    this.#pages.clear()
  }

  async #read(after: Position): Promise<BacklogPage> {
    const { broker, limits } = this.#node
    const channel = this.#channel
    const bounds = { maxEntries: limits.pageEntries, maxLength: limits.pageLength }
    const found = await broker.read(channel, after, bounds)
    const isPage = found.outcome === 'page' && found.entries.length > 0
    const batch = isPage ? new EntryBatch(channel, found.epoch, found.entries.map(encodeEntry)) : undefined
    return { found, batch }
  }

  #keep(key: string, page: Promise<BacklogPage>): void {
    this.#pages.set(key, page)
    if (this.#pages.size <= KEPT) return
    const [oldest] = this.#pages.keys()
    if (oldest !== undefined) this.#pages.delete(oldest)
  }

  #drop(key: string, page: Promise<BacklogPage>): void {
    if (this.#pages.get(key) === page) this.#pages.delete(key)
  }
}
