// What the log on disk forgets: enough for its file not to grow for ever, and nothing too early (BR4, BR8).

import { DatabaseSync } from 'node:sqlite'
import { systemClock } from '@tidings/core'
import type { AppendIdentity, Broker, KeepRule } from '@tidings/server'
import { describe, expect, it } from 'vitest'
import { append, openLog, tempFile } from './temp-log.ts'

const MEMORY_MS = 60_000

/** A log with a short memory, whose wall clock the test moves. */
class Forgetful {
  readonly file = tempFile()
  now = 1_000_000
  broker!: Broker

  async open(): Promise<void> {
    const clock = { ...systemClock, now: () => this.now }
    this.broker = await openLog({
      file: this.file,
      clock,
      memory: { producerMs: MEMORY_MS, keyMs: MEMORY_MS },
    })
  }

  write(identity: AppendIdentity, keep: KeepRule) {
    return append(this.broker, 1, { identity, keep })
  }

  /** Closes the log, and counts rows of it. */
  async count(from: string): Promise<number> {
    await this.broker.close()
    const db = new DatabaseSync(this.file)
    const { rows } = db.prepare(`SELECT count(*) AS rows FROM ${from}`).get() as { rows: number }
    db.close()
    return rows
  }
}

async function forgetful(): Promise<Forgetful> {
  const log = new Forgetful()
  await log.open()
  return log
}

const few: KeepRule = { entries: 10, sinceSnapshot: false }
const all: KeepRule = { entries: 1_000_000, sinceSnapshot: false }
const number = (producer: string, sequence: number): AppendIdentity => {
  return { kind: 'producer', producer, epoch: 0, sequence, previous: sequence - 1 }
}
const key = (name: string): AppendIdentity => ({ kind: 'key', key: name, digest: 'd' })

describe('the memory of a log on disk', () => {
  it('[BR4] lets old keys go, in small steps, as new ones come', async () => {
    const log = await forgetful()
    await Promise.all(Array.from({ length: 1_000 }, (_, i) => log.write(key(`old${i}`), all)))
    log.now += MEMORY_MS
    await Promise.all(Array.from({ length: 600 }, (_, i) => log.write(key(`late${i}`), all)))
    // To the millisecond it is not too old yet.
    expect(await log.write(key('old7'), all)).toMatchObject({ outcome: 'duplicate' })
    log.now += 1
    await Promise.all(Array.from({ length: 1_500 }, (_, i) => log.write(key(`new${i}`), all)))
    expect(await log.write(key('late7'), all)).toMatchObject({ outcome: 'duplicate' })
    expect(await log.write(key('old7'), all)).toMatchObject({ outcome: 'appended' })
    expect(await log.count('keys')).toBeLessThanOrEqual(600 + 1_500 + 200)
  })

  it('[BR4] lets old numbers go, and producers that have none left', async () => {
    const log = await forgetful()
    await Promise.all(Array.from({ length: 500 }, (_, i) => log.write(number(`old${i}`, 0), few)))
    log.now += MEMORY_MS
    await Promise.all(Array.from({ length: 600 }, (_, i) => log.write(number(`late${i}`, 0), few)))
    // To the millisecond they are not too old yet.
    expect(await log.write(number('old3', 0), few)).toMatchObject({ outcome: 'duplicate' })
    log.now += MEMORY_MS + 1
    // A producer that goes on writing keeps its newest numbers, and its count.
    for (let i = 0; i < 1_500; i++) {
      void log.write(number('new', i), few)
      void log.write(number(`other${i}`, 0), few)
    }
    expect(await log.write(number('new', 1_499), few)).toMatchObject({ outcome: 'duplicate' })
    expect(await log.write(number('new', 1_501), few)).toEqual({ outcome: 'gap', last: 1_499 })
    expect(await log.write(number('old3', 1), few)).toEqual({ outcome: 'gap', last: -1 })
    expect(await log.count("producers WHERE name LIKE 'old%' OR name LIKE 'late%'")).toBeLessThanOrEqual(20)
  })

  it('[BR4] keeps the numbers of entries that are kept, however old', async () => {
    const log = await forgetful()
    for (let i = 0; i < 100; i++) void log.write(number('old', i), all)
    log.now += 100 * MEMORY_MS
    await Promise.all(Array.from({ length: 1_000 }, (_, i) => log.write(number(`new${i}`, 0), all)))
    for (const i of [0, 50, 99])
      expect(await log.write(number('old', i), all)).toMatchObject({
        outcome: 'duplicate',
        firstOffset: i + 1,
      })
    expect(await log.count('receipts, json_each(marks)')).toBe(1_100)
  })

  it('[BR5] never lets a number go before the lower ones: what came after it would count as new', async () => {
    const log = await forgetful()
    log.now += 10 * MEMORY_MS
    for (let i = 0; i < 10; i++) void log.write(number('p', i), few)
    await append(log.broker, 'between')
    // Somebody sets the clock back: the newest number seems to be the oldest.
    log.now -= 9 * MEMORY_MS
    await log.write(number('p', 10), few)
    log.now += 2 * MEMORY_MS
    for (let i = 0; i < 600; i++) void log.write(number(`q${i}`, 0), few)
    expect(await log.write(number('p', 10), few)).toMatchObject({ outcome: 'duplicate' })
    expect(await log.write(number('p', 3), few)).toMatchObject({ outcome: 'duplicate' })
    expect(await log.write(number('p', 11), few)).toMatchObject({ outcome: 'appended' })
  })

  it('[BR5] of a count that began again outlives nothing of the old one', async () => {
    const log = await forgetful()
    for (let i = 0; i < 100; i++) void log.write(number('p', i), few)
    const again = (sequence: number): AppendIdentity =>
      ({ ...number('p', sequence), epoch: 1 }) as AppendIdentity
    await log.write(again(0), few)
    log.now += MEMORY_MS + 1
    for (let i = 1; i < 600; i++) {
      void log.write(again(i), few)
      void log.write(number(`q${i}`, 0), few)
    }
    expect(await log.write(again(599), few)).toMatchObject({ outcome: 'duplicate' })
    expect(await log.count('receipts WHERE producer NOT IN (SELECT id FROM producers)')).toBe(0)
  })

  it('[BR8] gives back the room of what was trimmed', async () => {
    const log = await forgetful()
    for (let i = 0; i < 5_000; i++) void append(log.broker, i, { keep: few })
    await append(log.broker, 'last', { keep: few })
    expect(await log.count("runs, json_each('[' || marks || ']')")).toBeLessThanOrEqual(10 + 64 + 64 + 2)
  })
})
