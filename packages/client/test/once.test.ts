// What is meant for a person happens in one tab: the one being looked at, once, and not for history.

import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import type { EventInfo } from '@tidings/client'
import { type OncePerPerson, type OncePerPersonOptions, oncePerPerson } from '@tidings/client/tabs'
import type { TidingsError } from '@tidings/core'
import { FakeBrowser, type FakeTab, VirtualClock } from '@tidings/core/testing'
import { describe, expect, test } from 'vitest'
import { TabWorld } from './tab-world.ts'

type Happened = Parameters<OncePerPerson>[0]

const entry = (offset: number, origin: EventInfo['origin'] = 'live', epoch = 'e1'): Happened => ({
  position: { epoch, offset, tag: `t${offset}` },
  origin,
  isReplay: origin === 'replay',
})
/** A write of the tab's own, read back after an absence. */
const ownReadBack = (offset: number): Happened => ({ ...entry(offset, 'echo'), isReplay: true })

class World {
  readonly clock = new VirtualClock()
  readonly browser = new FakeBrowser(this.clock)
  /** What happened, where. */
  readonly effects: string[] = []
  readonly errors: TidingsError[] = []

  open(
    attention: FakeTab['attention'] = 'visible',
    options: OncePerPersonOptions & { readonly kind?: string } = {},
  ) {
    const tab = this.browser.open()
    tab.attention = attention
    const number = this.browser.tabs.length
    const { clock, lifecycle, browser } = tab
    const { kind = 'toast', ...more } = options
    const onError = (error: TidingsError) => void this.errors.push(error)
    const once = oncePerPerson(kind, { browser, clock, lifecycle, onError, ...more })
    const hear = (event: Happened) =>
      tab.run(() => once(event, () => this.effects.push(`${kind} ${event.position.offset} in ${number}`)))
    return { tab, once, hear, number }
  }

  /** All hear of it at the same moment, or nearly. */
  async tell(event: Happened, ...tabs: readonly { hear: (event: Happened) => void }[]): Promise<void> {
    for (const { hear } of tabs) hear(event)
    await this.clock.advance(2_000)
  }
}

describe('an effect happens once over all tabs', () => {
  test('in the one that has the focus', async () => {
    const world = new World()
    const tabs = [world.open('hidden'), world.open('visible'), world.open('focused'), world.open('visible')]
    for (let offset = 1; offset <= 5; offset++) await world.tell(entry(offset), ...tabs)
    expect(world.effects).toEqual([1, 2, 3, 4, 5].map((offset) => `toast ${offset} in 3`))
  })

  test('at once there, and without waiting for the others', async () => {
    const world = new World()
    const tab = world.open('focused')
    await world.clock.advance(100)
    tab.hear(entry(1))
    await world.clock.settle()
    expect(world.effects).toHaveLength(1)
  })

  test('in a visible one when none has the focus', async () => {
    const world = new World()
    const tabs = [world.open('hidden'), world.open('visible'), world.open('hidden')]
    await world.tell(entry(1), ...tabs)
    expect(world.effects).toEqual(['toast 1 in 2'])
  })

  test('in the one that has the connection when none is visible', async () => {
    const world = new World()
    const dial = Object.assign(() => ({ send() {}, close() {}, bufferedBytes: 0 }), { isHolder: true })
    const tabs = [world.open('hidden'), world.open('hidden', { dial }), world.open('hidden')]
    await world.tell(entry(1), ...tabs)
    expect(world.effects).toEqual(['toast 1 in 2'])
  })

  test('in a hidden one when the visible ones do not hear of the event', async () => {
    const world = new World()
    world.open('focused')
    const hidden = world.open('hidden')
    await world.tell(entry(1), hidden)
    expect(world.effects).toEqual(['toast 1 in 2'])
  })

  test('also when twenty hear of a hundred at the same moment', async () => {
    const world = new World()
    const tabs = Array.from({ length: 20 }, () => world.open('visible'))
    for (let offset = 1; offset <= 100; offset++) for (const { hear } of tabs) hear(entry(offset))
    await world.clock.advance(3_000)
    expect(world.effects.map((text) => Number(text.split(' ')[1])).sort((a, b) => a - b)).toEqual(
      Array.from({ length: 100 }, (_, i) => i + 1),
    )
  })

  test('whoever hears of it late or again', async () => {
    const world = new World()
    const [first, second] = [world.open('focused'), world.open('focused')]
    await world.tell(entry(1), first)
    await world.tell(entry(1), first, second)
    await world.tell(entry(1), second)
    expect(world.effects).toEqual(['toast 1 in 1'])
  })

  test('also when the tab that did it is gone, and when it has slept', async () => {
    const world = new World()
    const [first, second, third] = [world.open('focused'), world.open('focused'), world.open('focused')]
    // They have to be open to remember; one that opens later does not hear of it as news.
    await world.tell(entry(1), first, second, third)
    await world.tell(entry(2), first)
    first.tab.close()
    await world.tell(entry(2), second)
    second.tab.freeze()
    second.tab.wake()
    await world.tell(entry(2), second, third)
    await world.tell(entry(1), second, third)
    expect(world.effects).toHaveLength(2)
  })

  test('also when the tab that did a hundred goes to sleep, and another one only now hears of the first', async () => {
    const world = new World()
    const first = world.open('focused')
    const offsets = Array.from({ length: 100 }, (_, i) => i + 1)
    for (const offset of offsets) first.hear(entry(offset))
    await world.clock.advance(100)
    const second = world.open('hidden')
    for (const offset of offsets) second.hear(entry(offset))
    await world.clock.advance(100)
    first.tab.freeze()
    await world.clock.advance(2_000)
    expect(world.effects).toHaveLength(100)
  })

  test('also when the tab that did it is gone before those that are left have heard of anything', async () => {
    const world = new World()
    const first = world.open('focused')
    await world.tell(entry(1), first)
    const second = world.open('focused')
    await world.clock.advance(100)
    first.tab.close()
    await world.tell(entry(1), second)
    second.tab.freeze()
    second.tab.wake()
    const third = world.open('focused')
    await world.clock.advance(100)
    second.tab.crash()
    await world.tell(entry(1), third)
    expect(world.effects).toEqual(['toast 1 in 1'])
  })

  test('also when a tab that has just opened, or woken, hears of it before the others can say that it is done', async () => {
    const world = new World()
    const [first, second, third] = [world.open('focused'), world.open('hidden'), world.open('focused')]
    await world.clock.advance(100)
    third.tab.freeze()
    await world.tell(entry(1), first, second)
    first.tab.close()
    third.tab.wake()
    await world.tell(entry(1), third, world.open('focused'))
    expect(world.effects).toEqual(['toast 1 in 1'])
  })

  test('also when a tab hangs while more is done than is remembered', async () => {
    const world = new World()
    const [first, second] = [world.open('focused'), world.open('focused')]
    await world.clock.advance(100)
    second.tab.hang()
    for (let offset = 1; offset <= 600; offset++) {
      first.hear(entry(offset))
      second.hear(entry(offset))
      await world.clock.settle()
    }
    second.tab.wake({ isTold: false })
    await world.clock.advance(2_000)
    expect(world.effects).toHaveLength(600)
  })

  test('but each of its kinds, and for each person', async () => {
    const world = new World()
    const toast = [world.open('focused'), world.open('visible')]
    const sound = [world.open('focused', { kind: 'sound' }), world.open('visible', { kind: 'sound' })]
    const ben = [world.open('focused', { name: 'ben' })]
    await world.tell(entry(1), ...toast, ...sound, ...ben)
    expect(world.effects).toEqual(['toast 1 in 1', 'sound 1 in 3', 'toast 1 in 5'])
  })

  test('and for the entry of that history alone: another one begins anew', async () => {
    const world = new World()
    const tabs = [world.open('focused'), world.open('visible')]
    await world.tell(entry(1), ...tabs)
    await world.tell(entry(1, 'live', 'e2'), ...tabs)
    expect(world.effects).toHaveLength(2)
  })
})

describe('history', () => {
  test('has no effect, and takes none from the news that it is elsewhere', async () => {
    const world = new World()
    const [late, live] = [world.open('focused'), world.open('hidden')]
    late.hear(entry(1, 'replay'))
    await world.tell(entry(1, 'live'), live)
    expect(world.effects).toEqual(['toast 1 in 2'])
  })

  test('has one where that is asked for, once as well', async () => {
    const world = new World()
    const origins = ['replay', 'live', 'echo'] as const
    const tabs = [world.open('focused', { origins }), world.open('visible', { origins })]
    await world.tell(entry(1, 'replay'), ...tabs)
    expect(world.effects).toEqual(['toast 1 in 1'])
  })

  test('a write of a tab’s own has one in it, and where echoes are left out in no tab at all', async () => {
    const world = new World()
    const [own, other] = [world.open('focused'), world.open('hidden')]
    own.hear(entry(1, 'echo'))
    await world.tell(entry(1, 'live'), other)
    expect(world.effects).toEqual(['toast 1 in 1'])
    const origins = ['live'] as const
    const [author, reader] = [
      world.open('hidden', { origins, kind: 'sound' }),
      world.open('hidden', { origins, kind: 'sound' }),
    ]
    author.hear(entry(2, 'echo'))
    await world.tell(entry(2, 'live'), reader)
    expect(world.effects).toHaveLength(1)
  })
})

describe('a write of a tab’s own that it reads back', () => {
  test('has an effect after a drop, unless another tab did it meanwhile', async () => {
    const world = new World()
    const [own, other] = [world.open('focused'), world.open('visible')]
    await world.tell(entry(1), own, other)
    await world.tell(entry(2), other)
    await world.tell(ownReadBack(2), own)
    await world.tell(ownReadBack(3), own)
    expect(world.effects).toEqual(['toast 1 in 1', 'toast 2 in 2', 'toast 3 in 1'])
  })

  test.each([
    ['one that has heard of nothing before', []],
    ['one that has', [entry(1, 'echo')]],
  ])('has none once the page has slept, as those who know may be asleep by then: %s', async (_, before) => {
    const world = new World()
    const [own, other] = [world.open('focused'), world.open('visible')]
    for (const event of before) await world.tell(event, own)
    own.tab.freeze()
    await world.tell(entry(2), other)
    other.tab.freeze()
    await world.clock.advance(30_000)
    own.tab.wake()
    await world.tell(ownReadBack(2), own)
    await world.tell(entry(3, 'echo'), own)
    expect(world.effects.slice(before.length)).toEqual(['toast 2 in 2', 'toast 3 in 1'])
  })
})

describe('nothing is left', () => {
  test('of more than 256 effects, and no timer, after a million of events', async () => {
    const world = new World()
    const tabs = [world.open('focused'), world.open('hidden')]
    await world.clock.advance(100)
    for (let offset = 1; offset <= 2_000; offset++) {
      for (const { hear } of tabs) hear(entry(offset))
      if (offset % 100 === 0) await world.clock.settle()
    }
    await world.clock.advance(5_000)
    expect(world.effects).toHaveLength(2_000)
    expect(world.browser.locks.held).toHaveLength(256)
    expect(world.clock.pendingTimers).toBe(0)
  })

  test('when a page goes to sleep: it may come back from the browser’s history', async () => {
    const world = new World()
    const tabs = [world.open('focused'), world.open('hidden')]
    await world.tell(entry(1), ...tabs)
    for (const { hear, tab } of tabs) {
      hear(entry(2))
      tab.freeze()
    }
    await world.clock.advance(5_000)
    // Asked for before it slept, given since, and let go of when it wakes.
    expect(world.browser.locks.held).toHaveLength(1)
    expect(world.browser.broadcast.openEnds).toBe(0)
    expect(world.clock.pendingTimers).toBe(0)
    for (const { tab } of tabs) tab.wake()
    await world.clock.advance(5_000)
    expect(world.effects).toEqual(['toast 1 in 1'])
    expect(world.browser.locks.held).toEqual([])
    expect(world.clock.pendingTimers).toBe(0)
  })

  test('of an event whose moment is over, when a tab wakes that never said it slept', async () => {
    const world = new World()
    const tab = world.open('hidden')
    tab.hear(entry(1))
    tab.tab.hang()
    await world.clock.advance(60_000)
    tab.tab.wake()
    await world.clock.advance(5_000)
    expect(world.effects).toEqual([])
  })
})

describe('where the browser', () => {
  test.each([
    ['has no locks', { locks: undefined }],
    ['has no broadcasts', { openBroadcast: undefined }],
    ['refuses locks', { locks: { request: () => Promise.reject(new Error('insecure')) } }],
  ])('%s, each tab does it, and none does it for history', async (_, missing) => {
    const world = new World()
    const tabs = ['focused', 'focused'].map((attention) => {
      const tab = world.browser.open()
      const { clock, lifecycle } = tab
      const once = oncePerPerson('toast', { browser: { ...tab.browser, ...missing }, clock, lifecycle })
      tab.attention = attention as 'focused'
      return { hear: (event: Happened) => once(event, () => world.effects.push(`${event.position.offset}`)) }
    })
    await world.tell(entry(1), ...tabs)
    await world.tell(entry(2, 'replay'), ...tabs)
    expect(world.effects).toEqual(['1', '1'])
  })

  test('runs an effect that throws, it is reported, and is not done again elsewhere', async () => {
    const world = new World()
    const [first, second] = [world.open('focused'), world.open('visible')]
    first.once(entry(1), () => {
      throw new Error('no sound card')
    })
    await world.tell(entry(1), second)
    expect(world.errors.map(({ cause }) => (cause as Error).message)).toEqual(['no sound card'])
    expect(world.effects).toEqual([])
  })
})

test('a program that only makes one, as when a page is built, ends', async () => {
  const program = "import('@tidings/client/tabs').then(({ oncePerPerson }) => oncePerPerson('toast'))"
  const options = { cwd: import.meta.dirname, timeout: 20_000 }
  await promisify(execFile)(process.execPath, ['--conditions=@tidings/source', '-e', program], options)
})

test('over a shared connection, with whoever has it crashing, each event has its effect at most once, and nearly always', async () => {
  const world = new TabWorld()
  const effects: number[] = []
  for (let i = 0; i < 4; i++) {
    const tab = world.open()
    const { browser, clock, lifecycle } = tab.fake
    tab.fake.attention = i === 3 ? 'focused' : 'hidden'
    const once = oncePerPerson('toast', { browser, clock, lifecycle, dial: tab.dial })
    tab.channel.on('said', (_, event) => once(event, () => effects.push(event.offset)))
  }
  await world.settle()
  for (let i = 0; i < 30; i++) {
    world.say()
    await world.advance(1_000)
    if (i === 10 || i === 20) {
      world.holder.fake.crash()
      await world.settle()
    }
  }
  expect(effects).toEqual(Array.from({ length: 30 }, (_, i) => i + 1))
})
