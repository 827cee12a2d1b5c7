// What the log in memory remembers of one producer: where each of its writes is, in the order of their numbers. There is
// one for every write of the last weeks, so they stand in columns, without an object for each.

import type { Receipt } from './identity.ts'

export interface TimedReceipt extends Receipt {
  readonly at: number
}

export class MemoryReceipts {
  /** Ascending; those before `#first` have been forgotten. */
  #sequences: number[] = []
  #firstOffsets: number[] = []
  #offsets: number[] = []
  #tags: string[] = []
  #times: number[] = []
  #first = 0

  /** `sequence` is higher than all before it. */
  add(sequence: number, { firstOffset, offset, tag, at }: TimedReceipt): void {
    this.#sequences.push(sequence)
    this.#firstOffsets.push(firstOffset)
    this.#offsets.push(offset)
    this.#tags.push(tag)
    this.#times.push(at)
  }

  get(sequence: number): TimedReceipt | undefined {
    let low = this.#first
    let high = this.#sequences.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((this.#sequences[middle] as number) < sequence) low = middle + 1
      else high = middle
    }
    return this.#sequences[low] === sequence ? this.#at(low) : undefined
  }

  get newest(): TimedReceipt | undefined {
    return this.#sequences.length > this.#first ? this.#at(this.#sequences.length - 1) : undefined
  }

  /** Lets go of the oldest ones that `isForgotten`, `most` of them at a time. */
  forget(most: number, isForgotten: (offset: number, at: number) => boolean): void {
    const end = Math.min(this.#first + most, this.#sequences.length)
    while (
      this.#first < end &&
      isForgotten(this.#offsets[this.#first] as number, this.#times[this.#first] as number)
    )
      this.#first++
    // In bulk, so that the cost of one stays constant, and never more is held in vain than is of use.
    if (this.#first <= this.#sequences.length / 2 || this.#first < 16) return
    this.#sequences = this.#sequences.slice(this.#first)
    this.#firstOffsets = this.#firstOffsets.slice(this.#first)
    this.#offsets = this.#offsets.slice(this.#first)
    this.#tags = this.#tags.slice(this.#first)
    this.#times = this.#times.slice(this.#first)
    this.#first = 0
  }

  #at(index: number): TimedReceipt {
    return {
      firstOffset: this.#firstOffsets[index] as number,
      offset: this.#offsets[index] as number,
      tag: this.#tags[index] as string,
      at: this.#times[index] as number,
    }
  }
}
