// The log under a disk that lies: it refuses, it does what it refused, it loses what it took (BR9, BR10).

import { renameSync, rmSync } from 'node:fs'
import type { DatabaseSync } from 'node:sqlite'
import type { AppendIdentity, KeepRule, StoredEntry } from '@tidings/server'
import { describe, expect, it, onTestFinished } from 'vitest'
import { LogFault, openSqliteFile } from '../../src/brokers/sqlite-file.ts'
import { SqliteLog } from '../../src/brokers/sqlite-log.ts'
import { pack } from '../../src/brokers/sqlite-runs.ts'
import { keepAll, tempFile } from './temp-log.ts'

// SQLite's answers to a failed fsync and to a write without room.
const IOERR_FSYNC = 1_034
const FULL = 13

/** What the disk does at the next commit. */
type Mood =
  | 'works'
  /** Says no, and does nothing. */
  | 'refuses'
  /** Says that there is no room, and does nothing. */
  | 'is full'
  /** Says no, and has done it. */
  | 'does and refuses'

interface WriteOptions {
  readonly channel?: string
  readonly identity?: AppendIdentity
  readonly keep?: KeepRule
}

class Disk {
  readonly file = tempFile()
  mood: Mood = 'works'
  /** Whether the file cannot be opened at the moment. */
  isGone = false
  /** What happens to the file before it is opened the next time. */
  damage: ((db: DatabaseSync) => void) | undefined
  readonly log: SqliteLog

  constructor() {
    this.log = new SqliteLog({
      file: this.file,
      maxBytes: undefined,
      memory: { producerMs: 1_000_000, keyMs: 1_000_000 },
      epochPrefix: 'epoch',
      open: (file, epoch) => this.#open(file, epoch),
    })
    onTestFinished(() => this.log.close())
  }

  #open(...args: Parameters<typeof openSqliteFile>): DatabaseSync {
    if (this.isGone) throw new Error('the disk is gone')
    const db = openSqliteFile(...args)
    this.damage?.(db)
    this.damage = undefined
    const prepare = db.prepare.bind(db)
    db.prepare = (sql) => {
      const statement = prepare(sql)
      if (sql === 'COMMIT') {
        const run = statement.run.bind(statement)
        statement.run = () => this.#commit(run)
      }
      return statement
    }
    return db
  }

  #commit(run: () => { changes: number | bigint; lastInsertRowid: number | bigint }) {
    const { mood } = this
    this.mood = 'works'
    if (mood === 'works') return run()
    if (mood === 'does and refuses') run()
    const errcode = mood === 'is full' ? FULL : IOERR_FSYNC
    throw Object.assign(new Error(mood), { code: 'ERR_SQLITE_ERROR', errcode })
  }

  /** One append per text, in one batch; a refusal is thrown. */
  write(texts: readonly string[], { channel = 'a', identity, keep = keepAll }: WriteOptions = {}) {
    return this.log.write(
      texts.map((text, i) => {
        const request = { channel, drafts: [{ event: 'said', data: text }], identity, keep }
        return pack(request, [`${text}tag${i}`], 1_000)
      }),
    )
  }

  entries(channel = 'a'): readonly StoredEntry[] {
    const page = this.log.read(channel, 'start', { maxEntries: 1_000, maxLength: 1_000_000 })
    return page.outcome === 'page' ? page.entries : []
  }

  texts(channel = 'a'): string[] {
    return this.entries(channel).map(({ data }) => data)
  }
}

/** How a commit can fail. */
const refusals: readonly Mood[] = ['refuses', 'is full', 'does and refuses']

const keyed: AppendIdentity = { kind: 'key', key: 'k', digest: 'd' }
const numbered: AppendIdentity = { kind: 'producer', producer: 'p', epoch: 0, sequence: 0, previous: -1 }

describe('a log whose commit fails', () => {
  it.each(refusals)(
    '[row 40] [BR10] by a disk that %s has nothing of it, and goes on with the next',
    (mood) => {
      const disk = new Disk()
      disk.write(['1', '2'])
      disk.mood = mood
      expect(() => disk.write(['3', '4'])).toThrow(
        mood === 'is full' ? /no room to grow/ : /The disk failed while/,
      )
      expect(disk.texts()).toEqual(['1', '2'])
      expect(disk.log.head('a').position).toEqual({ epoch: 'epoch1', offset: 2, tag: '2tag1' })
      expect(disk.write(['5'])).toEqual([3])
      expect(disk.texts()).toEqual(['1', '2', '5'])
      expect(disk.log.epoch).toBe('epoch1')
    },
  )

  it.each(refusals)('[BR10] by a disk that %s has not begun a channel either', (mood) => {
    const disk = new Disk()
    disk.mood = mood
    expect(() => disk.write(['1'])).toThrow(LogFault)
    expect(disk.texts()).toEqual([])
    expect(disk.write(['2'], { channel: 'b' })).toEqual([1])
    expect(disk.write(['3'])).toEqual([1])
    disk.log.close()
    const again = new SqliteLog({ ...logOptions, file: disk.file })
    onTestFinished(() => again.close())
    const head = { position: { epoch: 'epoch1', offset: 1 } }
    expect([again.head('a'), again.head('b')]).toMatchObject([head, head])
  })

  it.each(refusals.slice(0, 2))('[BR8] [BR10] by a disk that %s has trimmed nothing', (mood) => {
    const disk = new Disk()
    const keep = { entries: 5, sinceSnapshot: false }
    for (let i = 0; i < 60; i++) disk.write([String(i)], { keep })
    disk.mood = mood
    expect(() => disk.write(Array(10).fill('last'), { keep })).toThrow(LogFault)
    expect(disk.texts()).toHaveLength(60)
    expect(disk.log.head('a').oldestOffset).toBe(1)
  })

  it.each([
    ['key', keyed],
    ['number', numbered],
  ])('[BR4] does not take the %s of a refused append for an accepted one', (_, identity) => {
    for (const mood of refusals) {
      const disk = new Disk()
      disk.write(['1'])
      disk.mood = mood
      expect(() => disk.write(['2'], { identity })).toThrow(LogFault)
      expect(disk.write(['3'], { identity })).toEqual([2])
      expect(disk.write(['3'], { identity })).toMatchObject([{ outcome: 'duplicate', firstOffset: 2 }])
      expect(disk.texts()).toEqual(['1', '3'])
    }
  })

  it('[BR10] refuses until the file can be opened again', () => {
    const disk = new Disk()
    disk.write(['1'])
    disk.mood = 'refuses'
    disk.isGone = true
    expect(() => disk.write(['2'])).toThrow(/The disk failed/)
    expect(() => disk.write(['3'])).toThrow(/the disk is gone/)
    expect(() => disk.log.head('a')).toThrow(/the disk is gone/)
    expect(() => disk.entries()).toThrow(/the disk is gone/)
    disk.isGone = false
    expect(disk.write(['4'])).toEqual([2])
    expect(disk.texts()).toEqual(['1', '4'])
    expect(disk.log.epoch).toBe('epoch1')
  })

  it('[BR9] goes on under another name when something acknowledged is gone', () => {
    const disk = new Disk()
    disk.write(['1', '2'])
    disk.write(['3'])
    disk.write(['1', '2', '3'], { channel: 'b' })
    const before = disk.log.head('a').position
    disk.mood = 'refuses'
    disk.damage = (db) =>
      db.exec("DELETE FROM runs WHERE data = '3' AND channel = (SELECT id FROM channels WHERE name = 'a')")
    expect(() => disk.write(['4'])).toThrow(/The disk failed/)
    const head = disk.log.head('a')
    expect(head.position).toMatchObject({ offset: 2 })
    expect(head.position.epoch).not.toBe('epoch1')
    expect(disk.log.read('a', before, { maxEntries: 9, maxLength: 9 })).toEqual({
      outcome: 'reset',
      reason: 'epoch',
      head,
    })
    // One store, one history: who reads another channel of it is told as well.
    expect(disk.log.head('b').position).toMatchObject({ epoch: head.position.epoch, offset: 3 })
    expect(disk.write(['5'])).toEqual([3])
    expect(disk.texts()).toEqual(['1', '2', '5'])
  })

  it('[BR9] goes on under another name when an acknowledged entry is another one', () => {
    const disk = new Disk()
    disk.write(['1', '2', '3'])
    disk.mood = 'refuses'
    disk.damage = (db) => db.exec("UPDATE runs SET marks = replace(marks, '3tag2', 'forked')")
    expect(() => disk.write(['4'])).toThrow(/The disk failed/)
    expect(disk.log.head('a').position).toMatchObject({ offset: 3, tag: 'forked' })
    expect(disk.log.epoch).not.toBe('epoch1')
  })
})

describe('a log that takes many appends in one commit', () => {
  it('[BR8] lets go of what the rule of an append does not keep, not of what came after it', () => {
    const disk = new Disk()
    const appends = (count: number, entries: number) =>
      Array.from({ length: count }, (_, i) => {
        const request = {
          ...{ channel: 'a', drafts: [{ event: 'said', data: '1' }] },
          keep: { entries, sinceSnapshot: false },
        }
        return pack(request, [`${i}`], 1_000)
      })
    // The channel is looked at once in 64 entries. Of the first 63, five stay.
    disk.log.write([...appends(63, 5), ...appends(50, 1_000)])
    expect(disk.log.head('a').oldestOffset).toBeLessThanOrEqual(63 - 5 + 1)
    disk.log.write(appends(64, 5))
    expect(disk.log.head('a').oldestOffset).toBeGreaterThan(64)
  })

  it('[BR8] lets go of an append that has more entries than leave at one look', () => {
    const disk = new Disk()
    const keep = { entries: 5, sinceSnapshot: false }
    const many = Array.from({ length: 1_000 }, (_, i) => `${i}`)
    const drafts = many.map((data) => ({ event: 'said', data }))
    disk.log.write([pack({ channel: 'a', drafts, keep }, many, 1_000)])
    expect(disk.log.head('a').oldestOffset).toBe(1)
    disk.write(many.slice(0, 128), { keep })
    expect(disk.log.head('a').oldestOffset).toBe(1_001)
  })

  it.each([keyed, numbered])('[BR4] [BR5] knows what came earlier in the same', (identity) => {
    const disk = new Disk()
    const told = { outcome: 'duplicate', firstOffset: 2, position: { offset: 2 } }
    disk.write(['1'])
    const request = { channel: 'a', drafts: [{ event: 'said', data: '2' }], keep: keepAll, identity }
    const write = (tag: string) => pack(request, [tag], 1_000)
    expect(disk.log.write([write('first'), write('again')])).toMatchObject([2, told])
    expect(disk.log.write([write('later')])).toMatchObject([told])
    expect(disk.texts()).toEqual(['1', '2'])
  })

  it('has each of them as it was written, in pieces that a reader can take', () => {
    const disk = new Disk()
    const texts = Array.from({ length: 200 }, (_, i) => JSON.stringify(`${'aé€😀'.repeat(i % 5)}${i}`))
    disk.write(texts)
    expect(disk.texts()).toEqual(texts)
    for (const after of [0, 1, 63, 64, 65, 127, 199])
      expect(
        disk.log.read(
          'a',
          { epoch: 'epoch1', offset: after, tag: after ? `${texts[after - 1]}tag${after - 1}` : '' },
          { maxEntries: 2, maxLength: 1_000 },
        ),
      ).toMatchObject({
        entries: texts.slice(after, after + 2).map((data, i) => ({ offset: after + i + 1, data })),
      })
  })
})

describe('a log whose file is taken away while it is open', () => {
  it('[row 40] [BR9] by deleting it begins another history, in a file that is there', () => {
    const disk = new Disk()
    disk.write(['1', '2'])
    const before = disk.log.head('a').position
    for (const suffix of ['', '-wal']) rmSync(disk.file + suffix, { force: true })
    expect(disk.write(['3'])).toEqual([1])
    expect(disk.log.epoch).not.toBe('epoch1')
    expect(disk.log.read('a', before, { maxEntries: 9, maxLength: 9 })).toMatchObject({
      outcome: 'reset',
      reason: 'epoch',
    })
    disk.log.close()
    expect(new SqliteLog({ ...logOptions, file: disk.file }).head('a').position).toMatchObject({
      offset: 1,
      tag: '3tag0',
    })
  })

  it('[BR9] by putting another in its place reads that one', () => {
    const disk = new Disk()
    disk.write(['1', '2', '3'])
    const other = new SqliteLog({ ...logOptions, file: `${disk.file}.backup` })
    other.close()
    renameSync(`${disk.file}.backup`, disk.file)
    expect(disk.log.head('a')).toMatchObject({ position: { epoch: 'other1', offset: 0 }, oldestOffset: 1 })
    expect(disk.write(['4'])).toEqual([1])
  })
})

describe('a log whose owner died before it had answered', () => {
  /** The file as another owner finds it, to whom these tags were refused. */
  function inherited({ file, log }: Disk, tags: readonly string[]): SqliteLog {
    log.close()
    const heir = new SqliteLog({ ...logOptions, file, refused: new Map([['a', new Set(tags)]]) })
    onTestFinished(() => heir.close())
    return heir
  }
  const textsOf = (log: SqliteLog) => {
    const page = log.read('a', 'start', { maxEntries: 1_000, maxLength: 1_000_000 })
    return page.outcome === 'page' ? page.entries.map(({ data }) => data) : []
  }

  it.each([keyed, numbered])('[BR10] has nothing of what was refused, and takes it anew', (identity) => {
    const disk = new Disk()
    disk.write(['1', '2'])
    disk.write(['3'], { identity })
    disk.write(['4'])
    const heir = inherited(disk, ['3tag0', '4tag0', 'never written'])
    expect(textsOf(heir)).toEqual(['1', '2'])
    expect(heir.head('a').position).toEqual({ epoch: 'epoch1', offset: 2, tag: '2tag1' })
    const request = { channel: 'a', drafts: [{ event: 'said', data: '5' }], identity, keep: keepAll }
    expect(heir.write([pack(request, ['5tag0'], 1_000)])).toEqual([3])
  })

  it('[BR10] keeps what was refused where all before it is trimmed, rather than give its numbers twice', () => {
    const disk = new Disk()
    const keep = { entries: 1, sinceSnapshot: false }
    for (let i = 0; i < 300; i++) disk.write([String(i)], { keep })
    const kept = disk.entries().map(({ tag }) => tag)
    const offset = disk.log.head('a').position.offset
    expect(kept.length).toBeLessThan(300)
    expect(inherited(disk, kept).head('a').position.offset).toBe(offset)
  })
})

const logOptions = { maxBytes: undefined, memory: { producerMs: 1_000, keyMs: 1_000 }, epochPrefix: 'other' }
