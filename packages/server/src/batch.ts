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
  return { offset, tag, event, data, at, by, sequence, json }
}

/** Consecutive entries of one channel; at least one. */
export class EntryBatch {
  readonly channel: string
  readonly epoch: string
  readonly entries: readonly EncodedEntry[]
  #live: string | undefined
  #replay: string | undefined
  #bytes: number | undefined
  #end: Position | undefined

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
    if (this.#end) return this.#end
    const { offset, tag } = this.entries[this.entries.length - 1] as EncodedEntry
    return (this.#end = { epoch: this.epoch, offset, tag })
  }

  /** The `entries` frame; made at the first call. */
  frame(isReplay: boolean): string {
    if (isReplay) return (this.#replay ??= this.#encode(',"replay":true'))
    return (this.#live ??= this.#encode(''))
  }

  /** What its frame takes on the wire, give or take the mark of a replay. Measured at the first call, for all readers. */
  get bytes(): number {
    return (this.#bytes ??= utf8Length(this.#live ?? this.frame(true)))
  }

  #encode(mark: string): string {
    const entries = this.entries.map(({ json }) => json).join(',')
    return `{"type":"entries","channel":${JSON.stringify(this.channel)},"epoch":"${this.epoch}"${mark},"entries":[${entries}]}`
  }
}

/** How many bytes a text is as UTF-8; half a surrogate pair counts as half of one. */
function utf8Length(text: string): number {
  let bytes = text.length
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (code < 0x80) continue
    bytes += code < 0x800 || (code >= 0xd800 && code < 0xe000) ? 1 : 2
  }
  return bytes
}

/** How many of these entries, from `start` on, make a page: as many as are allowed, and at least one. */
export function pageEnd(
  entries: readonly EncodedEntry[],
  start: number,
  limits: { readonly pageEntries: number; readonly pageLength: number },
): number {
  let end = start
  let length = 0
  while (end < entries.length && end - start < limits.pageEntries && length < limits.pageLength) {
    length += (entries[end] as EncodedEntry).json.length
    end++
  }
  return end
}
