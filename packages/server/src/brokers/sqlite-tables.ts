// Channels, entries and snapshots as rows of an open file: every statement once, prepared, with typed values at its
// edge. Decides nothing.

import type { DatabaseSync, StatementSync } from 'node:sqlite'
import type { StoredEntry, StoredSnapshot } from '../broker.ts'
import type { SnapshotMark } from './history.ts'

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
    return (this.#sql.head.get(channel) as Head | undefined) ?? NO_ENTRY
  }

  /** Undefined where no entry is kept. */
  oldestOffset(channel: number): number | undefined {
    return (this.#sql.oldest.get(channel) as { offset: number } | undefined)?.offset
  }

  tagAt(channel: number, offset: number): string | undefined {
    return (this.#sql.tagAt.get(channel, offset) as { tag: string } | undefined)?.tag
  }

  addEntry(
    channel: number,
    { offset, tag, event, data, at, by = null, sequence = null }: Nullable<StoredEntry>,
  ): void {
    this.#sql.addEntry.run(channel, offset, tag, event, data, at, by, sequence)
  }

  /** In order; whoever stops early reads no further. */
  *entriesAfter(channel: number, offset: number, most: number): Generator<StoredEntry> {
    for (const row of this.#sql.entriesAfter.iterate(channel, offset, most)) {
      const { writer, sequence, ...entry } = row as unknown as EntryRow
      yield { ...entry, by: writer ?? undefined, sequence: sequence ?? undefined }
    }
  }

  /** The first of these entries that is not older than `time`. */
  firstSince(channel: number, upTo: number, time: number): number | undefined {
    return (this.#sql.firstSince.get(channel, upTo, time) as { offset: number } | undefined)?.offset
  }

  dropUpTo(channel: number, offset: number): void {
    this.#sql.dropUpTo.run(channel, offset)
  }

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

type Nullable<Row> = { readonly [Key in keyof Row]: Row[Key] | null }

interface EntryRow extends Omit<StoredEntry, 'by' | 'sequence'> {
  readonly writer: string | null
  readonly sequence: number | null
}

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
    head: sql('SELECT offset, tag FROM entries WHERE channel = ? ORDER BY offset DESC LIMIT 1'),
    oldest: sql('SELECT offset FROM entries WHERE channel = ? ORDER BY offset LIMIT 1'),
    tagAt: sql('SELECT tag FROM entries WHERE channel = ? AND offset = ?'),
    addEntry: sql(
      'INSERT INTO entries (channel, offset, tag, event, data, at, writer, sequence) VALUES (?, ?, ?, ?, ?, ?, ?, ?)',
    ),
    entriesAfter: sql(`
      SELECT offset, tag, event, data, at, writer, sequence FROM entries
      WHERE channel = ? AND offset > ? ORDER BY offset LIMIT ?`),
    firstSince: sql(
      'SELECT offset FROM entries WHERE channel = ? AND offset <= ? AND at >= ? ORDER BY offset LIMIT 1',
    ),
    dropUpTo: sql('DELETE FROM entries WHERE channel = ? AND offset <= ?'),
    dropAfter: sql('DELETE FROM entries WHERE channel = ? AND offset > ?'),
    snapshot: sql('SELECT version, epoch, offset, tag, state FROM snapshots WHERE channel = ?'),
    snapshotMark: sql('SELECT version, epoch, offset, tag FROM snapshots WHERE channel = ?'),
    putSnapshot: sql(
      'INSERT OR REPLACE INTO snapshots (channel, version, epoch, offset, tag, state) VALUES (?, ?, ?, ?, ?, ?)',
    ),
  }
}
