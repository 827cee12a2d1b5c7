// How the broker and the thread that owns its file get on: commits shared, reads between them, bounds, and a thread that dies.

import { renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Worker } from 'node:worker_threads'
import { systemChance, systemClock } from '@tidings/core'
import { sqliteBroker } from '@tidings/server/sqlite'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { HandClock } from './hand-clock.ts'
import { append, dataOf, openLog, tempFile, tempFolder } from './temp-log.ts'

/** Threads that the broker under test has started. */
const threads: Worker[] = []

vi.mock('node:worker_threads', async (original) => {
  const actual = await original<typeof import('node:worker_threads')>()
  class Seen extends actual.Worker {
    constructor(...args: ConstructorParameters<typeof Worker>) {
      super(...args)
      threads.push(this)
    }
  }
  return { ...actual, Worker: Seen }
})

afterEach(() => {
  threads.length = 0
})

describe('appends to a log on disk', () => {
  it('share commits: 256 entries at most, and none waits for a timer', async () => {
    const setTimer = () => expect.unreachable('a timer was set')
    const broker = await openLog({ file: tempFile(), clock: { ...systemClock, setTimer } })
    const commits: number[] = []
    await broker.attach('a', (_, entries) => commits.push(entries.length))
    await append(broker, 'alone')
    expect(commits).toEqual([1])
    await Promise.all(Array.from({ length: 1_000 }, (_, i) => append(broker, i)))
    expect(commits.slice(1)).toEqual([256, 256, 256, 232])
  })

  it('that come while a commit is under way go into the next one together', async () => {
    const broker = await openLog({ file: tempFile() })
    let commits = 0
    await broker.attach('a', () => commits++)
    const appends: Promise<unknown>[] = []
    for (let turn = 0; turn < 200; turn++) {
      appends.push(append(broker, turn))
      await new Promise<void>((resolve) => systemClock.endOfTurn(resolve))
    }
    await Promise.all(appends)
    expect(commits).toBeLessThan(150)
    expect(await dataOf(broker)).toEqual(Array.from({ length: 200 }, (_, i) => i))
  })

  it('do not wait for all reads that came before them', async () => {
    const broker = await openLog({ file: tempFile() })
    await Promise.all(Array.from({ length: 200 }, (_, i) => append(broker, i)))
    let answered = 0
    const reads = Array.from({ length: 200 }, () => dataOf(broker).then(() => answered++))
    // The thread is at them now.
    await reads[0]
    await append(broker, 'urgent')
    expect(answered).toBeLessThan(200)
    await Promise.all(reads)
  })

  it('[BR10] are refused when too many wait already, and the others are not', async () => {
    const broker = await openLog({ file: tempFile(), maxWaitingWrites: 3 })
    const results = await Promise.allSettled(Array.from({ length: 5 }, (_, i) => append(broker, i)))
    expect(results.map(({ status }) => status)).toEqual([
      'fulfilled',
      'fulfilled',
      'fulfilled',
      'rejected',
      'rejected',
    ])
    expect(results[3]).toMatchObject({
      reason: { code: 'unavailable', message: '3 writes wait for the disk already.' },
    })
    expect(await dataOf(broker)).toEqual([0, 1, 2])
    expect(await append(broker, 3)).toMatchObject({ outcome: 'appended' })
  })
})

describe('data for a log on disk', () => {
  it('[BR10] is refused when too much of it waits already', async () => {
    const broker = await openLog({ file: tempFile(), maxWaitingLength: 25 })
    // As JSON each has a length of 12.
    const results = await Promise.allSettled(Array.from({ length: 5 }, () => append(broker, 'x'.repeat(10))))
    expect(results.map(({ status }) => status)).toEqual([
      'fulfilled',
      'fulfilled',
      'fulfilled',
      'rejected',
      'rejected',
    ])
    expect(await append(broker, 'x'.repeat(100))).toMatchObject({ outcome: 'appended', firstOffset: 4 })
    expect(await append(broker, 'x')).toMatchObject({ outcome: 'appended', firstOffset: 5 })
  })
})

describe('reads of a log on disk', () => {
  it('[BR10] are refused when too many wait already, and the others are not', async () => {
    const broker = await openLog({ file: tempFile(), maxWaitingReads: 2 })
    const results = await Promise.allSettled(Array.from({ length: 3 }, () => broker.head('a')))
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected'])
    expect(results[2]).toMatchObject({
      reason: { code: 'unavailable', message: '2 reads wait for the disk already.' },
    })
  })
})

describe('a broker whose thread dies', () => {
  it('[BR10] refuses what waits and what comes, says why, and can be closed', async () => {
    const file = tempFile()
    const clock = new HandClock()
    const broker = await sqliteBroker({ file, clock })
    await append(broker, 1)
    const waiting = [append(broker, 2), broker.head('a'), dataOf(broker)]
    void threads[0]?.terminate()
    for (const result of await Promise.allSettled(waiting))
      expect(result).toMatchObject({ reason: { code: 'unavailable' } })
    expect(broker.problem()).toMatch(/The thread that writes ".*" is gone .*; another one is started/)
    await expect(append(broker, 3)).rejects.toMatchObject({
      code: 'unavailable',
      message: expect.stringMatching(/is gone/),
    })
    await expect(broker.head('a')).rejects.toMatchObject({ code: 'unavailable' })
    await broker.close()
    expect(clock.timers.size).toBe(0)
    expect(threads).toHaveLength(1)
    expect(await dataOf(await openLog({ file }))).toContain(1)
  })

  it('[BR10] opens the file with another one, tries again where that fails, and goes on with what it had', async () => {
    const clock = new HandClock()
    const folder = tempFolder()
    const file = join(folder, 'log.db')
    const broker = await openLog({ file, clock, chance: { ...systemChance, fraction: () => 0.5 } })
    await append(broker, 1)
    const before = await broker.head('a')
    const heard: string[] = []
    await broker.attach('a', (_, entries) => heard.push(...entries.map(({ data }) => data)))

    await threads[0]?.terminate()
    await vi.waitFor(() => expect(broker.problem()).toMatch(/is gone/))
    expect([...clock.timers.values()]).toEqual([500])
    renameSync(folder, `${folder}-away`)
    writeFileSync(folder, 'not a folder')
    clock.ring()
    await vi.waitFor(() => expect(broker.problem()).toMatch(/cannot be opened/), 20_000)
    await expect(append(broker, 2)).rejects.toMatchObject({ code: 'unavailable' })
    expect([...clock.timers.values()]).toEqual([1_000])

    rmSync(folder)
    renameSync(`${folder}-away`, folder)
    clock.ring()
    await vi.waitFor(() => expect(broker.problem()).toBeUndefined(), 20_000)
    expect(await broker.head('a')).toEqual(before)
    expect(await append(broker, 3)).toMatchObject({ outcome: 'appended', firstOffset: 2 })
    expect(heard).toEqual(['3'])
    expect(await dataOf(broker)).toEqual([1, 3])
    expect(clock.timers.size).toBe(0)
  })

  it('[BR10] has in its log what it said it had, and nothing that it refused, whenever that was', async () => {
    const clock = new HandClock()
    const broker = await openLog({ file: tempFile(), clock })
    const accepted: number[] = []
    const refused: number[] = []
    for (let round = 0; round < 6; round++) {
      const numbers = Array.from({ length: 900 }, (_, i) => round * 1_000 + i)
      const writes = numbers.slice(0, 600).map((number) => append(broker, number))
      // Some of the commits are done, perhaps also some that were not answered yet; of the last the thread never hears.
      await writes[0]
      for (let turn = 0; turn < round; turn++) await new Promise((resolve) => setImmediate(resolve))
      writes.push(...numbers.slice(600).map((number) => append(broker, number)))
      await threads.at(-1)?.terminate()
      for (const [i, { status }] of (await Promise.allSettled(writes)).entries())
        (status === 'fulfilled' ? accepted : refused).push(numbers[i] as number)
      await vi.waitFor(() => expect(clock.timers.size).toBe(1), 20_000)
      clock.ring()
      await vi.waitFor(() => expect(broker.problem()).toBeUndefined(), 20_000)
    }
    expect(refused.length).toBeGreaterThan(0)
    expect(await dataOf(broker)).toEqual(accepted)
  })
})
