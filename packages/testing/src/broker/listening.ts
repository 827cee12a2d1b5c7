// BR7: who is attached hears every entry, in order, once it is durable.

import type { StoredEntry } from '@tidings/server'
import { describe, expect, it } from 'vitest'
import { accepted, key, type LogUnderTest, producer } from './log-under-test.ts'

export function listening(log: () => LogUnderTest): void {
  /** Attaches an ear to the channel; what it has heard so far, and how to leave. */
  async function ear(channel: string) {
    const heard: StoredEntry[] = []
    const epochs = new Set<string>()
    const leave = await log().broker.attach(channel, (epoch, entries) => {
      epochs.add(epoch)
      heard.push(...entries)
    })
    return { heard, epochs, leave, offsets: () => heard.map(({ offset }) => offset) }
  }

  describe('a listener', () => {
    it('[BR7] hears every entry once, in order, as it can be read', async () => {
      const { heard, epochs } = await ear('a')
      const appends = Array.from({ length: 300 }, (_, i) =>
        log().append('a', i % 3 === 0 ? [i, `${i}b`] : [i], { by: 'me', identity: producer(i) }),
      )
      const outcomes = await Promise.all(appends)
      expect(heard).toEqual(await log().entries('a'))
      expect([...epochs]).toEqual([accepted(outcomes[0] as never).position.epoch])
    })

    it('[BR7] has heard of an append by the time that it is acknowledged', async () => {
      const { offsets } = await ear('a')
      for (let i = 1; i <= 20; i++) {
        await log().append('a', [i])
        expect(offsets()).toEqual(Array.from({ length: i }, (_, j) => j + 1))
      }
    })

    it('[BR7] hears nothing of duplicates and of what was refused', async () => {
      const { offsets } = await ear('a')
      await Promise.all([
        log().append('a', [1], { identity: key('k') }),
        log().append('a', [1], { identity: key('k') }),
        log().append('a', [2], { identity: key('k', 'other') }),
        log().append('a', [3], { identity: producer(5) }),
        log().append('a', [4]),
      ])
      expect(offsets()).toEqual([1, 2])
    })

    it('[BR7] hears its own channel alone', async () => {
      const a = await ear('a')
      const b = await ear('b')
      await Promise.all([log().fill('a', 5), log().fill('b', 3), log().fill('c', 4)])
      expect(a.offsets()).toEqual([1, 2, 3, 4, 5])
      expect(b.offsets()).toEqual([1, 2, 3])
    })

    it('[BR7] that attaches while others write misses nothing after the head that it asks for then', async () => {
      const writing = Array.from({ length: 200 }, (_, i) => log().append('a', [i]))
      await writing[20]
      const { offsets } = await ear('a')
      const { position } = await log().broker.head('a')
      const more = await log().append('a', ['last'])
      await Promise.all(writing)
      const news = offsets().filter((offset) => offset > position.offset)
      const last = accepted(more).firstOffset
      expect(news).toEqual(Array.from({ length: last - position.offset }, (_, i) => position.offset + 1 + i))
    })

    it('[BR7] that throws hurts neither the others nor the append', async () => {
      const before = await ear('a')
      await log().broker.attach('a', () => {
        throw new Error('a listener of this test')
      })
      const after = await ear('a')
      expect(await log().append('a', [1])).toMatchObject({ outcome: 'appended' })
      await log().append('a', [2])
      expect(before.offsets()).toEqual([1, 2])
      expect(after.offsets()).toEqual([1, 2])
    })

    it('[BR7] that has left hears nothing more; to leave twice does nothing', async () => {
      const first = await ear('a')
      const second = await ear('a')
      await log().append('a', [1])
      first.leave()
      first.leave()
      await log().append('a', [2])
      expect(first.offsets()).toEqual([1])
      expect(second.offsets()).toEqual([1, 2])
      second.leave()
      const third = await ear('a')
      first.leave()
      await log().append('a', [3])
      expect(third.offsets()).toEqual([3])
      expect(second.offsets()).toEqual([1, 2])
    })

    it('[BR7] that appends by itself hears of that after what it was told', async () => {
      const first = await ear('a')
      let answer: Promise<unknown> | undefined
      await log().broker.attach('a', () => {
        answer ??= log().append('a', ['answer'])
      })
      const last = await ear('a')
      await log().append('a', ['question'])
      await answer
      expect(first.offsets()).toEqual([1, 2])
      expect(last.offsets()).toEqual([1, 2])
      expect(await log().data('a')).toEqual(['question', 'answer'])
    })

    it('[BR7] hears of channels with any name', async () => {
      const { offsets } = await ear('__proto__')
      await log().append('__proto__', [1])
      expect(offsets()).toEqual([1])
    })
  })
}
