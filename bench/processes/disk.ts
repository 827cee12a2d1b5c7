// The log on disk beside SQLite as people use it: the same entries, a row and a prepared statement for each, so many in
// a transaction, each of them on disk before it counts. Both take turns in one process.

import { DatabaseSync } from 'node:sqlite'
import { sqliteBroker } from '@tidings/server/sqlite'
import { eventData, FIRST_SERIAL } from '../system.ts'
import { temporaryFile } from '../temporary.ts'
import { answerParent } from './child.ts'

export interface DiskRates {
  /** Entries a second of wall time: the disk is what is waited for. */
  readonly sqlite: number
  readonly tidings: number
}

const db = new DatabaseSync(temporaryFile('raw.db'))
db.exec(`
  PRAGMA journal_mode = WAL;
  PRAGMA synchronous = FULL;
  PRAGMA locking_mode = EXCLUSIVE;
  CREATE TABLE entries (
    id INTEGER PRIMARY KEY, channel INTEGER NOT NULL, offset INTEGER NOT NULL, tag TEXT NOT NULL,
    event TEXT NOT NULL, data TEXT NOT NULL, at INTEGER NOT NULL, writer TEXT, sequence INTEGER
  ) STRICT;
  CREATE UNIQUE INDEX entries_by_offset ON entries (channel, offset);
`)
const insert = db.prepare('INSERT INTO entries VALUES (NULL, 1, ?, ?, ?, ?, ?, ?, ?)')
const broker = await sqliteBroker({ file: temporaryFile('log.db') })
const keep = { entries: 1_000_000, ageMs: undefined, sinceSnapshot: false }

let rawOffset = 0
let sequence = 0

function writeRaw(batch: number, forMs: number): number {
  const beganAt = performance.now()
  let count = 0
  while (performance.now() - beganAt < forMs) {
    db.exec('BEGIN IMMEDIATE')
    for (let i = 0; i < batch; i++) {
      const offset = ++rawOffset
      const data = JSON.stringify(eventData(FIRST_SERIAL + offset))
      insert.run(offset, 'abcdefgh', 'happened', data, Date.now(), '0123456789abcdef', offset)
    }
    db.exec('COMMIT')
    count += batch
  }
  return (count / (performance.now() - beganAt)) * 1_000
}

async function writeLog(batch: number, forMs: number): Promise<number> {
  const beganAt = performance.now()
  let count = 0
  while (performance.now() - beganAt < forMs) {
    const appends = Array.from({ length: batch }, () => {
      const previous = sequence === 0 ? -1 : sequence
      const data = JSON.stringify(eventData(FIRST_SERIAL + ++sequence))
      return broker.append({
        channel: 'bench/disk',
        drafts: [{ event: 'happened', data }],
        identity: { kind: 'producer', producer: 'p', epoch: 0, sequence, previous },
        by: '0123456789abcdef',
        keep,
      })
    })
    const outcomes = await Promise.all(appends)
    if (outcomes.some(({ outcome }) => outcome !== 'appended')) throw new Error('an append was not taken in')
    count += batch
  }
  const { position } = await broker.head('bench/disk')
  if (position.offset !== sequence) throw new Error('the log does not hold what it acknowledged')
  return (count / (performance.now() - beganAt)) * 1_000
}

const TURNS = 8

answerParent({
  slice: async ({ batch, forMs }: { batch: number; forMs: number }): Promise<DiskRates> => {
    // In short turns: what a disk does changes from one moment to the next.
    const rates: DiskRates[] = []
    for (let i = 0; i < TURNS; i++) {
      const tidings = await writeLog(batch, forMs / TURNS)
      const sqlite = writeRaw(batch, forMs / TURNS)
      rates.push({ sqlite, tidings })
    }
    const mean = (name: keyof DiskRates) => rates.reduce((sum, rate) => sum + rate[name], 0) / TURNS
    return { sqlite: mean('sqlite'), tidings: mean('tidings') }
  },
})
