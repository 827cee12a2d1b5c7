// A node whose disk fails is sent no traffic, so the broker itself has to notice when the disk is back (BR10).

import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { expect, it } from 'vitest'
import { HandClock } from './hand-clock.ts'
import { append, dataOf, openLog, tempFolder } from './temp-log.ts'

/** A folder that can be put out of reach and back. */
function removableFolder() {
  const parent = tempFolder()
  const folder = join(parent, 'data')
  const away = join(parent, 'away')
  mkdirSync(folder)
  return {
    folder,
    take() {
      renameSync(folder, away)
      writeFileSync(folder, 'not a folder')
    },
    bring() {
      rmSync(folder)
      renameSync(away, folder)
    },
  }
}

it('[BR10] a broker whose disk was away has lost nothing, and notices by itself that it is back', async () => {
  const clock = new HandClock()
  const disk = removableFolder()
  const broker = await openLog({ file: join(disk.folder, 'log.db'), clock })
  await append(broker, 1)
  const before = await broker.head('a')

  disk.take()
  await expect(append(broker, 2)).rejects.toMatchObject({ code: 'unavailable' })
  expect(broker.problem()).toMatch(/log/)
  await expect(broker.head('a')).rejects.toMatchObject({ code: 'unavailable' })
  expect([...clock.timers.values()]).toEqual([1_000])

  // It tries again, in vain, and will try again.
  clock.ring()
  await expect(broker.head('a')).rejects.toMatchObject({ code: 'unavailable' })
  expect(broker.problem()).toMatch(/log/)
  expect([...clock.timers.values()]).toEqual([1_000])

  disk.bring()
  clock.ring()
  // Answered after the probe that was sent before it.
  expect(await broker.head('a')).toEqual(before)
  expect(broker.problem()).toBeUndefined()
  expect(clock.timers.size).toBe(0)
  expect(await append(broker, 3)).toMatchObject({ outcome: 'appended', firstOffset: 2 })
  expect(await dataOf(broker)).toEqual([1, 3])

  await broker.close()
  const db = new DatabaseSync(join(disk.folder, 'log.db'))
  expect(db.prepare('SELECT count(*) AS probes FROM probe').get()).toEqual({ probes: 0 })
  db.close()
})

it('[BR10] an append that succeeds is as good as a probe', async () => {
  const clock = new HandClock()
  const disk = removableFolder()
  const broker = await openLog({ file: join(disk.folder, 'log.db'), clock })
  await append(broker, 1)
  disk.take()
  await expect(append(broker, 2)).rejects.toMatchObject({ code: 'unavailable' })
  disk.bring()
  await append(broker, 3)
  expect(broker.problem()).toBeUndefined()
  expect(clock.timers.size).toBe(0)
})

it('[BR10] a disk is not called back before there is room on it', async () => {
  const clock = new HandClock()
  const broker = await openLog({ file: join(tempFolder(), 'log.db'), maxBytes: 200_000, clock })
  await append(broker, 1)
  await expect(append(broker, 'x'.repeat(500_000))).rejects.toMatchObject({ code: 'unavailable' })
  // This one has room enough; it is the big one that did not fit.
  await append(broker, 2)
  expect(broker.problem()).toBeUndefined()

  const fill = async () => {
    for (;;) await append(broker, 'x'.repeat(1_000))
  }
  await expect(fill()).rejects.toMatchObject({ code: 'unavailable' })
  clock.ring()
  await broker.head('a')
  expect(broker.problem()).toMatch(/no room to grow/)
})

it('[BR10] the answer to a write that the log has already says nothing about the disk', async () => {
  const clock = new HandClock()
  const broker = await openLog({ file: join(tempFolder(), 'log.db'), maxBytes: 200_000, clock })
  const identity = { kind: 'key', key: 'k', digest: 'd' } as const
  await append(broker, 1, { identity })
  const fill = async () => {
    for (;;) await append(broker, 'x'.repeat(1_000))
  }
  await expect(fill()).rejects.toMatchObject({ code: 'unavailable' })
  expect(await append(broker, 1, { identity })).toMatchObject({ outcome: 'duplicate', firstOffset: 1 })
  expect(broker.problem()).toMatch(/no room to grow/)
  expect([...clock.timers.values()]).toEqual([1_000])
})

it('a broker that is closed while its disk is away leaves no timer behind', async () => {
  const clock = new HandClock()
  const disk = removableFolder()
  const broker = await openLog({ file: join(disk.folder, 'log.db'), clock })
  await append(broker, 1)
  disk.take()
  const refused = expect(append(broker, 2)).rejects.toMatchObject({ code: 'unavailable' })
  const closing = broker.close()
  await refused
  await closing
  expect(clock.timers.size).toBe(0)

  const other = await openLog({ file: join(removableFolder().folder, 'log.db'), clock, maxBytes: 100_000 })
  await expect(append(other, 'x'.repeat(500_000))).rejects.toMatchObject({ code: 'unavailable' })
  expect(clock.timers.size).toBe(1)
  await other.close()
  expect(clock.timers.size).toBe(0)
})
