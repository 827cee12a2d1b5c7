// BR4 and BR5: who comes again is recognised, and who must not write does not.

import type { AppendIdentity, AppendOutcome } from '@tidings/server'
import { describe, expect, it } from 'vitest'
import { accepted, keepAll, key, type LogUnderTest, producer } from './log-under-test.ts'

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS

/** Both kinds of identities that a retry can come under. */
const identities: readonly [kind: string, AppendIdentity][] = [
  ['an idempotency key', key('k')],
  ['a producer’s number', producer(0)],
]

export function identitiesAreKept(log: () => LogUnderTest, isDurable: boolean, slack: number): void {
  describe.each(identities)('a retry under %s', (_, identity) => {
    /** What the retry is answered has to name the first append. */
    async function expectRecognised(first: AppendOutcome): Promise<void> {
      const head = await log().broker.head('a')
      const { firstOffset, position } = accepted(first)
      expect(await log().append('a', ['x', 'y'], { identity })).toEqual({
        outcome: 'duplicate',
        firstOffset,
        position,
      })
      expect(await log().broker.head('a')).toEqual(head)
    }

    it('[BR4] gets the first append’s position, and appends nothing', async () => {
      const first = await log().append('a', ['x', 'y'], { identity })
      expect(first).toMatchObject({ outcome: 'appended', firstOffset: 1, position: { offset: 2 } })
      await expectRecognised(first)
      await expectRecognised(first)
    })

    it('[row 29] [BR4] is recognised a hundred times at once', async () => {
      const outcomes = await Promise.all(
        Array.from({ length: 100 }, () => log().append('a', ['x', 'y'], { identity })),
      )
      const [first] = outcomes
      expect(outcomes.map(({ outcome }) => outcome)).toEqual(['appended', ...Array(99).fill('duplicate')])
      for (const outcome of outcomes)
        expect(accepted(outcome).position).toEqual(accepted(first as AppendOutcome).position)
      expect(await log().data('a')).toEqual(['x', 'y'])
    })

    it('[row 31] [BR4] is recognised after others have written', async () => {
      const first = await log().append('a', ['x', 'y'], { identity })
      await log().fill('a', 300)
      for (let i = 0; i < 300; i++) await log().append('a', [i], { identity: producer(i, { name: 'other' }) })
      await expectRecognised(first)
    })

    it('[BR4] is recognised after its entries were trimmed', async () => {
      const keep = { entries: 2, sinceSnapshot: false }
      const first = await log().append('a', ['x', 'y'], { identity, keep })
      await log().fill('a', slack + 100, { keep })
      expect(await log().oldestOffset('a')).toBeGreaterThan(2)
      await expectRecognised(first)
    })

    it('[row 31] [BR4] is recognised for as long as it is remembered', async () => {
      const first = await log().append('a', ['x', 'y'], { identity })
      log().pass(identity.kind === 'key' ? DAY_MS - 1 : 30 * DAY_MS - 1)
      await log().fill('a', 500)
      await expectRecognised(first)
    })

    it('is new in another channel', async () => {
      await log().append('a', ['x'], { identity })
      expect(await log().append('b', ['x'], { identity })).toMatchObject({
        outcome: 'appended',
        firstOffset: 1,
      })
    })

    if (isDurable) {
      it('[BR4] is recognised after the log was opened again', async () => {
        const first = await log().append('a', ['x', 'y'], { identity })
        await log().reopen()
        await expectRecognised(first)
      })
    }
  })

  describe('an idempotency key', () => {
    it('[row 30] [BR5] with another digest is a conflict, and appends nothing', async () => {
      const outcomes = await Promise.all([
        log().append('a', ['x'], { identity: key('k', 'one') }),
        log().append('a', ['y'], { identity: key('k', 'two') }),
      ])
      expect(outcomes.map(({ outcome }) => outcome)).toEqual(['appended', 'conflict'])
      expect(await log().append('a', ['y'], { identity: key('k', 'two') })).toEqual({ outcome: 'conflict' })
      expect(await log().data('a')).toEqual(['x'])
    })

    it('[BR4] is a text like any other, and never a producer’s name', async () => {
      const names = ['__proto__', 'constructor', 'p', '', ' ', 'ü', '0', '\u0000', "'"]
      for (const name of names)
        expect(await log().append('a', [name], { identity: key(name) })).toMatchObject({
          outcome: 'appended',
        })
      for (const name of names)
        expect(await log().append('a', [name], { identity: key(name) })).toMatchObject({
          outcome: 'duplicate',
        })
      expect(await log().append('a', [0], { identity: producer(0) })).toMatchObject({ outcome: 'appended' })
      expect(await log().data('a')).toEqual([...names, 0])
    })
  })
}

export function producersAreCounted(log: () => LogUnderTest, isDurable: boolean): void {
  /** Appends the number itself as data, and says what came of it. */
  const write = (...args: Parameters<typeof producer>) =>
    log().append('a', [args[0]], { identity: producer(...args) })

  /** That nothing was written shows in the log, and in what the producer may write next. */
  async function expectUntouched(
    refused: () => Promise<AppendOutcome>,
    answer: AppendOutcome,
  ): Promise<void> {
    const before = [await log().broker.head('a'), await log().entries('a')]
    expect(await refused()).toEqual(answer)
    expect(await refused()).toEqual(answer)
    expect([await log().broker.head('a'), await log().entries('a')]).toEqual(before)
  }

  describe('a producer', () => {
    it('[BR5] that nobody knows has written nothing yet: its last number is -1', async () => {
      await expectUntouched(() => write(1), { outcome: 'gap', last: -1 })
      await expectUntouched(() => write(5, { previous: 0 }), { outcome: 'gap', last: -1 })
      expect(await write(3, { previous: -1 })).toMatchObject({ outcome: 'appended', firstOffset: 1 })
    })

    it('[BR5] that leaves out a number is refused, and told its last one', async () => {
      await write(0)
      await write(1)
      await expectUntouched(() => write(3), { outcome: 'gap', last: 1 })
      expect(await write(2)).toMatchObject({ outcome: 'appended', firstOffset: 3 })
      expect(await write(3)).toMatchObject({ outcome: 'appended', firstOffset: 4 })
    })

    it('[BR5] whose numbers overtake each other in one turn keeps their order', async () => {
      const outcomes = await Promise.all([write(1), write(0), write(1), write(3), write(2), write(1)])
      expect(outcomes.map(({ outcome }) => outcome)).toEqual([
        'gap',
        'appended',
        'appended',
        'gap',
        'appended',
        'duplicate',
      ])
      expect(await log().data('a')).toEqual([0, 1, 2])
    })

    it('[BR5] may pass over numbers that were refused, and then they are skipped for good', async () => {
      await write(0)
      expect(await write(5, { previous: 0 })).toMatchObject({ outcome: 'appended', firstOffset: 2 })
      await expectUntouched(() => write(3, { previous: 0 }), { outcome: 'skipped', last: 5 })
      expect(await write(6)).toMatchObject({ outcome: 'appended', firstOffset: 3 })
      expect(await write(5, { previous: 0 })).toMatchObject({ outcome: 'duplicate', firstOffset: 2 })
    })

    it('[BR5] under a lower epoch is fenced, and told the newest', async () => {
      await write(0, { epoch: 3 })
      await expectUntouched(() => write(1, { epoch: 2 }), { outcome: 'fenced', epoch: 3 })
      // What it has written before is no excuse.
      await expectUntouched(() => write(0, { epoch: 2 }), { outcome: 'fenced', epoch: 3 })
      expect(await write(1, { epoch: 3 })).toMatchObject({ outcome: 'appended', firstOffset: 2 })
    })

    it('[BR5] under a higher epoch goes on counting, and fences the one before', async () => {
      await write(0)
      expect(await write(1, { epoch: 1 })).toMatchObject({ outcome: 'appended', firstOffset: 2 })
      await expectUntouched(() => write(2, { epoch: 0 }), { outcome: 'fenced', epoch: 1 })
      await expectUntouched(() => write(3, { epoch: 1 }), { outcome: 'gap', last: 1 })
      expect(await write(0, { epoch: 1 })).toMatchObject({ outcome: 'duplicate', firstOffset: 1 })
    })

    it('[BR5] that takes over with what the log has already fences the one before as well', async () => {
      await write(0)
      expect(await write(0, { epoch: 0 })).toMatchObject({ outcome: 'duplicate' })
      await write(1)
      expect(await write(1, { epoch: 4 })).toMatchObject({ outcome: 'duplicate', firstOffset: 2 })
      await expectUntouched(() => write(2, { epoch: 3 }), { outcome: 'fenced', epoch: 4 })
      expect(await write(2, { epoch: 4 })).toMatchObject({ outcome: 'appended', firstOffset: 3 })
    })

    it('[BR5] does not take over by what is refused', async () => {
      await write(0)
      await write(4, { previous: 0 })
      await expectUntouched(() => write(6, { epoch: 9 }), { outcome: 'gap', last: 4 })
      await expectUntouched(() => write(2, { epoch: 9, previous: 0 }), { outcome: 'skipped', last: 4 })
      expect(await write(5, { epoch: 0 })).toMatchObject({ outcome: 'appended', firstOffset: 3 })
    })

    it('[BR5] begins its count again by number 0 under a higher epoch, and what was before does not count', async () => {
      for (const sequence of [0, 1, 2]) await write(sequence)
      expect(await write(0, { epoch: 1 })).toMatchObject({ outcome: 'appended', firstOffset: 4 })
      await expectUntouched(() => write(2, { epoch: 1 }), { outcome: 'gap', last: 0 })
      await expectUntouched(() => write(3, { epoch: 0 }), { outcome: 'fenced', epoch: 1 })
      expect(await write(1, { epoch: 1 })).toMatchObject({ outcome: 'appended', firstOffset: 5 })
      expect(await write(0, { epoch: 1 })).toMatchObject({ outcome: 'duplicate', firstOffset: 4 })
      // A number of the old count that the new one passes over is skipped, not a duplicate.
      expect(await write(4, { epoch: 1, previous: 1 })).toMatchObject({ outcome: 'appended', firstOffset: 6 })
      await expectUntouched(() => write(2, { epoch: 1 }), { outcome: 'skipped', last: 4 })
      // Another epoch after that: the count goes on from the one that began again.
      expect(await write(1, { epoch: 2 })).toMatchObject({ outcome: 'duplicate', firstOffset: 5 })
      expect(await write(5, { epoch: 2 })).toMatchObject({ outcome: 'appended', firstOffset: 7 })
    })

    it('[BR5] may begin under any epoch and with any number', async () => {
      expect(await write(7, { name: 'x', epoch: 9, previous: -1 })).toMatchObject({ outcome: 'appended' })
      expect(await write(0, { name: 'y', epoch: 9 })).toMatchObject({ outcome: 'appended' })
      expect(await write(8, { name: 'x', epoch: 9 })).toMatchObject({ outcome: 'appended' })
    })

    it('[BR4] counts to the last whole number there is', async () => {
      const most = Number.MAX_SAFE_INTEGER
      expect(await write(most - 1, { epoch: most, previous: -1 })).toMatchObject({ outcome: 'appended' })
      expect(await write(most, { epoch: most })).toMatchObject({ outcome: 'appended' })
      expect(await write(most, { epoch: most })).toMatchObject({ outcome: 'duplicate', firstOffset: 2 })
      await expectUntouched(() => write(1, { epoch: 1 }), { outcome: 'fenced', epoch: most })
    })

    it('[BR4] is known by name, and each channel counts its own', async () => {
      for (const name of ['p', 'P', '__proto__', 'constructor', '', 'ü']) {
        expect(await write(0, { name })).toMatchObject({ outcome: 'appended' })
      }
      expect(await log().append('b', [0], { identity: producer(0) })).toMatchObject({
        outcome: 'appended',
        firstOffset: 1,
      })
      expect(await log().append('b', [1], { identity: producer(1) })).toMatchObject({
        outcome: 'appended',
        firstOffset: 2,
      })
      expect(await write(1)).toMatchObject({ outcome: 'appended' })
    })

    it('[BR4] of a list of entries has one number for all of them', async () => {
      const first = await log().append('a', ['x', 'y', 'z'], {
        identity: producer(0),
        by: 'me',
        keep: keepAll,
      })
      expect(await log().append('a', ['x', 'y', 'z'], { identity: producer(0), by: 'me' })).toEqual({
        ...first,
        outcome: 'duplicate',
      })
      expect((await log().entries('a')).map(({ sequence }) => sequence)).toEqual([0, 0, 0])
    })

    if (isDurable) {
      it('[BR4] is known after the log was opened again: epoch, last number, what was skipped', async () => {
        await write(0)
        await write(4, { epoch: 2, previous: 0 })
        await write(0, { name: 'q', epoch: 5 })
        await write(0, { name: 'q', epoch: 6 })
        await write(0, { name: 'r' })
        await write(0, { name: 'r', epoch: 1, previous: -1 })
        await log().reopen()
        expect(await write(5, { epoch: 1 })).toEqual({ outcome: 'fenced', epoch: 2 })
        expect(await write(6, { epoch: 2 })).toEqual({ outcome: 'gap', last: 4 })
        expect(await write(3, { epoch: 2, previous: 0 })).toEqual({ outcome: 'skipped', last: 4 })
        expect(await write(0, { epoch: 2 })).toMatchObject({ outcome: 'duplicate', firstOffset: 1 })
        expect(await write(0, { name: 'q', epoch: 6 })).toMatchObject({
          outcome: 'duplicate',
          firstOffset: 4,
        })
        expect(await write(1, { name: 'q', epoch: 5 })).toEqual({ outcome: 'fenced', epoch: 6 })
        expect(await write(1, { name: 'r', epoch: 1 })).toMatchObject({ outcome: 'appended' })
      })

      it('[BR4] that took over with a duplicate has done so for good', async () => {
        await write(0)
        await write(0, { epoch: 0 })
        await write(1)
        await write(1, { epoch: 3 })
        await log().reopen()
        expect(await write(2, { epoch: 2 })).toEqual({ outcome: 'fenced', epoch: 3 })
      })
    }
  })
}
