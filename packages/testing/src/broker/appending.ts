// BR1 to BR3: what an append leaves behind, and in which order.

import type { AppendOutcome } from '@tidings/server'
import { describe, expect, it } from 'vitest'
import { accepted, keepAll, key, type LogUnderTest, producer } from './log-under-test.ts'

export function appending(log: () => LogUnderTest, isDurable: boolean): void {
  describe('an append', () => {
    it('[BR1] gets dense offsets that begin at 1, and the position of its last entry', async () => {
      const first = accepted(await log().append('a', ['x']))
      const second = accepted(await log().append('a', ['y', 'z']))
      expect(first).toMatchObject({ outcome: 'appended', firstOffset: 1, position: { offset: 1 } })
      expect(second).toMatchObject({ outcome: 'appended', firstOffset: 2, position: { offset: 3 } })
      expect(second.position.epoch).toBe(first.position.epoch)
      const entries = await log().entries('a')
      expect(entries.map(({ offset }) => offset)).toEqual([1, 2, 3])
      expect(entries[2]?.tag).toBe(second.position.tag)
    })

    it('[BR1] counts for each channel by itself', async () => {
      await log().fill('a', 3)
      expect(accepted(await log().append('b', ['x'])).firstOffset).toBe(1)
      expect(await log().data('a')).toEqual([0, 1, 2])
      expect(await log().data('b')).toEqual(['x'])
    })

    it('[BR1] marks every entry with a tag of its own that a position can carry', async () => {
      await log().fill('a', 100)
      const tags = (await log().entries('a')).map(({ tag }) => tag)
      expect(new Set(tags).size).toBe(100)
      for (const tag of tags) expect(tag).toMatch(/^[0-9A-Za-z]{6,32}$/)
    })

    it('[BR1] keeps what was written to the letter', async () => {
      const texts = [
        '',
        ' ',
        'ü',
        '日本',
        '👩‍👩‍👧',
        '\u0000',
        '\u2028',
        '"\\',
        "'; DROP TABLE entries; --",
        '__proto__',
      ]
      const drafts = texts.map((text) => ({ event: text || 'said', data: JSON.stringify({ text }) }))
      await log().broker.append({ channel: 'a', drafts, keep: keepAll })
      const entries = await log().entries('a')
      expect(entries.map(({ event, data }) => ({ event, data }))).toEqual(drafts)
    })

    it('[BR1] of a large entry keeps all of it', async () => {
      await log().append('a', ['x'.repeat(1_000_000)])
      expect(await log().data('a')).toEqual(['x'.repeat(1_000_000)])
    })

    it('[BR1] carries the broker’s time, and the writer’s name and number where it has one', async () => {
      await log().append('a', [1])
      log().pass(1_500)
      await log().append('a', [2, 3], { by: 'me', identity: producer(7, { previous: -1 }) })
      const [first, second, third] = await log().entries('a')
      expect(first).toMatchObject({ at: log().now - 1_500, by: undefined, sequence: undefined })
      expect(second).toMatchObject({ at: log().now, by: 'me', sequence: 7 })
      expect(third).toMatchObject({ at: log().now, by: 'me', sequence: 7 })
    })

    it('[BR1] of a producer without a public name shows no number', async () => {
      await log().append('a', [1], { identity: producer(0) })
      expect((await log().entries('a'))[0]).toMatchObject({ by: undefined, sequence: undefined })
    })

    it('[BR1] under a key shows the public name alone', async () => {
      await log().append('a', [1], { by: 'me', identity: key('k') })
      expect((await log().entries('a'))[0]).toMatchObject({ by: 'me', sequence: undefined })
    })

    it('[BR1] goes to the channel of that very name, whatever the name is', async () => {
      const names = ['__proto__', 'constructor', 'toString', 'a/b', 'a', 'A', 'ä', '%', "'", 'x'.repeat(255)]
      for (const name of names) expect(accepted(await log().append(name, [name])).firstOffset).toBe(1)
      for (const name of names) expect(await log().data(name)).toEqual([name])
    })

    it('[BR2] of a hundred entries is there as a whole, side by side', async () => {
      const hundred = Array.from({ length: 100 }, (_, i) => i)
      const both = await Promise.all([log().append('a', hundred), log().append('a', hundred)])
      expect(both.map((outcome) => accepted(outcome).firstOffset)).toEqual([1, 101])
      expect(await log().data('a')).toEqual([...hundred, ...hundred])
    })

    it('[BR3] that was called first comes first', async () => {
      const outcomes = await Promise.all(Array.from({ length: 1_000 }, (_, i) => log().append('a', [i])))
      expect(outcomes.map((outcome) => accepted(outcome).firstOffset)).toEqual(
        Array.from({ length: 1_000 }, (_, i) => i + 1),
      )
      expect(await log().data('a')).toEqual(Array.from({ length: 1_000 }, (_, i) => i))
    })

    it('[BR3] that was called first is answered first, across channels', async () => {
      const answered: number[] = []
      const appends = Array.from({ length: 600 }, (_, i) =>
        log()
          .append(`c${i % 7}`, [i])
          .then(() => void answered.push(i)),
      )
      await Promise.all(appends)
      expect(answered).toEqual(Array.from({ length: 600 }, (_, i) => i))
    })

    it('[BR3] does not pass one that was called before it in another turn', async () => {
      const outcomes: Promise<AppendOutcome>[] = []
      for (let i = 0; i < 50; i++) {
        outcomes.push(log().append('a', [i]))
        if (i % 3 === 0) await log().broker.head('b')
      }
      await Promise.all(outcomes)
      expect(await log().data('a')).toEqual(Array.from({ length: 50 }, (_, i) => i))
    })

    if (isDurable) {
      it('[BR1] that was acknowledged is there after the log was opened again', async () => {
        const position = await log().fill('a', 50)
        const before = await log().entries('a')
        await log().reopen()
        expect(await log().entries('a')).toEqual(before)
        expect((await log().broker.head('a')).position).toEqual(position)
        expect(accepted(await log().append('a', ['next'])).firstOffset).toBe(51)
      })
    }
  })
}
