// The tables of the log's file, and how a file of an older format gets them: in one transaction, before anything else is
// done with it. What a table is for is said where it is made.

import type { DatabaseSync } from 'node:sqlite'
import type { StoredEntry } from '../broker.ts'
import { markOf, RunsUnderWay } from './sqlite-runs.ts'

/** Stands in the file as its `user_version`. */
export const FORMAT = 2

const RUNS_AND_RECEIPTS = `
  -- Entries of one channel that one commit brought, in order of arrival: a commit writes its rows side by side whatever
  -- their channels are. A mark is a list: tag, event, time, length of the data, and the writer and its number if known.
  CREATE TABLE runs (
    id INTEGER PRIMARY KEY,
    channel INTEGER NOT NULL,
    last INTEGER NOT NULL,
    count INTEGER NOT NULL,
    at INTEGER NOT NULL,
    marks TEXT NOT NULL,
    data TEXT NOT NULL
  ) STRICT;
  CREATE UNIQUE INDEX runs_by_offset ON runs (channel, last);

  -- What a producer wrote in one commit, by the last of its numbers: the newest row has the producer's last one. A mark
  -- is a list: number, first offset, offset and tag.
  CREATE TABLE receipts (
    producer INTEGER NOT NULL,
    sequence INTEGER NOT NULL,
    offset INTEGER NOT NULL,
    at INTEGER NOT NULL,
    marks TEXT NOT NULL,
    PRIMARY KEY (producer, sequence)
  ) STRICT, WITHOUT ROWID;
`

const TABLES = `
  CREATE TABLE store (epoch TEXT NOT NULL) STRICT;

  CREATE TABLE channels (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE) STRICT;

  ${RUNS_AND_RECEIPTS}

  -- AUTOINCREMENT: an id that was used never returns, so receipts of a count that was given up find no new owner.
  CREATE TABLE producers (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    channel INTEGER NOT NULL,
    name TEXT NOT NULL,
    epoch INTEGER NOT NULL,
    UNIQUE (channel, name)
  ) STRICT;

  CREATE TABLE keys (
    channel INTEGER NOT NULL,
    key TEXT NOT NULL,
    digest TEXT NOT NULL,
    first_offset INTEGER NOT NULL,
    offset INTEGER NOT NULL,
    tag TEXT NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (channel, key)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE snapshots (
    channel INTEGER PRIMARY KEY,
    version INTEGER NOT NULL,
    epoch TEXT NOT NULL,
    offset INTEGER NOT NULL,
    tag TEXT NOT NULL,
    state TEXT NOT NULL
  ) STRICT;

  -- Always empty: taking room and leaving it shows whether there is some.
  CREATE TABLE probe (room BLOB) STRICT;
`

/** UTF-16 units of entries that are in memory, and twice in the file, while an older file is packed. */
const LENGTH_PER_STEP = 4_194_304

/** Within a transaction. */
export function makeTables(db: DatabaseSync, epoch: string): void {
  db.exec(TABLES)
  db.prepare('INSERT INTO store (epoch) VALUES (?)').run(epoch)
  db.exec(`PRAGMA user_version = ${FORMAT}`)
}

/** Within a transaction: the file has this older format before, and today's after. */
export function migrate(db: DatabaseSync, format: number): void {
  if (format === 1) packRows(db)
  db.exec(`PRAGMA user_version = ${FORMAT}`)
}

/** Format 1 had a row for each entry, and one for each receipt. */
function packRows(db: DatabaseSync): void {
  db.exec('ALTER TABLE receipts RENAME TO receipts1')
  db.exec('DROP INDEX entries_by_offset')
  db.exec(RUNS_AND_RECEIPTS)
  packEntries(db)
  packReceipts(db)
  db.exec('DROP TABLE entries')
  db.exec('DROP TABLE receipts1')
}

/** In order of arrival, and what is packed goes before the next is: so the file need not hold everything twice. */
function packEntries(db: DatabaseSync): void {
  const put = db.prepare('INSERT INTO runs (channel, last, count, at, marks, data) VALUES (?, ?, ?, ?, ?, ?)')
  const runs = new RunsUnderWay((channel, { last, count, at, marks, data }) => {
    put.run(channel, last, count, at, marks, data)
  })
  const rows = db.prepare(`
    SELECT id, channel, offset, tag, event, data, at, writer, sequence FROM entries ORDER BY id`)
  const drop = db.prepare('DELETE FROM entries WHERE id <= ?')
  let packed: number | undefined
  do {
    packed = undefined
    let length = 0
    for (const row of rows.iterate() as Iterable<unknown> as Iterable<Entry1>) {
      const { id, channel, offset, at, data, writer, sequence } = row
      const marks = markOf({ ...row, by: writer ?? undefined, sequence: sequence ?? undefined })
      runs.add(channel, offset, { count: 1, at, marks, data })
      packed = id
      length += marks.length + data.length
      if (length > LENGTH_PER_STEP) break
    }
    runs.flush()
    if (packed !== undefined) drop.run(packed)
  } while (packed !== undefined)
}

function packReceipts(db: DatabaseSync): void {
  db.exec(`
    INSERT INTO receipts (producer, sequence, offset, at, marks)
    SELECT producer, sequence, offset, at, json_array(json_array(sequence, first_offset, offset, tag))
    FROM receipts1`)
}

interface Entry1 extends Omit<StoredEntry, 'by' | 'sequence'> {
  readonly id: number
  readonly channel: number
  readonly writer: string | null
  readonly sequence: number | null
}
