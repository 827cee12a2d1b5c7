// How the broker and the thread that owns its file get on: commits shared, reads between them, bounds, and a thread that dies.

import type { Worker } from 'node:worker_threads'
import { systemClock } from '@tidings/core'
import { sqliteBroker } from '@tidings/server/sqlite'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { append, dataOf, openLog, tempFile } from './temp-log.ts'

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
    const broker = await sqliteBroker({ file })
    await append(broker, 1)
    const waiting = [append(broker, 2), broker.head('a'), dataOf(broker)]
    void threads[0]?.terminate()
    for (const result of await Promise.allSettled(waiting))
      expect(result).toMatchObject({ reason: { code: 'unavailable' } })
    expect(broker.problem()).toMatch(/The thread that writes ".*" is gone .*: restart the process/)
    await expect(append(broker, 3)).rejects.toMatchObject({
      code: 'unavailable',
      message: expect.stringMatching(/is gone/),
    })
    await expect(broker.head('a')).rejects.toMatchObject({ code: 'unavailable' })
    await broker.close()
    expect(await dataOf(await openLog({ file }))).toContain(1)
  })
})
