// The newest entries of one channel, ready to send: consecutive, ending at the head, bounded in number and size.

import { formatPosition, type Position } from '@tidings/core'
import { type EncodedEntry, EntryBatch, pageEnd } from './batch.ts'
import type { Limits } from './limits.ts'

type TailLimits = Pick<Limits, 'tailEntries' | 'tailLength' | 'pageEntries' | 'pageLength'>

export class Tail {
  readonly #channel: string
  readonly #limits: TailLimits
  /** Entries up to the head, oldest first; those before `#first` have been let go. */
  #entries: EncodedEntry[] = []
  #first = 0
  #length = 0
  #head: Position
  /** The last few pages made, so that a crowd that comes back at once shares their text. */
  readonly #pages = new Map<string, EntryBatch>()

  constructor(channel: string, head: Position, limits: TailLimits) {
    this.#channel = channel
    this.#head = head
    this.#limits = limits
  }

  get head(): Position {
    return this.#head
  }

  /** `entries` follow the head without a hole. */
  push(entries: readonly EncodedEntry[]): void {
    for (const entry of entries) {
      this.#entries.push(entry)
      this.#length += entry.json.length
    }
    const last = entries[entries.length - 1]
    if (last) this.#head = { epoch: this.#head.epoch, offset: last.offset, tag: last.tag }
    while (
      this.#count > this.#limits.tailEntries ||
      (this.#length > this.#limits.tailLength && this.#count > 1)
    ) {
      this.#length -= (this.#entries[this.#first] as EncodedEntry).json.length
      this.#first++
    }
    // Letting go in bulk keeps the cost of an entry constant, and what has yet to be let go smaller than what is kept.
    if (this.#first > this.#count) {
      this.#entries = this.#entries.slice(this.#first)
      this.#first = 0
    }
    if (this.#pages.size > 0) this.#pages.clear()
  }

  /** The tag at an offset, where the tail can tell. */
  tagAt(offset: number): string | undefined {
    if (offset === this.#head.offset) return this.#head.tag
    return this.#at(offset)?.tag
  }

  /** Whether it is known here, without the log, that `position` is a point of this history that the tail continues. */
  continues(position: Position): boolean {
    if (position.epoch !== this.#head.epoch) return false
    if (position.offset === 0) return this.#head.offset === 0 || this.#at(1) !== undefined
    return this.tagAt(position.offset) === position.tag
  }

  /** The page after a position that the tail `continues` and that is not the head. */
  pageAfter(position: Position): EntryBatch {
    const key = formatPosition(position)
    const made = this.#pages.get(key)
    if (made) return made
    const start = this.#index(position.offset + 1)
    const end = pageEnd(this.#entries, start, this.#limits)
    const page = new EntryBatch(this.#channel, this.#head.epoch, this.#entries.slice(start, end))
    if (this.#pages.size >= 8) this.#pages.clear()
    this.#pages.set(key, page)
    return page
  }

  get #count(): number {
    return this.#entries.length - this.#first
  }

  #index(offset: number): number {
    return this.#entries.length - (this.#head.offset - offset) - 1
  }

  #at(offset: number): EncodedEntry | undefined {
    const index = this.#index(offset)
    return index >= this.#first ? this.#entries[index] : undefined
  }
}
