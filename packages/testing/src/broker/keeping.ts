// BR8 and snapshots: what has to stay, what may go, and what a channel's state allows.

import type { Position } from '@tidings/core'
import type { KeepRule, SnapshotStore, StoredSnapshot } from '@tidings/server'
import { describe, expect, it } from 'vitest'
import { type LogUnderTest, wholeLog } from './log-under-test.ts'

export function trimming(log: () => LogUnderTest, slack: number): void {
  const keptOf = async () =>
    (await log().broker.head('a')).position.offset - (await log().oldestOffset('a')) + 1

  describe('trimming', () => {
    it('[BR8] keeps at least so many entries, and not many more', async () => {
      const keep: KeepRule = { entries: 20, sinceSnapshot: false }
      for (let i = 0; i < 40; i++) {
        await log().fill('a', 20 + (i % 7) * 10, { keep })
        expect(await keptOf()).toBeGreaterThanOrEqual(20)
      }
      expect(await keptOf()).toBeLessThanOrEqual(20 + slack)
      expect(await log().entries('a')).toHaveLength(await keptOf())
    })

    it('[BR8] leaves a reader who missed exactly that many able to go on', async () => {
      const keep: KeepRule = { entries: 20, sinceSnapshot: false }
      for (let i = 0; i < slack + 100; i += 25) {
        const { position } = await log().broker.head('a')
        await log().fill('a', 20, { keep })
        expect(await log().entries('a', position)).toHaveLength(20)
        await log().fill('a', 5, { keep })
      }
    })

    it('[BR8] spares what is younger than the age, whatever the number', async () => {
      const keep: KeepRule = { entries: 5, ageMs: 60_000, sinceSnapshot: false }
      await log().fill('a', slack + 50, { keep })
      log().pass(59_999)
      await log().fill('a', slack + 50, { keep })
      expect(await log().oldestOffset('a')).toBe(1)
      log().pass(2)
      await log().fill('a', slack + 50, { keep })
      const oldest = await log().oldestOffset('a')
      expect(oldest).toBeGreaterThan(1)
      expect(oldest).toBeLessThanOrEqual(slack + 51)
    })

    it('[BR8] spares the number, whatever the age', async () => {
      const keep: KeepRule = { entries: slack + 200, ageMs: 1_000, sinceSnapshot: false }
      await log().fill('a', 200, { keep })
      log().pass(1_000_000)
      await log().fill('a', slack, { keep })
      expect(await log().oldestOffset('a')).toBe(1)
    })

    it('[BR8] follows a rule that has become narrower', async () => {
      await log().fill('a', slack + 500)
      expect(await log().oldestOffset('a')).toBe(1)
      for (let i = 0; i < 5; i++)
        await log().fill('a', slack, { keep: { entries: 10, sinceSnapshot: false } })
      expect(await keptOf()).toBeLessThanOrEqual(10 + slack)
      expect(await keptOf()).toBeGreaterThanOrEqual(10)
    })

    it('[BR8] keeps up with appends of any size', async () => {
      const keep: KeepRule = { entries: 10, sinceSnapshot: false }
      const many = Array.from({ length: 1_000 }, (_, i) => i)
      for (let i = 0; i < 8; i++) await log().append('a', many, { keep })
      expect(await keptOf()).toBeLessThanOrEqual(10 + many.length + slack)
    })

    it('[BR8] of one channel leaves the others alone', async () => {
      await log().fill('b', 20)
      await log().fill('a', slack + 100, { keep: { entries: 1, sinceSnapshot: false } })
      expect(await log().oldestOffset('a')).toBeGreaterThan(1)
      expect(await log().data('b')).toEqual(Array.from({ length: 20 }, (_, i) => i))
    })

    it('[BR1] never lets an offset be used again', async () => {
      const keep: KeepRule = { entries: 0, ageMs: 1, sinceSnapshot: false }
      const head = await log().fill('a', slack + 100, { keep })
      log().pass(1_000_000)
      const next = await log().fill('a', 1, { keep })
      expect(next.offset).toBe(head.offset + 1)
    })
  })
}

export function snapshots(log: () => LogUnderTest, isDurable: boolean, slack: number): void {
  const store = () => log().broker.snapshots as SnapshotStore
  const at = (position: Position, { version = 1, state = '{}' } = {}): StoredSnapshot => ({
    version,
    position,
    state,
  })
  const folded: KeepRule = { entries: 5, sinceSnapshot: true }

  describe('a snapshot', () => {
    it('is not there before one was saved', async () => {
      expect(await store().load('a')).toBeUndefined()
      await log().fill('a', 3)
      expect(await store().load('a')).toBeUndefined()
    })

    it('is loaded as it was saved, for its channel', async () => {
      const snapshot = at(await log().fill('a', 3), {
        version: 7,
        state: JSON.stringify({ text: 'ü'.repeat(300_000) }),
      })
      await store().save('a', snapshot)
      expect(await store().load('a')).toEqual(snapshot)
      expect(await store().load('b')).toBeUndefined()
    })

    it('gives way to a newer one, and to no older one', async () => {
      const early = await log().fill('a', 3)
      const late = await log().fill('a', 3)
      await store().save('a', at(early))
      await store().save('a', at(late, { state: '{"late":1}' }))
      await store().save('a', at(early, { version: 2 }))
      expect(await store().load('a')).toEqual(at(late, { state: '{"late":1}' }))
      // The state folded anew, by the next version of the fold.
      await store().save('a', at(late, { version: 2 }))
      expect(await store().load('a')).toEqual(at(late, { version: 2 }))
      await store().save('a', at(late, { version: 1 }))
      expect(await store().load('a')).toEqual(at(late, { version: 2 }))
    })

    it('of another epoch is replaced, however far it was', async () => {
      const position = await log().fill('a', 3)
      await store().save('a', at({ epoch: 'Before', offset: 1_000, tag: 'abcdefgh' }))
      await store().save('a', at(position))
      expect(await store().load('a')).toEqual(at(position))
    })

    it('of a channel without entries is kept, and adds none', async () => {
      const { position } = await log().broker.head('a')
      await store().save('a', at(position, { state: '[]' }))
      expect(await store().load('a')).toEqual(at(position, { state: '[]' }))
      expect(await log().broker.head('a')).toEqual({ position, oldestOffset: 1 })
    })

    it('[BR8] is what trimming waits for, where the channel has a state', async () => {
      await log().fill('a', slack + 100, { keep: folded })
      expect(await log().oldestOffset('a')).toBe(1)
    })

    it('[BR8] is never passed by trimming, and what follows it can be read', async () => {
      const before = await log().fill('a', slack + 300, { keep: folded })
      await store().save('a', at(before))
      const after = await log().fill('a', slack + 300, { keep: folded })
      expect(await log().oldestOffset('a')).toBeGreaterThan(1)
      const page = await log().broker.read('a', before, wholeLog)
      expect(page).toMatchObject({ outcome: 'page' })
      expect(await log().entries('a', before)).toHaveLength(after.offset - before.offset)
    })

    it('[BR8] of another epoch allows nothing to go', async () => {
      await log().fill('a', 3, { keep: folded })
      await store().save('a', at({ epoch: 'Before', offset: 1_000_000, tag: 'abcdefgh' }))
      await log().fill('a', slack + 100, { keep: folded })
      expect(await log().oldestOffset('a')).toBe(1)
    })

    it('[BR8] spares what number and age spare', async () => {
      const keep: KeepRule = { entries: 2 * slack + 200, sinceSnapshot: true }
      await store().save('a', at(await log().fill('a', slack + 100, { keep })))
      await log().fill('a', slack + 100, { keep })
      expect(await log().oldestOffset('a')).toBe(1)
    })

    if (isDurable) {
      it('is there after the log was opened again', async () => {
        const snapshot = at(await log().fill('a', 3), { version: 2, state: '{"n":3}' })
        await store().save('a', snapshot)
        await log().reopen()
        expect(await store().load('a')).toEqual(snapshot)
      })
    }
  })
}
