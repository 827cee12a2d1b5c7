// A file of an older Tidings opens as today's, and has lost nothing: no entry, no position, no identity.

import { statSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import type { Position } from '@tidings/core'
import type { AppendIdentity } from '@tidings/server'
import { sqliteBroker } from '@tidings/server/sqlite'
import { describe, expect, it } from 'vitest'
import { pragma } from '../../src/brokers/sqlite-file.ts'
import { append, openLog, tempFile } from './temp-log.ts'

/** As the first format had them: a row for each entry, and one for each receipt. */
const FORMAT_1 = `
  PRAGMA application_id = 0x54444e47;
  PRAGMA user_version = 1;
  CREATE TABLE store (epoch TEXT NOT NULL) STRICT;
  CREATE TABLE channels (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE) STRICT;
  CREATE TABLE entries (
    id INTEGER PRIMARY KEY, channel INTEGER NOT NULL, offset INTEGER NOT NULL, tag TEXT NOT NULL,
    event TEXT NOT NULL, data TEXT NOT NULL, at INTEGER NOT NULL, writer TEXT, sequence INTEGER
  ) STRICT;
  CREATE UNIQUE INDEX entries_by_offset ON entries (channel, offset);
  CREATE TABLE producers (
    id INTEGER PRIMARY KEY AUTOINCREMENT, channel INTEGER NOT NULL, name TEXT NOT NULL,
    epoch INTEGER NOT NULL, UNIQUE (channel, name)
  ) STRICT;
  CREATE TABLE receipts (
    producer INTEGER NOT NULL, sequence INTEGER NOT NULL, first_offset INTEGER NOT NULL,
    offset INTEGER NOT NULL, tag TEXT NOT NULL, at INTEGER NOT NULL, PRIMARY KEY (producer, sequence)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE keys (
    channel INTEGER NOT NULL, key TEXT NOT NULL, digest TEXT NOT NULL, first_offset INTEGER NOT NULL,
    offset INTEGER NOT NULL, tag TEXT NOT NULL, at INTEGER NOT NULL, PRIMARY KEY (channel, key)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE snapshots (
    channel INTEGER PRIMARY KEY, version INTEGER NOT NULL, epoch TEXT NOT NULL, offset INTEGER NOT NULL,
    tag TEXT NOT NULL, state TEXT NOT NULL
  ) STRICT;
  CREATE TABLE probe (room BLOB) STRICT;
  INSERT INTO store VALUES ('old1');
  INSERT INTO channels (id, name) VALUES (1, 'a'), (2, 'b'), (3, 'trimmed');
  INSERT INTO producers VALUES (7, 1, 'p', 4);
  INSERT INTO keys VALUES (2, 'k', 'd', 2, 2, 'b2', 5000);
  INSERT INTO snapshots VALUES (1, 3, 'old1', 150, 'a150', '{"said":150}');
`

const ENTRIES = 150

/** 150 entries of one writer in `a`, two of nobody in `b` between them, and `trimmed` begins at 41. */
function oldFile(): string {
  const file = tempFile()
  const db = new DatabaseSync(file)
  db.exec(FORMAT_1)
  const entry = db.prepare('INSERT INTO entries VALUES (NULL, ?, ?, ?, ?, ?, ?, ?, ?)')
  const receipt = db.prepare('INSERT INTO receipts VALUES (7, ?, ?, ?, ?, ?)')
  db.exec('BEGIN')
  for (let i = 1; i <= ENTRIES; i++) {
    entry.run(1, i, `a${i}`, 'said', textOf(i), 1_000 + i, 'writer', i - 1)
    receipt.run(i - 1, i, i, `a${i}`, 1_000 + i)
    if (i < 3) entry.run(2, i, `b${i}`, 'told', `"b${i}"`, 2_000 + i, null, null)
  }
  for (let i = 41; i <= 42; i++) entry.run(3, i, `t${i}`, 'said', `"t${i}"`, 3_000, null, null)
  db.exec('COMMIT')
  db.close()
  return file
}

// Characters of one, two, three and four bytes: lengths are those of JavaScript.
const textOf = (i: number) => JSON.stringify(`${'aé€😀'.repeat(i % 7)}${i}`)

const open = (file: string, maxBytes?: number) => openLog({ file, maxBytes })
const everything = { maxEntries: 1_000, maxLength: 1_000_000 }
const numbered = (sequence: number): AppendIdentity => {
  return { kind: 'producer', producer: 'p', epoch: 4, sequence, previous: sequence - 1 }
}
const at = (offset: number, tag: string): Position => ({ epoch: 'old1', offset, tag })

describe('a file of format 1', () => {
  it('has its entries where they were', async () => {
    const log = await open(oldFile())
    expect(await log.read('a', 'start', everything)).toEqual({
      outcome: 'page',
      epoch: 'old1',
      head: { position: at(150, 'a150'), oldestOffset: 1 },
      entries: Array.from({ length: ENTRIES }, (_, i) => ({
        ...{ offset: i + 1, tag: `a${i + 1}`, event: 'said', data: textOf(i + 1) },
        ...{ at: 1_001 + i, by: 'writer', sequence: i },
      })),
    })
    expect(await log.read('b', at(1, 'b1'), everything)).toMatchObject({
      entries: [{ offset: 2, tag: 'b2', event: 'told', data: '"b2"', at: 2_002 }],
    })
  })

  it('[SB3] [SB4] answers each position that was seen as before', async () => {
    const log = await open(oldFile())
    expect(await log.read('a', at(97, 'a97'), { ...everything, maxEntries: 2 })).toMatchObject({
      entries: [{ offset: 98 }, { offset: 99 }],
    })
    expect(await log.read('a', at(97, 'other'), everything)).toMatchObject({ reason: 'fork' })
    expect(await log.head('trimmed')).toEqual({ position: at(42, 't42'), oldestOffset: 41 })
    expect(await log.read('trimmed', at(12, 't12'), everything)).toMatchObject({ reason: 'trimmed' })
  })

  it('[BR4] knows who wrote what, and what the next number is', async () => {
    const log = await open(oldFile())
    for (const sequence of [0, 63, 64, 149])
      expect(await append(log, 'again', { identity: numbered(sequence) })).toEqual({
        outcome: 'duplicate',
        firstOffset: sequence + 1,
        position: at(sequence + 1, `a${sequence + 1}`),
      })
    const keyed = { channel: 'b', identity: { kind: 'key', key: 'k', digest: 'd' } } as const
    expect(await append(log, 'again', keyed)).toMatchObject({ outcome: 'duplicate', position: at(2, 'b2') })
    expect(await append(log, 'new', { identity: numbered(152) })).toEqual({ outcome: 'gap', last: 149 })
    expect(await append(log, 'new', { identity: numbered(150) })).toMatchObject({ firstOffset: 151 })
  })

  it('has its states, and stays what it has become', async () => {
    const file = oldFile()
    const first = await sqliteBroker({ file })
    expect(await first.snapshots.load('a')).toEqual({
      ...{ version: 3, position: at(150, 'a150'), state: '{"said":150}' },
    })
    await append(first, 'new')
    await first.close()
    const db = new DatabaseSync(file)
    expect(pragma(db, 'user_version')).toBe(2)
    expect(db.prepare("SELECT name FROM sqlite_schema WHERE name IN ('entries', 'receipts1')").all()).toEqual(
      [],
    )
    db.close()
    expect((await (await open(file)).head('a')).position).toMatchObject({ epoch: 'old1', offset: 151 })
  })

  it('becomes one of today’s in little more room than it has', async () => {
    const file = oldFile()
    const db = new DatabaseSync(file)
    const entry = db.prepare("INSERT INTO entries VALUES (NULL, ?, ?, 'tag', 'said', ?, 5000, NULL, NULL)")
    const long = JSON.stringify('long '.repeat(800))
    db.exec('BEGIN')
    for (let i = 1; i <= 3_200; i++) entry.run(4 + (i % 8), Math.ceil(i / 8), long)
    db.exec("INSERT INTO channels (id, name) VALUES (4, 'long')")
    db.exec('COMMIT')
    db.close()
    const log = await open(file, 1.5 * statSync(file).size)
    expect((await log.head('long')).position).toEqual(at(400, 'tag'))
    expect(await log.read('long', 'start', { ...everything, maxEntries: 2 })).toMatchObject({
      entries: [
        { offset: 1, data: long },
        { offset: 2, data: long },
      ],
    })
  })

  it('[BR10] stays as it is where there is no room for another', async () => {
    const file = oldFile()
    const refusal = await sqliteBroker({ file, maxBytes: 40_960 }).catch((error: Error) => error.message)
    expect(refusal).toMatch(/no room to grow: free space on its disk, or raise its limit/)
    const log = await open(file)
    expect((await log.head('a')).position).toEqual(at(150, 'a150'))
  })
})
