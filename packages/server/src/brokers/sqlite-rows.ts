// Appends as lists on their way to the thread that writes. Copying an object between threads spends most of its time on
// the names of properties; a list costs a third, and that thread is the one whose time is short.

import type { AppendIdentity } from '../broker.ts'
import type { Write } from './sqlite-log.ts'

type AppendWrite = Extract<Write, { readonly kind: 'append' }>

type AppendRow = readonly [
  channel: string,
  at: number,
  by: string | undefined,
  keepEntries: number,
  keepAgeMs: number | undefined,
  keepSinceSnapshot: boolean,
  identity: IdentityRow | undefined,
  /** Event, data and tag of each. */
  entries: readonly string[],
]

type IdentityRow =
  | readonly [producer: string, epoch: number, sequence: number, previous: number]
  | readonly [key: string, digest: string]

/** Other writes are rare, and go as they are. */
export type WriteRow = AppendRow | Exclude<Write, AppendWrite>

/** UTF-16 units of what a write carries. */
export function lengthOf(write: Write): number {
  if (write.kind === 'probe') return 0
  if (write.kind === 'save') return write.snapshot.state.length
  return write.request.drafts.reduce((length, { data }) => length + data.length, 0)
}

export function toRow(write: Write): WriteRow {
  if (write.kind !== 'append') return write
  const { request, tags, at } = write
  const { channel, by, keep, identity, drafts } = request
  const entries: string[] = []
  for (const [i, { event, data }] of drafts.entries()) entries.push(event, data, tags[i] as string)
  const id = identity && toIdentityRow(identity)
  return [channel, at, by, keep.entries, keep.ageMs, keep.sinceSnapshot, id, entries]
}

export function fromRow(row: WriteRow): Write {
  if ('kind' in row) return row
  const [channel, at, by, entries, ageMs, sinceSnapshot, id, texts] = row
  const drafts: { event: string; data: string }[] = []
  const tags: string[] = []
  for (let i = 0; i < texts.length; i += 3) {
    drafts.push({ event: texts[i] as string, data: texts[i + 1] as string })
    tags.push(texts[i + 2] as string)
  }
  const keep = { entries, ageMs, sinceSnapshot }
  const identity = id && fromIdentityRow(id)
  return { kind: 'append', request: { channel, drafts, identity, by, keep }, tags, at }
}

function toIdentityRow(identity: AppendIdentity): IdentityRow {
  return identity.kind === 'key'
    ? [identity.key, identity.digest]
    : [identity.producer, identity.epoch, identity.sequence, identity.previous]
}

function fromIdentityRow(row: IdentityRow): AppendIdentity {
  if (row.length === 2) return { kind: 'key', key: row[0], digest: row[1] }
  const [producer, epoch, sequence, previous] = row
  return { kind: 'producer', producer, epoch, sequence, previous }
}
