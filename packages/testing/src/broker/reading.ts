// BR6: exactly what follows a position, or a reset with the true reason.

import type { Position } from '@tidings/core'
import { type ReadOutcome, UNSEEN_TAG } from '@tidings/server'
import { describe, expect, it } from 'vitest'
import { type LogUnderTest, wholeLog } from './log-under-test.ts'

export function reading(log: () => LogUnderTest, slack: number): void {
  const read = (channel: string, after: Position | 'start') => log().broker.read(channel, after, wholeLog)
  const offsetsOf = (outcome: ReadOutcome) =>
    outcome.outcome === 'page' ? outcome.entries.map(({ offset }) => offset) : outcome

  /** Positions of all entries, offset 0 first. */
  async function positions(channel: string): Promise<readonly Position[]> {
    const { epoch } = (await log().broker.head(channel)).position
    const marks = (await log().entries(channel)).map(({ offset, tag }) => ({ epoch, offset, tag }))
    return [{ epoch, offset: 0, tag: '' }, ...marks]
  }

  async function expectReset(channel: string, after: Position, reason: string): Promise<void> {
    const head = await log().broker.head(channel)
    expect(await read(channel, after)).toEqual({ outcome: 'reset', reason, head })
  }

  describe('a read', () => {
    it('[BR6] gives exactly the entries after any position', async () => {
      await log().fill('a', 10)
      for (const after of await positions('a')) {
        const rest = Array.from({ length: 10 - after.offset }, (_, i) => after.offset + 1 + i)
        expect(offsetsOf(await read('a', after))).toEqual(rest)
      }
      expect(offsetsOf(await read('a', 'start'))).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10])
    })

    it('[BR6] says where the log stands', async () => {
      const position = await log().fill('a', 3)
      expect(await read('a', position)).toEqual({
        outcome: 'page',
        epoch: position.epoch,
        entries: [],
        head: { position, oldestOffset: 1 },
      })
    })

    it('[BR6] of a channel without entries is an empty page, and begins no history of its own', async () => {
      const { position, oldestOffset } = await log().broker.head('a')
      expect({ ...position, epoch: '' }).toEqual({ epoch: '', offset: 0, tag: '' })
      expect(position.epoch).toMatch(/^[0-9A-Za-z]{6,32}$/)
      expect(oldestOffset).toBe(1)
      expect(offsetsOf(await read('a', 'start'))).toEqual([])
      expect(offsetsOf(await read('a', position))).toEqual([])
      // Who asked before the first entry has missed nothing when it comes.
      await log().fill('a', 2)
      expect(offsetsOf(await read('a', position))).toEqual([1, 2])
      await expectReset('b', { ...position, epoch: 'other' }, 'epoch')
    })

    it('[BR6] from another epoch is a reset: epoch', async () => {
      await log().fill('a', 3)
      for (const position of await positions('a'))
        await expectReset('a', { ...position, epoch: 'Other1' }, 'epoch')
    })

    it('[BR6] from beyond the head is a reset: ahead', async () => {
      const position = await log().fill('a', 3)
      await expectReset('a', { ...position, offset: 4 }, 'ahead')
      await expectReset('a', { ...position, offset: Number.MAX_SAFE_INTEGER }, 'ahead')
      const { epoch } = position
      await expectReset('never', { epoch, offset: 1, tag: 'abcdef' }, 'ahead')
    })

    it('[BR6] from an entry with another tag is a reset: fork', async () => {
      await log().fill('a', 3)
      for (const position of (await positions('a')).slice(1)) {
        await expectReset('a', { ...position, tag: `${position.tag}x` }, 'fork')
        await expectReset('a', { ...position, tag: position.tag.slice(1) }, 'fork')
      }
    })

    it('[BR6] from what was trimmed is a reset: trimmed; from the oldest kept it is a page', async () => {
      const keep = { entries: 5, sinceSnapshot: false }
      await log().fill('a', 3, { keep })
      const [zero, ...early] = (await positions('a')) as [Position, ...Position[]]
      const head = await log().fill('a', slack + 100, { keep })
      const oldest = await log().oldestOffset('a')
      expect(oldest).toBeGreaterThan(3)
      for (const position of [zero, ...early]) await expectReset('a', position, 'trimmed')
      await expectReset('a', { ...head, offset: oldest - 1 }, 'trimmed')

      const kept = await log().entries('a')
      expect(kept[0]?.offset).toBe(oldest)
      for (const { offset, tag } of kept) {
        const rest = Array.from({ length: head.offset - offset }, (_, i) => offset + 1 + i)
        expect(offsetsOf(await read('a', { epoch: head.epoch, offset, tag }))).toEqual(rest)
      }
    })

    it('[BR6] at the head is a page, even if everything before it was trimmed', async () => {
      const keep = { entries: 0, sinceSnapshot: false }
      const head = await log().fill('a', slack + 100, { keep })
      expect(await log().oldestOffset('a')).toBeGreaterThan(1)
      expect(offsetsOf(await read('a', head))).toEqual([])
      await log().append('a', ['next'], { keep })
      expect(offsetsOf(await read('a', head))).toEqual([head.offset + 1])
    })

    it('[BR6] from before the oldest entry kept is a page, whoever stood there, until that is trimmed', async () => {
      const keep = { entries: 5, sinceSnapshot: false }
      const head = await log().fill('a', slack + 100, { keep })
      const oldest = await log().oldestOffset('a')
      const before = { epoch: head.epoch, offset: oldest - 1, tag: UNSEEN_TAG }
      expect((offsetsOf(await read('a', before)) as number[])[0]).toBe(oldest)
      await expectReset('a', { ...before, epoch: 'another' }, 'epoch')
      await expectReset('a', { ...before, offset: head.offset + 1 }, 'ahead')
      await log().fill('a', slack + 100, { keep })
      await expectReset('a', before, 'trimmed')
    })

    it('[BR6] from the start is never a reset', async () => {
      const keep = { entries: 5, sinceSnapshot: false }
      await log().fill('a', slack + 100, { keep })
      const kept = offsetsOf(await read('a', 'start')) as number[]
      expect(kept[0]).toBe(await log().oldestOffset('a'))
      expect(kept.at(-1)).toBe(slack + 100)
    })

    it('[BR6] ends its page after so many entries', async () => {
      await log().fill('a', 10)
      expect(await log().entries('a', 'start', { maxEntries: 4 })).toHaveLength(4)
      expect(await log().entries('a', 'start', { maxEntries: 10 })).toHaveLength(10)
      expect(await log().entries('a', 'start', { maxEntries: 0 })).toHaveLength(0)
      const rest = await log().entries('a', (await positions('a'))[8], { maxEntries: 4 })
      expect(rest.map(({ offset }) => offset)).toEqual([9, 10])
    })

    it('[BR6] ends its page with the entry that reaches the length, and has at least one', async () => {
      // As JSON each has a length of 10.
      await log().append('a', ['aaaaaaaa', 'bbbbbbbb', 'cccccccc', 'üüüüüüüü'])
      const lengthOf = async (maxLength: number) => (await log().entries('a', 'start', { maxLength })).length
      expect(await lengthOf(1)).toBe(1)
      expect(await lengthOf(10)).toBe(1)
      expect(await lengthOf(11)).toBe(2)
      expect(await lengthOf(30)).toBe(3)
      // UTF-16 units, not bytes.
      expect(await lengthOf(40)).toBe(4)
      expect(await lengthOf(31)).toBe(4)
    })

    it('[BR6] in pages gives every entry once', async () => {
      await log().fill('a', 100)
      let after = (await positions('a'))[0] as Position
      const seen: number[] = []
      for (;;) {
        const entries = await log().entries('a', after, { maxEntries: 7 })
        if (entries.length === 0) break
        seen.push(...entries.map(({ offset }) => offset))
        const { offset, tag } = entries.at(-1) as { offset: number; tag: string }
        after = { ...after, offset, tag }
      }
      expect(seen).toEqual(Array.from({ length: 100 }, (_, i) => i + 1))
    })

    it('[BR6] while others write is a piece of one history, without a hole', async () => {
      const writing = log().fill('a', 500)
      const pages: ReadOutcome[] = []
      for (let i = 0; i < 20; i++) pages.push(await read('a', 'start'))
      await writing
      for (const page of pages) {
        const offsets = offsetsOf(page) as number[]
        expect(offsets).toEqual(Array.from({ length: page.head.position.offset }, (_, i) => i + 1))
      }
    })
  })
}
