// Tabs that open, close, crash, hang, sleep and wake in any order, over a connection that breaks, with messages between
// them that get lost and a clock that is set wrong: by seed, so that what went wrong once can be looked at again.

import { seededChance } from '@tidings/core/testing'
import { expect } from 'vitest'
import { type TabUnderTest, TabWorld, upTo } from './tab-world.ts'
import { hall } from './world.ts'

const STEPS = 40
const MOST_TABS = 6
/** The longest backoff, a pause of the breaker, and what it takes to notice that somebody is silent. */
const REST_MS = 120_000

interface Wish {
  readonly tab: TabUnderTest
  readonly text: string
  readonly status: () => string
}

/** Runs one life of a browser, and leaves it at rest. */
export async function live(seed: number): Promise<TabWorld> {
  const world = new TabWorld()
  const chance = seededChance(seed)
  const wishes: Wish[] = []
  const hung = new Set<TabUnderTest>()
  const one = <T>(of: readonly T[]): T | undefined => of[Math.floor(chance.fraction() * of.length)]
  const awake = () => world.alive.filter((tab) => !hung.has(tab))
  const open = () => {
    const tab = world.open()
    tab.channel.configure({ after: 'start' })
  }
  const deeds: readonly (readonly [weight: number, deed: () => void | Promise<void>])[] = [
    [3, () => void (world.alive.length < MOST_TABS && open())],
    [2, () => one(awake())?.fake.close()],
    [2, () => one(world.alive)?.fake.crash()],
    [2, () => world.holders[0]?.fake.crash()],
    [
      4,
      () => {
        const tab = chance.fraction() < 0.5 ? world.holders[0] : one(awake())
        if (!tab || hung.has(tab)) return
        if (chance.fraction() < 0.5) tab.fake.hang()
        else tab.fake.freeze()
        hung.add(tab)
      },
    ],
    [
      5,
      () => {
        const tab = one([...hung])
        if (!tab) return
        hung.delete(tab)
        tab.fake.wake({ isTold: chance.fraction() < 0.7 })
      },
    ],
    [1, () => one(world.server.open)?.pair.cut()],
    [1, () => one(awake())?.client.reconnect()],
    [1, () => one(awake())?.fake.hint('visible')],
    [1, () => void (world.server.mode = one(['open', 'open', 'refuse', 'deaf'] as const) ?? 'open')],
    [1, () => void (world.browser.broadcast.drops = () => chance.fraction() < 0.03)],
    [1, () => void (world.browser.broadcast.drops = () => false)],
    [
      1,
      () => {
        const carrier = one(world.server.open)
        carrier?.pair.server.send('{"type":"drain","retryAfterMs":10}')
        carrier?.pair.server.close(4503, 'draining')
      },
    ],
    [1, () => world.clock.jump(chance.fraction() < 0.5 ? -3_600_000 : 3_600_000)],
    [8, () => world.say()],
    [
      8,
      () => {
        const tab = one(awake())
        if (!tab) return
        const text = `${wishes.length}`.padStart(4, '0')
        const publication = tab.channel.publish('said', { text })
        wishes.push({ tab, text, status: () => publication.status.get().name })
      },
    ],
    [6, () => world.settle()],
    [4, () => world.clock.settle()],
    [4, () => world.advance(Math.ceil(2_000 * chance.fraction()))],
    [2, () => world.advance(Math.ceil(15_000 * chance.fraction()), 1_000)],
  ]
  const whole = deeds.reduce((sum, [weight]) => sum + weight, 0)
  for (let step = 0; step < STEPS; step++) {
    let drawn = chance.fraction() * whole
    const [, deed] = deeds.find(([weight]) => (drawn -= weight) < 0) ?? []
    await deed?.()
  }

  world.browser.broadcast.drops = () => false
  world.server.mode = 'open'
  for (const tab of hung) tab.fake.wake()
  if (world.alive.length === 0) open()
  await world.advance(REST_MS, 1_000)
  check(world, wishes)
  return world
}

function check(world: TabWorld, wishes: readonly Wish[]): void {
  const log = world.server.tiny
    .log(hall.name)
    .entries.map(({ data }) => (data as { readonly text: string }).text)
  for (const tab of world.alive) {
    expect(tab.offsets, 'each event once, in order').toEqual(upTo(log.length))
    expect(tab.errors).toEqual([])
    expect(tab.isOnline).toBe(true)
  }
  for (const { tab, text, status } of wishes) {
    const times = log.filter((other) => other === text).length
    expect(times, `write ${text}`).toBeLessThanOrEqual(1)
    if (!tab.fake.isGone) expect([times, status()], `write ${text}`).toEqual([1, 'accepted'])
  }
  for (const tab of world.tabs) {
    const own = wishes.filter((wish) => wish.tab === tab && log.includes(wish.text)).map(({ text }) => text)
    const places = own.map((text) => log.indexOf(text))
    expect(places, 'writes of one tab in order').toEqual([...places].sort((a, b) => a - b))
  }
  expect(world.holders).toHaveLength(1)
  expect(world.server.open).toHaveLength(1)
  expect(world.server.lanes).toBe(world.alive.length)
}
