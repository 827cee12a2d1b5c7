// BR9, BR10 and the end: what a history's name promises, and what a closed broker does.

import { TidingsError } from '@tidings/core'
import { describe, expect, it } from 'vitest'
import { accepted, keepAll, type LogUnderTest, wholeLog } from './log-under-test.ts'

export function lasting(log: () => LogUnderTest, isDurable: boolean): void {
  describe('a history', () => {
    it('[BR9] has one name for all channels that nobody has written to, and keeps it', async () => {
      const { epoch } = (await log().broker.head('a')).position
      await log().append('b', [1])
      await log().append('a', [1])
      expect((await log().broker.head('a')).position.epoch).toBe(epoch)
    })

    if (isDurable) {
      it('[BR9] that was kept goes on under its name, written to or not', async () => {
        const written = await log().fill('a', 3)
        const empty = (await log().broker.head('b')).position
        await log().reopen()
        expect((await log().broker.head('a')).position).toEqual(written)
        expect((await log().broker.head('b')).position).toEqual(empty)
        expect((await log().append('a', [4])) as unknown).toMatchObject({
          position: { epoch: written.epoch, offset: 4 },
        })
      })
    } else {
      it('[BR9] that was lost comes back under another name, and its readers are told', async () => {
        const before = await log().fill('a', 3)
        await log().reopen()
        const head = await log().broker.head('a')
        expect(head).toMatchObject({ position: { offset: 0, tag: '' }, oldestOffset: 1 })
        expect(head.position.epoch).not.toBe(before.epoch)
        await log().fill('a', 5)
        expect(await log().broker.read('a', before, wholeLog)).toMatchObject({
          outcome: 'reset',
          reason: 'epoch',
        })
      })
    }
  })

  describe('a broker', () => {
    it('[BR10] has no problem while it works, and says so when it is closed', async () => {
      const { broker } = log()
      await log().append('a', [1])
      expect(broker.problem()).toBeUndefined()
      await broker.close()
      expect(broker.problem()).toMatch(/closed/)
    })

    it('[BR10] that is closed refuses everything with unavailable', async () => {
      const { broker } = log()
      const { position } = accepted(await log().append('a', [1]))
      await broker.close()
      const refused = [
        broker.append({ channel: 'a', drafts: [{ event: 'said', data: '1' }], keep: keepAll }),
        broker.read('a', 'start', wholeLog),
        broker.head('a'),
        broker.attach('a', () => {}),
        broker.snapshots?.load('a') ?? broker.head('a'),
        broker.snapshots?.save('a', { version: 1, position, state: '{}' }) ?? broker.head('a'),
      ]
      for (const { status, ...rest } of await Promise.allSettled<unknown>(refused)) {
        expect(status).toBe('rejected')
        expect((rest as { reason: unknown }).reason).toBeInstanceOf(TidingsError)
        expect((rest as { reason: unknown }).reason).toMatchObject({ code: 'unavailable' })
      }
    })

    it('closes once, however often it is asked to', async () => {
      await Promise.all([log().broker.close(), log().broker.close()])
      await log().broker.close()
    })

    it('[BR1] writes and tells, while it closes, what it was given before', async () => {
      const heard: number[] = []
      await log().broker.attach('a', (_, entries) => heard.push(...entries.map(({ offset }) => offset)))
      const writing = Array.from({ length: 300 }, (_, i) => log().append('a', [i]))
      const closing = log().broker.close()
      const outcomes = await Promise.all(writing)
      await closing
      expect(outcomes.map((outcome) => accepted(outcome).firstOffset)).toEqual(heard)
      expect(heard).toHaveLength(300)
      if (!isDurable) return
      await log().reopen()
      expect(await log().data('a')).toEqual(Array.from({ length: 300 }, (_, i) => i))
    })
  })
}
