// Channels, runs of entries and snapshots as rows of an open file: every statement once, prepared, with typed values at
// its edge. Decides nothing.

import type { DatabaseSync, StatementSync } from 'node:sqlite'
import type { StoredEntry, StoredSnapshot } from '../broker.ts'
import type { SnapshotMark } from './history.ts'
import { entriesIn, type Run, tagIn } from './sqlite-runs.ts'

export interface Head {
  readonly offset: number
  readonly tag: string
}

const PROBE_BYTES = 65_536

const NO_ENTRY: Head = { offset: 0, tag: '' }

export class SqliteTables {
  readonly #sql: ReturnType<typeof prepare>

  constructor(db: DatabaseSync) {
    this.#sql = prepare(db)
  }

  get epoch(): string {
    return (this.#sql.epoch.get() as { epoch: string }).epoch
  }

  set epoch(epoch: string) {
    this.#sql.setEpoch.run(epoch)
  }

  channel(name: string): number | undefined {
    return (this.#sql.channel.get(name) as { id: number } | undefined)?.id
  }

  addChannel(name: string): number {
    return Number(this.#sql.addChannel.run(name).lastInsertRowid)
  }

  head(channel: number): Head {
    const run = this.#sql.newest.get(channel) as RunMarks | undefined
    return run ? { offset: run.last, tag: tagIn(run, run.last) ?? '' } : NO_ENTRY
  }

  /** Undefined where no entry is kept. */
  oldestRun(channel: number): { readonly first: number; readonly last: number } | undefined {
    return this.#sql.oldest.get(channel) as { first: number; last: number } | undefined
  }

  tagAt(channel: number, offset: number): string | undefined {
    const run = this.#sql.marksAt.get(channel, offset) as RunMarks | undefined
    return run && tagIn(run, offset)
  }

  addRun(channel: number, { last, count, at, marks, data }: Run): void {
    this.#sql.addRun.run(channel, last, count, at, marks, data)
  }

  /** In order; whoever stops early reads no further than to the end of a run. */
  *entriesAfter(channel: number, offset: number): Generator<StoredEntry> {
    for (const run of this.#sql.runsAfter.iterate(channel, offset)) {
      for (const entry of entriesIn(run as unknown as Run)) if (entry.offset > offset) yield entry
    }
  }

  /** Where the first run begins, of those that end by then, that has an entry not older than `time`. */
  firstSince(channel: number, upTo: number, time: number): number | undefined {
    return (this.#sql.firstSince.get(channel, upTo, time) as { offset: number } | undefined)?.offset
  }

  /** The runs that end by then. */
  dropUpTo(channel: number, offset: number): void {
    this.#sql.dropUpTo.run(channel, offset)
  }

  /** The runs that end after it: an offset at which a commit has ended. */
  dropAfter(channel: number, offset: number): void {
    this.#sql.dropAfter.run(channel, offset)
  }

  snapshot(channel: number): StoredSnapshot | undefined {
    const row = this.#sql.snapshot.get(channel) as SnapshotRow | undefined
    return row && { ...markOf(row), state: row.state }
  }

  /** The snapshot without its state, which may be large. */
  snapshotMark(channel: number): SnapshotMark | undefined {
    const row = this.#sql.snapshotMark.get(channel) as Omit<SnapshotRow, 'state'> | undefined
    return row && markOf(row)
  }

  putSnapshot(channel: number, { version, position, state }: StoredSnapshot): void {
    this.#sql.putSnapshot.run(channel, version, position.epoch, position.offset, position.tag, state)
  }

  /** Leaves nothing, and yet needs room and a commit: shows whether the disk has both. */
  probe(): void {
    this.#sql.takeRoom.run(PROBE_BYTES)
    this.#sql.leaveRoom.run()
  }
}

type RunMarks = Pick<Run, 'last' | 'count' | 'marks'>

interface SnapshotRow extends Head {
  readonly version: number
  readonly epoch: string
  readonly state: string
}

const markOf = ({ version, epoch, offset, tag }: Omit<SnapshotRow, 'state'>): SnapshotMark => {
  return { version, position: { epoch, offset, tag } }
}

function prepare(db: DatabaseSync) {
  const sql = (text: string): StatementSync => db.prepare(text)
  return {
    epoch: sql('SELECT epoch FROM store'),
    setEpoch: sql('UPDATE store SET epoch = ?'),
    takeRoom: sql('INSERT INTO probe (room) VALUES (zeroblob(?))'),
    leaveRoom: sql('DELETE FROM probe'),
    channel: sql('SELECT id FROM channels WHERE name = ?'),
    addChannel: sql('INSERT INTO channels (name) VALUES (?)'),
    newest: sql('SELECT last, count, marks FROM runs WHERE channel = ? ORDER BY last DESC LIMIT 1'),
    oldest: sql('SELECT last - count + 1 AS first, last FROM runs WHERE channel = ? ORDER BY last LIMIT 1'),
    marksAt: sql('SELECT last, count, marks FROM runs WHERE channel = ? AND last >= ? ORDER BY last LIMIT 1'),
    addRun: sql('INSERT INTO runs (channel, last, count, at, marks, data) VALUES (?, ?, ?, ?, ?, ?)'),
    runsAfter: sql(
      'SELECT last, count, at, marks, data FROM runs WHERE channel = ? AND last > ? ORDER BY last',
    ),
    firstSince: sql(`
      SELECT last - count + 1 AS offset FROM runs
      WHERE channel = ? AND last <= ? AND at >= ? ORDER BY last LIMIT 1`),
    dropUpTo: sql('DELETE FROM runs WHERE channel = ? AND last <= ?'),
    dropAfter: sql('DELETE FROM runs WHERE channel = ? AND last > ?'),
    snapshot: sql('SELECT version, epoch, offset, tag, state FROM snapshots WHERE channel = ?'),
    snapshotMark: sql('SELECT version, epoch, offset, tag FROM snapshots WHERE channel = ?'),
    putSnapshot: sql(
      'INSERT OR REPLACE INTO snapshots (channel, version, epoch, offset, tag, state) VALUES (?, ?, ?, ?, ?, ?)',
    ),
  }
}
