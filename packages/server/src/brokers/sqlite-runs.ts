// A run: entries of one channel that one commit brought, as one row. What SQLite asks for a row it asks once for many
// entries, when they are written, read and trimmed. How appends become runs, and runs entries again.

import type { AppendIdentity, AppendRequest, KeepRule, StoredEntry } from '../broker.ts'

/** An append as the file takes it: made where it was asked for, so that the thread that writes only puts it together. */
export interface PackedAppend {
  readonly kind: 'append'
  readonly channel: string
  readonly at: number
  readonly keep: KeepRule
  readonly identity: AppendIdentity | undefined
  readonly count: number
  /** Of the last entry. */
  readonly tag: string
  /** A mark for each entry, as JSON, with commas between them. */
  readonly marks: string
  /** The data of all entries, one after the other. */
  readonly data: string
}

/** What a run knows of an entry beside its data and its offset. */
type Mark = readonly [
  tag: string,
  event: string,
  at: number,
  /** Of its data, in UTF-16 units. */
  length: number,
  by?: string,
  sequence?: number,
]

export interface Run {
  /** Offset of its last entry. */
  readonly last: number
  readonly count: number
  /** The youngest entry's. */
  readonly at: number
  readonly marks: string
  readonly data: string
}

/** A run has no more entries, but for an append that has more by itself; a reader may want a single one of them. */
const ENTRIES_PER_RUN = 64
/** UTF-16 units of data, likewise. */
const LENGTH_PER_RUN = 65_536

/** `tags` has one for each draft. */
export function pack(request: AppendRequest, tags: readonly string[], at: number): PackedAppend {
  const { channel, drafts, identity, by, keep } = request
  const sequence = identity?.kind === 'producer' && by !== undefined ? identity.sequence : undefined
  let marks = ''
  let data = ''
  for (const [i, draft] of drafts.entries()) {
    if (i > 0) marks += ','
    marks += markOf({ ...draft, tag: tags[i] as string, at, by, sequence })
    data += draft.data
  }
  const tag = tags.at(-1) as string
  return { kind: 'append', channel, at, keep, identity, count: drafts.length, tag, marks, data }
}

type Markable = Omit<StoredEntry, 'offset'>

export function markOf({ tag, event, data, at, by, sequence }: Markable): string {
  const mark: unknown[] = [tag, event, at, data.length]
  if (by !== undefined) mark.push(by)
  if (by !== undefined && sequence !== undefined) mark.push(sequence)
  return JSON.stringify(mark)
}

/** In order. */
export function entriesIn({ last, count, marks, data }: Run): StoredEntry[] {
  let offset = last - count
  let end = 0
  return marksIn(marks).map(([tag, event, at, length, by, sequence]) => {
    const start = end
    end += length
    return { offset: ++offset, tag, event, data: data.slice(start, end), at, by, sequence }
  })
}

/** The tag of the entry at an offset; undefined where the run has none there. */
export function tagIn({ last, count, marks }: Pick<Run, 'last' | 'count' | 'marks'>, offset: number) {
  return marksIn(marks)[offset - (last - count) - 1]?.[0]
}

const marksIn = (marks: string) => JSON.parse(`[${marks}]`) as Mark[]

/** Puts together what a commit brings to each channel, and hands on each run that is whole. */
export class RunsUnderWay {
  readonly #write: (channel: number, run: Run) => void
  /** By channel, in order of arrival. */
  readonly #runs = new Map<number, Run>()

  constructor(write: (channel: number, run: Run) => void) {
    this.#write = write
  }

  /** Adds what is the newest of its channel; `last` is the offset of its last entry. */
  add(channel: number, last: number, { count, at, marks, data }: Omit<Run, 'last'>): void {
    const run = this.#runs.get(channel)
    if (!run) return void this.#runs.set(channel, { last, count, at, marks, data })
    if (run.count + count > ENTRIES_PER_RUN || run.data.length + data.length > LENGTH_PER_RUN) {
      this.#write(channel, run)
      return void this.#runs.set(channel, { last, count, at, marks, data })
    }
    this.#runs.set(channel, {
      last,
      count: run.count + count,
      at: Math.max(run.at, at),
      marks: `${run.marks},${marks}`,
      data: run.data + data,
    })
  }

  flush(): void {
    for (const [channel, run] of this.#runs) this.#write(channel, run)
    this.#runs.clear()
  }

  /** The transaction was undone. */
  forget(): void {
    this.#runs.clear()
  }
}
