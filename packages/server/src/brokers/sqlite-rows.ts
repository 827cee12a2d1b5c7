// Writes on their way to the thread that writes: one flat list for all of a turn. Copying between threads spends most of
// its time on objects and lists, each of them, and next to none on texts and numbers.

import type { AppendIdentity, StoredSnapshot } from '../broker.ts'
import type { Write } from './sqlite-log.ts'

export type Cell = string | number | boolean | undefined | StoredSnapshot

export type WriteCells = readonly Cell[]

/** UTF-16 units of what a write carries. */
export function lengthOf(write: Write): number {
  switch (write.kind) {
    case 'append':
      return write.data.length
    case 'save':
      return write.snapshot.state.length
    case 'probe':
      return 0
  }
}

export function putWrite(cells: Cell[], write: Write): void {
  cells.push(write.kind)
  if (write.kind === 'save') cells.push(write.channel, write.snapshot)
  if (write.kind !== 'append') return
  const { channel, at, keep, identity, count, tag, marks, data } = write
  cells.push(channel, at, keep.entries, keep.ageMs, keep.sinceSnapshot, count, tag, marks, data)
  putIdentity(cells, identity)
}

/** The writes that were put there, in order. */
export function takeWrites(cells: WriteCells): Write[] {
  const writes: Write[] = []
  const reader = new Cells(cells)
  while (!reader.isAtEnd) writes.push(takeWrite(reader))
  return writes
}

function takeWrite(cells: Cells): Write {
  const kind = cells.next<Write['kind']>()
  if (kind === 'probe') return { kind }
  const channel = cells.next<string>()
  if (kind === 'save') return { kind, channel, snapshot: cells.next<StoredSnapshot>() }
  const at = cells.next<number>()
  const keep = {
    entries: cells.next<number>(),
    ageMs: cells.next<number | undefined>(),
    sinceSnapshot: cells.next<boolean>(),
  }
  const count = cells.next<number>()
  const tag = cells.next<string>()
  const marks = cells.next<string>()
  const data = cells.next<string>()
  return { kind, channel, at, keep, count, tag, marks, data, identity: takeIdentity(cells) }
}

function putIdentity(cells: Cell[], identity: AppendIdentity | undefined): void {
  cells.push(identity?.kind)
  if (identity?.kind === 'key') cells.push(identity.key, identity.digest)
  if (identity?.kind !== 'producer') return
  cells.push(identity.producer, identity.epoch, identity.sequence, identity.previous)
}

function takeIdentity(cells: Cells): AppendIdentity | undefined {
  const kind = cells.next<AppendIdentity['kind'] | undefined>()
  if (kind === 'key') return { kind, key: cells.next<string>(), digest: cells.next<string>() }
  if (kind === undefined) return undefined
  return {
    kind,
    producer: cells.next<string>(),
    epoch: cells.next<number>(),
    sequence: cells.next<number>(),
    previous: cells.next<number>(),
  }
}

/** Reads in the order of writing; whoever asks knows what comes. */
class Cells {
  readonly #cells: WriteCells
  #taken = 0

  constructor(cells: WriteCells) {
    this.#cells = cells
  }

  get isAtEnd(): boolean {
    return this.#taken === this.#cells.length
  }

  next<Kind extends Cell>(): Kind {
    return this.#cells[this.#taken++] as Kind
  }
}
