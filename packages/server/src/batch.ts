// Entries on their way out: each is encoded once, a batch is framed once, and every reader gets the same text.

import type { Position } from '@tidings/core'
import type { StoredEntry } from './broker.ts'

/** A stored entry with its JSON, as every reader gets it. */
export interface EncodedEntry extends StoredEntry {
  readonly json: string
}

export function encodeEntry(entry: StoredEntry): EncodedEntry {
  const { offset, tag, event, data, at, by, sequence } = entry
  const origin = by === undefined ? '' : `,"by":${JSON.stringify(by)},"sequence":${sequence}`
  // The data is JSON already: it was parsed at the boundary and goes through untouched.
  const json = `{"offset":${offset},"tag":"${tag}","event":${JSON.stringify(event)},"data":${data},"at":${at}${origin}}`
  return { ...entry, json }
}

/** Consecutive entries of one channel; at least one. */
export class EntryBatch {
  readonly channel: string
  readonly epoch: string
  readonly entries: readonly EncodedEntry[]
  #live: string | undefined
  #replay: string | undefined

  constructor(channel: string, epoch: string, entries: readonly EncodedEntry[]) {
    this.channel = channel
    this.epoch = epoch
    this.entries = entries
  }

  /** The part after `offset`, for a reader that has the rest already: nearly always the batch itself. */
  after(offset: number): EntryBatch | undefined {
    if ((this.entries[0] as EncodedEntry).offset > offset) return this
    const rest = this.entries.filter((entry) => entry.offset > offset)
    return rest.length === 0 ? undefined : new EntryBatch(this.channel, this.epoch, rest)
  }

  /** Where a reader stands who has got the batch. */
  get end(): Position {
    const { offset, tag } = this.entries[this.entries.length - 1] as EncodedEntry
    return { epoch: this.epoch, offset, tag }
  }

  /** The `entries` frame; made at the first call. */
  frame(isReplay: boolean): string {
    if (isReplay) return (this.#replay ??= this.#encode(',"replay":true'))
    return (this.#live ??= this.#encode(''))
  }

  #encode(mark: string): string {
    const entries = this.entries.map(({ json }) => json).join(',')
    return `{"type":"entries","channel":${JSON.stringify(this.channel)},"epoch":"${this.epoch}"${mark},"entries":[${entries}]}`
  }
}
