// The world has to be as bad as the real one, and no worse: what its parts promise.

import { seededChance } from '@tidings/core/testing'
import { describe, expect, test } from 'vitest'
import { Link } from '../../src/simulation/link.ts'
import { Machine } from '../../src/simulation/machine.ts'
import { Timeline } from '../../src/simulation/timeline.ts'
import { nextTurn } from '../../src/simulation/turns.ts'

const always = () => true

describe('turns', () => {
  const aTurn = () => new Promise<void>((resolve) => nextTurn(resolve))

  test('they come in their order, however many are wanted at once, and promises settle before each', async () => {
    const happened: number[] = []
    for (let i = 0; i < 1_000; i++) {
      nextTurn(() => void Promise.resolve().then(() => happened.push(i)))
    }
    await aTurn()
    await aTurn()
    expect(happened).toEqual(Array.from({ length: 1_000 }, (_, i) => i))
  })

  test('a rejection that nobody has handled when a turn ends is found', async () => {
    const others = process.listeners('unhandledRejection')
    process.removeAllListeners('unhandledRejection')
    const found: unknown[] = []
    process.on('unhandledRejection', (reason) => found.push(reason))
    try {
      await aTurn()
      void Promise.reject('unhandled')
      const handled = Promise.reject('handled')
      await Promise.resolve()
      handled.catch(() => {})
      await aTurn()
    } finally {
      process.removeAllListeners('unhandledRejection')
      for (const other of others) process.on('unhandledRejection', other)
    }
    expect(found).toEqual(['unhandled'])
  })
})

describe('the timeline', () => {
  test('things happen in order of time, then of their making', async () => {
    const timeline = new Timeline()
    const happened: string[] = []
    timeline.at(20, () => happened.push('late'))
    timeline.at(10, () => happened.push('first'))
    timeline.at(10, () => happened.push('second'))
    timeline.at(15, () => happened.push('called off'))()
    await timeline.run(30, always)
    expect(happened).toEqual(['first', 'second', 'late'])
  })

  test('between two happenings every promise settles, and then the turn ends', async () => {
    const timeline = new Timeline()
    const happened: string[] = []
    timeline.at(1, () => {
      timeline.endOfTurn(() => happened.push('end of turn'))
      void (async () => {
        for (let i = 0; i < 50; i++) await undefined
        happened.push('promises')
      })()
    })
    timeline.at(1, () => happened.push('next'))
    await timeline.run(1, always)
    expect(happened).toEqual(['promises', 'end of turn', 'next'])
  })
})

describe('a machine', () => {
  test('frozen, it does what it missed after the thaw, in order, before anything newer', async () => {
    const timeline = new Timeline()
    const machine = new Machine(timeline)
    const happened: string[] = []
    machine.setTimer(10, () => happened.push('timer'))
    machine.freeze()
    timeline.at(5, () => machine.run(() => happened.push('message')))
    timeline.at(20, () => {
      machine.thaw()
      machine.run(() => happened.push('newer'))
    })
    await timeline.run(19, always)
    expect(happened).toEqual([])
    await timeline.run(20, always)
    expect(happened).toEqual(['message', 'timer', 'newer'])
  })

  test('asleep, its monotonic clock and its timers stand still; the wall clock does not', async () => {
    const timeline = new Timeline()
    const machine = new Machine(timeline)
    const wall = machine.now()
    let isOver = false
    machine.setTimer(1_000, () => {
      isOver = true
    })
    machine.sleep(60_000)
    timeline.at(60_000, () => machine.thaw())
    await timeline.run(60_500, always)
    expect(machine.monotonic()).toBe(500)
    expect(machine.now() - wall).toBe(60_500)
    expect(isOver).toBe(false)
    await timeline.run(61_000, always)
    expect(isOver).toBe(true)
  })

  test('dead, it does nothing any more', async () => {
    const timeline = new Timeline()
    const machine = new Machine(timeline)
    const happened: string[] = []
    machine.setTimer(10, () => happened.push('timer'))
    machine.endOfTurn(() => happened.push('turn'))
    machine.kill()
    timeline.at(5, () => machine.run(() => happened.push('message')))
    await timeline.run(20, always)
    expect(happened).toEqual([])
    expect(machine.timers).toBe(0)
  })
})

describe('a connection', () => {
  function connect({ windowBytes = 1_000 } = {}) {
    const timeline = new Timeline()
    const heard: string[] = []
    const link = new Link({
      name: 'a link',
      timeline,
      chance: seededChance(1),
      latencyMs: 10,
      windowBytes,
      client: new Machine(timeline),
      server: new Machine(timeline),
      onSent: (_, text) => [text],
      onArriving: () => true,
      onEnded: () => {},
    })
    for (const side of ['client', 'server'] as const) {
      link[side].handlers = {
        opened: () => {},
        received: (text) => heard.push(`${side} ${text}`),
        drained: () => heard.push(`${side} drained`),
        closed: (code) => heard.push(`${side} closed ${code}`),
      }
    }
    return { timeline, link, heard }
  }

  test('nothing overtakes, whatever the latencies', async () => {
    const { timeline, link, heard } = connect()
    for (let i = 0; i < 20; i++) link.client.send(`${i}`)
    await timeline.run(1_000, always)
    expect(heard).toEqual(Array.from({ length: 20 }, (_, i) => `server ${i}`))
  })

  test('what was sent before the close arrives before it', async () => {
    const { timeline, link, heard } = connect()
    link.server.send('last words')
    link.server.close(4_503, 'draining')
    await timeline.run(1_000, always)
    expect(heard).toEqual(['client last words', 'client closed 4503', 'server closed 4503'])
    expect(link.isOver).toBe(true)
  })

  test('a reader that stops leaves what the window does not hold with its writer, until it reads again', async () => {
    const { timeline, link, heard } = connect({ windowBytes: 5 })
    link.server.pipe.stall()
    for (let i = 0; i < 4; i++) link.server.send('abcd')
    await timeline.run(1_000, always)
    expect(link.server.bufferedBytes).toBe(11)
    expect(heard).toEqual([])
    link.server.pipe.resume()
    await timeline.run(2_000, always)
    expect(link.server.bufferedBytes).toBe(0)
    expect(heard.filter((each) => each === 'server drained')).toHaveLength(1)
  })

  test('half-open, one end goes on believing', async () => {
    const { timeline, link, heard } = connect()
    link.client.send('lost on the way')
    link.cut({ server: 50 })
    await timeline.run(10_000, always)
    expect(heard).toEqual(['server closed 1006'])
    expect(link.client.isOpen).toBe(true)
  })

  test('a close that nobody answers ends after a while', async () => {
    const { timeline, link, heard } = connect()
    link.cut({})
    link.client.close(1_000, '')
    await timeline.run(60_000, always)
    expect(heard).toEqual(['client closed 1006'])
  })
})
