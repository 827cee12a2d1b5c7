// Tabs of one browser against the real node: the shipped clients, the shared connection between them, and the hub with its
// log, on one virtual clock.

import { createHash } from 'node:crypto'
import { type Channel, type Client, createClient, type Dial } from '@tidings/client'
import { oncePerPerson, type SharedDial, sharedDial } from '@tidings/client/tabs'
import { channel, defineContract, type TidingsError } from '@tidings/core'
import {
  FakeBrowser,
  type FakeTab,
  type SocketPair,
  seededChance,
  socketPair,
  VirtualClock,
} from '@tidings/core/testing'
import type { Happening, Limits } from '@tidings/server'
import { memoryBroker } from '@tidings/server/memory'
import { Hub, limitsWith } from '@tidings/server/parts'
import { expect, test } from 'vitest'
import * as z from 'zod'

const hall = channel('hall/:name', {
  events: { said: z.object({ text: z.string() }) },
  state: {
    version: 1,
    initial: [] as readonly string[],
    on: { said: (texts: readonly string[], { text }: { text: string }) => [...texts, text] },
  },
  presence: z.object({ name: z.string() }),
  retention: { entries: 100_000 },
})
const room = hall({ name: 'main' })

/** A token is the person's name; `name@1000` ends so many milliseconds from now. */
class Node {
  readonly clock: VirtualClock
  readonly hub: Hub
  readonly happenings: Happening[] = []
  readonly #pairs: SocketPair[] = []

  constructor(clock: VirtualClock, limits: Partial<Limits>) {
    this.clock = clock
    this.hub = new Hub({
      contract: defineContract({ hall }),
      broker: memoryBroker({ clock, chance: seededChance(7) }),
      authenticate: ({ token }) => {
        const [user, ms] = token?.split('@') ?? []
        return { user, expiresAt: ms === undefined ? undefined : clock.now() + Number(ms) }
      },
      authorize: ({ identity, action }) => !(identity.user === 'guest' && action === 'publish'),
      calls: {},
      limits: limitsWith(limits),
      clock,
      chance: seededChance(11),
      digest: (text) => createHash('sha256').update(text).digest('hex'),
      observe: (happening) => this.happenings.push(happening),
    })
  }

  readonly dial: Dial = (_url, _protocols, handlers) => {
    const pair = socketPair()
    this.#pairs.push(pair)
    this.clock.endOfTurn(() => {
      const end = this.hub.accept(pair.server, { cookies: {}, origin: undefined, address: '127.0.0.1' })
      pair.link(handlers, end)
    })
    return pair.client
  }

  /** Sockets that are open. */
  get sockets(): readonly SocketPair[] {
    return this.#pairs.filter(({ isOpen }) => isOpen)
  }

  /** Lets at most so many messages through to the browser. */
  deliver(most: number): void {
    for (const pair of this.sockets) pair.flushTo('client', most)
  }

  async settle(): Promise<void> {
    for (let rounds = 0; rounds < 10_000; rounds++) {
      await this.clock.settle()
      let hasMoved = false
      for (const pair of this.#pairs) {
        if (pair.flushTo('server')) hasMoved = true
        if (pair.flushTo('client')) hasMoved = true
      }
      if (!hasMoved) return
    }
    throw new Error('The connections do not come to rest.')
  }
}

class Tab {
  readonly fake: FakeTab
  readonly client: Client
  readonly dial: SharedDial
  readonly channel: Channel<typeof hall.definition>
  readonly heard: { readonly offset: number; readonly text: string; readonly origin: string }[] = []
  readonly effects: number[] = []
  readonly errors: TidingsError[] = []

  constructor(world: World, number: number, person: string) {
    const fake = (this.fake = world.browser.open())
    const { clock, lifecycle, browser } = fake
    const chance = seededChance(number)
    this.dial = sharedDial({ browser, clock, chance, lifecycle, dial: fake.dial(world.node.dial) })
    this.client = createClient({
      url: 'ws://node.test/v1/socket',
      token: () => person,
      ...{ clock, chance, lifecycle, dial: this.dial },
      onError: (error) => void this.errors.push(error),
    })
    this.channel = this.client.channel(room)
    this.channel.on('said', ({ text }, { offset, origin }) => this.heard.push({ offset, text, origin }))
    const once = oncePerPerson('toast', { browser, clock, lifecycle, dial: this.dial })
    this.channel.on('said', (_, event) => once(event, () => this.effects.push(event.offset)))
  }

  get status(): string {
    return this.client.connection.get().status
  }

  get offsets(): number[] {
    return this.heard.map(({ offset }) => offset)
  }
}

class World {
  readonly clock = new VirtualClock()
  readonly browser = new FakeBrowser(this.clock)
  readonly node: Node
  readonly tabs: Tab[] = []
  #said = 0

  constructor(limits: Partial<Limits> = {}) {
    this.node = new Node(this.clock, limits)
  }

  async open(count: number, person = 'ada'): Promise<readonly Tab[]> {
    const first = this.tabs.length
    for (let i = 0; i < count; i++) this.tabs.push(new Tab(this, this.tabs.length + 1, person))
    await this.node.settle()
    return this.tabs.slice(first)
  }

  get alive(): readonly Tab[] {
    return this.tabs.filter(({ fake }) => !fake.isGone)
  }

  get holder(): Tab {
    return this.alive.find(({ dial }) => dial.isHolder) as Tab
  }

  /** A backend publishes over HTTP. */
  async say(text = `${++this.#said}`): Promise<void> {
    const published = this.node.hub.publish({
      channel: room.name,
      events: [{ type: 'said', data: { text } }],
    })
    await this.clock.settle()
    await published
  }

  async advance(ms: number, stepMs = 250): Promise<void> {
    for (let passed = 0; passed < ms; passed += stepMs) {
      await this.clock.advance(stepMs)
      await this.node.settle()
    }
  }

  async log(): Promise<readonly string[]> {
    const history = this.node.hub.history({ channel: room.name, after: 'start', limit: 100_000 })
    await this.clock.settle()
    const page = await history
    return page.outcome === 'page'
      ? page.entries.map(({ data }) => (JSON.parse(data) as { readonly text: string }).text)
      : []
  }
}

const upTo = (last: number) => Array.from({ length: last }, (_, i) => i + 1)

test('[LN1] three tabs are one connection to the node, and each hears every event once', async () => {
  const world = new World()
  await world.open(3)
  expect(world.node.hub.census()).toMatchObject({ connections: 1, lanes: 3, live: 3 })
  for (let i = 0; i < 20; i++) await world.say()
  await world.node.settle()
  for (const tab of world.tabs) {
    expect(tab.offsets).toEqual(upTo(20))
    expect(tab.heard.every(({ origin }) => origin === 'live')).toBe(true)
    expect(tab.channel.state.get()).toEqual(await world.log())
  }
  await world.advance(2_000)
  expect(world.tabs.flatMap(({ effects }) => effects).sort((a, b) => a - b)).toEqual(upTo(20))
})

test('[LN1][AU1] tabs of different people share it, and each has their own rights', async () => {
  const world = new World()
  const [ada] = await world.open(1, 'ada')
  const [guest] = await world.open(1, 'guest')
  expect(world.node.hub.census()).toMatchObject({ connections: 1, lanes: 2 })
  expect([ada, guest].map((tab) => tab?.client.connection.get())).toMatchObject([
    { user: 'ada' },
    { user: 'guest' },
  ])
  const refused = guest?.channel.publish('said', { text: 'may I?' })
  ada?.channel.publish('said', { text: 'I may' })
  await world.node.settle()
  expect(refused?.status.get()).toMatchObject({ name: 'refused', error: { code: 'forbidden' } })
  expect(await world.log()).toEqual(['I may'])
  world.node.hub.revoke({ user: 'ada' })
  await world.node.settle()
  expect(guest?.status).toBe('connected')
  await world.say()
  await world.node.settle()
  expect(guest?.offsets).toEqual([1, 2])
})

test('[AU4][LN4] a token that ends in one tab is renewed there, and the others do not notice', async () => {
  const world = new World()
  await world.open(2, 'ada')
  const [brief] = await world.open(1, 'ben@60000')
  await world.advance(180_000, 1_000)
  expect(world.tabs.map(({ status }) => status)).toEqual(['connected', 'connected', 'connected'])
  expect(brief?.errors).toEqual([])
  expect(world.node.happenings.filter(({ name }) => name === 'laneClosed')).toEqual([])
})

test('[SB3][LN4] the holder goes in every way there is, under fire: each event once, in order, in every tab', async () => {
  const world = new World()
  await world.open(5)
  const ways = ['close', 'crash', 'freeze', 'hang', 'crash'] as const
  const asleep: Tab[] = []
  for (const way of ways) {
    for (let i = 0; i < 10; i++) {
      await world.say()
      for (const tab of world.alive)
        if (!asleep.includes(tab)) tab.channel.publish('said', { text: `own ${i}` })
      if (i === 5) {
        const { holder } = world
        world.node.deliver(1)
        await world.clock.settle()
        holder.fake[way]()
        if (way === 'freeze' || way === 'hang') asleep.push(holder)
      }
      await world.advance(500)
    }
    await world.open(1)
    await world.advance(10_000)
  }
  for (const { fake } of asleep) fake.wake()
  await world.advance(10_000)
  // Also who came last has something to hear.
  await world.say()
  await world.advance(1_000)
  const log = await world.log()
  for (const tab of world.alive) {
    const first = tab.offsets[0] ?? 1
    expect(tab.offsets).toEqual(upTo(log.length).slice(first - 1))
    expect(tab.channel.state.get()).toEqual(log)
    expect(tab.client.outbox.get()).toEqual([])
    expect(tab.errors).toEqual([])
  }
  expect(world.node.hub.census()).toMatchObject({ connections: 1, lanes: world.alive.length })
  const effects = world.tabs.flatMap((tab) => tab.effects)
  expect(new Set(effects).size).toBe(effects.length)
})

test('[LN5][SB7] a tab that hangs costs its lane’s mark: the others hear everything as it happens, and so does it, later', async () => {
  // Not even a page fits beside what is unread: the last of it has to be read before the next is.
  const limits = { highWaterBytes: 32_768, hardBytes: 131_072, pageEntries: 20, pageLength: 131_072 }
  const world = new World(limits)
  await world.open(4)
  const slow = world.alive.find((tab) => tab !== world.holder) as Tab
  let posted = 0
  world.browser.broadcast.drops = (message) => {
    const { type, text = '' } = message as { readonly type: string; readonly text?: string }
    if (type === 'heard' && isHanging) posted += text.length
    return false
  }
  let isHanging = false
  await world.node.settle()
  // One by one, so that only what is for the slow one is counted: the others are the holder and two who hang up.
  for (const tab of world.alive) if (tab !== slow && tab !== world.holder) tab.client.close()
  await world.node.settle()
  isHanging = true
  slow.fake.hang()
  for (let i = 0; i < 400; i++) {
    await world.say(`${i} ${'x'.repeat(1_000)}`)
    await world.node.settle()
  }
  expect(posted).toBeLessThan(limits.highWaterBytes + 4_000)
  expect(world.holder.offsets).toEqual(upTo(400))
  expect(world.holder.heard.every(({ origin }) => origin === 'live')).toBe(true)
  expect(world.node.hub.census()).toMatchObject({ connections: 1, live: 1, catchingUp: 1 })
  slow.fake.wake({ isTold: false })
  await world.advance(2_000)
  expect(slow.offsets).toEqual(upTo(400))
  expect(slow.channel.continuity.get().status).toBe('live')
})

test('[PR1][PR3] a move to another tab is no leaving and no coming', async () => {
  const world = new World()
  const watcher = new World()
  const tabs = await world.open(3)
  for (const [i, tab] of tabs.entries()) tab.channel.enter({ name: `tab ${i}` })
  await world.node.settle()
  expect(world.node.hub.presence(room.name).total).toBe(3)
  world.node.happenings.length = 0
  const gone = world.holder
  gone.fake.close()
  await world.node.settle()
  expect(world.node.happenings.filter(({ name }) => name === 'presenceChanged')).toEqual([])
  await world.advance(12_000)
  expect(world.node.hub.presence(room.name).total).toBe(2)
  expect(world.node.happenings.filter(({ name }) => name === 'presenceChanged')).toEqual([
    { name: 'presenceChanged', channel: room.name, joined: 0, left: 1 },
  ])
  watcher.node.hub.close()
})

test('[CN9][LN7] a node that drains is left by all tabs, and they come back over one new connection', async () => {
  const world = new World()
  await world.open(4)
  const next = new Node(world.clock, {})
  world.node.hub.drain(2_000)
  await world.node.settle()
  expect(world.node.hub.census()).toMatchObject({ connections: 0, lanes: 0 })
  next.hub.close()
  for (const { client } of world.tabs)
    expect(client.connection.get()).toMatchObject({ status: 'reconnecting', reason: 'draining' })
})

test('nothing is left when the last tab is closed: no socket, no session, no timer of the browser’s', async () => {
  const world = new World()
  await world.open(3)
  for (const { client } of world.tabs) client.close()
  await world.advance(2_000)
  expect(world.node.hub.census()).toMatchObject({ connections: 0, lanes: 0 })
  expect(world.browser.locks.held).toEqual([])
  world.node.hub.close()
  await world.advance(20_000)
  expect(world.clock.pendingTimers).toBe(0)
})
