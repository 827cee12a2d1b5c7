// One connection for all tabs of a browser: whoever has it may close, crash, sleep or wake up late, and no tab misses an
// event, hears one twice, or writes one twice.

import { createClient, type Dial } from '@tidings/client'
import { systemClock } from '@tidings/core'
import { VirtualClock } from '@tidings/core/testing'
import { describe, expect, test } from 'vitest'
import { type TabUnderTest, TabWorld, upTo } from './tab-world.ts'
import { hall } from './world.ts'

/** So many tabs, settled. */
async function tabs(count: number): Promise<TabWorld> {
  const world = new TabWorld()
  for (let i = 0; i < count; i++) world.open()
  await world.settle()
  return world
}

/** What the log of the hall holds, as texts. */
const written = (world: TabWorld) =>
  world.server.tiny.log(hall.name).entries.map(({ data }) => (data as { readonly text: string }).text)

function expectEverything(world: TabWorld, tabs: readonly TabUnderTest[] = world.alive): void {
  const last = world.server.tiny.log(hall.name).entries.length
  for (const tab of tabs) expect(tab.offsets).toEqual(upTo(last))
}

/** One connection, one holder, everybody on it. */
function expectOrder(world: TabWorld): void {
  expect(world.holders).toHaveLength(1)
  expect(world.server.open).toHaveLength(1)
  expect(world.server.lanes).toBe(world.alive.length)
  expect(world.alive.every(({ isOnline }) => isOnline)).toBe(true)
}

function expectNothingLeft(world: TabWorld): void {
  expect(world.server.open).toHaveLength(0)
  expect(world.clock.pendingTimers).toBe(0)
  expect(world.browser.locks.held).toEqual([])
  expect(world.browser.locks.waiting).toBe(0)
  expect(world.browser.broadcast.openEnds).toBe(0)
  for (const { fake } of world.alive) expect(fake.hintListeners).toBe(0)
}

describe('tabs', () => {
  test('[LN1] share one socket: one has it, the others have lanes on it', async () => {
    const world = await tabs(3)
    expectOrder(world)
    expect(world.server.carriers).toHaveLength(1)
    world.say()
    world.say()
    await world.settle()
    expectEverything(world)
  })

  test('opened twenty at once share one socket, and none of them ever sees a failure', async () => {
    const world = await tabs(20)
    expectOrder(world)
    expect(world.server.carriers).toHaveLength(1)
    for (const tab of world.tabs) expect(tab.history).toEqual(['connecting: first', 'connected: ready'])
    for (let i = 0; i < 10; i++) world.say()
    await world.settle()
    expectEverything(world)
  })

  test('do nothing before the first dial: no lock, no channel, no timer, no listener', async () => {
    const world = new TabWorld()
    const { fake } = world.open({}, {})
    world.tabs[0]?.client.close()
    const idle = new TabWorld()
    idle.browser.open()
    expect(fake.hintListeners).toBe(0)
    expectNothingLeft(idle)
    await world.settle()
    expectNothingLeft(world)
  })

  test('each are answered on their own: writes of two under the same number both take effect', async () => {
    const world = await tabs(3)
    for (const [i, tab] of world.tabs.entries()) tab.channel.publish('said', { text: `from ${i}` })
    await world.settle()
    expect([...written(world)].sort()).toEqual(['from 0', 'from 1', 'from 2'])
    expectEverything(world)
    for (const tab of world.tabs) expect(tab.client.outbox.get()).toEqual([])
    for (const tab of world.tabs) expect(tab.heard.filter(({ origin }) => origin === 'echo')).toHaveLength(1)
  })

  test('of another name, or of another server, have a socket of their own', async () => {
    const world = new TabWorld()
    world.open()
    world.open({ name: 'ben' })
    world.open({}, { url: 'ws://other.test/v1/socket' })
    world.open({ name: 'ben' })
    await world.settle()
    expect(world.server.open.map(({ lanes }) => lanes.size)).toEqual([1, 2, 1])
  })

  test('that are refused by the server are told so alone', async () => {
    const world = await tabs(2)
    world.server.tiny.intercept = (frame, connection) => {
      if (frame.type !== 'hello' || frame.producer !== 'p3') return false
      connection.close(4401)
      return true
    }
    const third = world.open()
    await world.advance(2_000)
    expect(third.client.connection.get()).toMatchObject({ status: 'error', reason: 'refused-credentials' })
    expect(world.tabs.slice(0, 2).every(({ isOnline }) => isOnline)).toBe(true)
    expect(world.server.carriers).toHaveLength(1)
  })

  test('a tab that joins in the middle of another’s catch-up disturbs nobody', async () => {
    const world = await tabs(2)
    const late = world.open()
    late.channel.configure({ after: 'start' })
    for (let i = 0; i < 200; i++) world.say()
    const third = world.open()
    third.channel.configure({ after: 'start' })
    for (let i = 0; i < 30; i++) {
      world.say()
      await world.clock.settle()
      for (const { pair } of world.server.open) pair.flushTo('client', 1)
    }
    await world.settle()
    expectOrder(world)
    expect(world.server.carriers).toHaveLength(1)
    expectEverything(world)
  })
})

describe('when the tab that has the connection', () => {
  test('is closed, another takes over at once: a move is no failure', async () => {
    const world = await tabs(3)
    world.say()
    await world.settle()
    world.holder.fake.close()
    world.say()
    await world.settle()
    expectOrder(world)
    expectEverything(world)
    for (const { history } of world.alive)
      expect(history.slice(2)).toEqual(['reconnecting: moved', 'connected: ready'])
  })

  test('crashes, with messages of its own on their way, nothing is lost and nothing doubled', async () => {
    const world = await tabs(4)
    for (let round = 1; round <= 3; round++) {
      const { holder } = world
      for (const tab of world.alive)
        tab.channel.publish('said', { text: `${tab.client.outbox.get().length} of ${round}` })
      for (let i = 0; i < 5; i++) world.say()
      // What has come in over its socket has been posted to the others, and they have not heard it.
      await world.clock.settle()
      for (const { pair } of world.server.open) pair.flush()
      holder.fake.crash()
      await world.settle()
      expectOrder(world)
      expectEverything(world)
      for (const tab of world.alive) expect(tab.client.outbox.get()).toEqual([])
    }
    const own = written(world).filter((text) => text.includes('of'))
    // Each of four, then three, then two tabs; what a tab that crashed had written may or may not be there.
    expect(own.length).toBeGreaterThanOrEqual(3 + 2 + 1)
    expect(own.length).toBeLessThanOrEqual(4 + 3 + 2)
  })

  test('is put to sleep, it hands over before, and is served by another when it wakes', async () => {
    const world = await tabs(3)
    const first = world.holder
    first.fake.freeze()
    world.say()
    await world.settle()
    expect(world.holders).toHaveLength(1)
    expect(world.holder).not.toBe(first)
    expect(first.offsets).toEqual([])
    first.fake.wake()
    await world.settle()
    expectOrder(world)
    expect(world.holder).not.toBe(first)
    expectEverything(world)
    expect(first.history.at(-2)).toBe('reconnecting: moved')
  })

  test('hangs without a word, another takes the connection within ten seconds', async () => {
    const world = await tabs(5)
    const first = world.holder
    first.fake.hang()
    world.say()
    await world.advance(11_000)
    expect(world.guests.filter((tab) => tab !== first)).toHaveLength(3)
    expectEverything(
      world,
      world.alive.filter((tab) => tab !== first),
    )
  })

  test('hangs while somebody writes, it is noticed within six seconds', async () => {
    const world = await tabs(3)
    await world.advance(1_500)
    const first = world.holder
    first.fake.hang()
    const write = world.guests[0]?.channel.publish('said', { text: 'does anybody hear me?' })
    await world.advance(6_000)
    expect(write?.status.get().name).toBe('accepted')
    expect(written(world)).toEqual(['does anybody hear me?'])
  })

  test('[row 47] wakes after it was replaced, two have a connection for a moment, and nothing is doubled', async () => {
    const world = await tabs(4)
    const first = world.holder
    for (const tab of world.tabs) tab.channel.publish('said', { text: `before ${tab === first}` })
    first.fake.hang()
    for (let i = 0; i < 5; i++) world.say()
    await world.advance(12_000)
    expect(world.server.open).toHaveLength(2)
    // It wakes up in the belief that it serves the others, and hears what it has missed.
    first.channel.publish('said', { text: 'after' })
    first.fake.wake({ isTold: false })
    world.say()
    await world.settle()
    expectOrder(world)
    expect(world.holder).not.toBe(first)
    expectEverything(world)
    expect(written(world).filter((text) => text === 'before false')).toHaveLength(3)
    expect(written(world).filter((text) => text === 'before true')).toHaveLength(1)
    expect(written(world).filter((text) => text === 'after')).toHaveLength(1)
  })

  test('is only slow to ring, as hidden tabs are, nobody takes the connection from it', async () => {
    const world = await tabs(3)
    const first = world.holder
    for (const { fake } of world.tabs) fake.throttleMs = 60_000
    for (let minute = 0; minute < 30; minute++) {
      world.say()
      await world.advance(60_000, 1_000)
    }
    expect(world.holder).toBe(first)
    expect(world.server.carriers).toHaveLength(1)
    expectEverything(world)
  })

  test('holds since the clock was set back, it is heard at once by a tab that knew a later one', async () => {
    const world = await tabs(2)
    const [before, other] = [world.holder, world.guests[0]]
    other?.client.disconnect()
    await world.settle()
    before.fake.close()
    world.clock.jump(-3_600_000)
    world.open()
    await world.settle()
    other?.client.connect()
    world.say()
    await world.settle()
    expectOrder(world)
    expect(world.holder).not.toBe(other)
    expect(other?.offsets).toEqual([1])
  })

  test('is silent for good, a tab whose client gives up sooner than that is noticed takes over in the end', async () => {
    const world = await tabs(1)
    const first = world.holder
    first.fake.hang()
    const second = world.open({}, { connectTimeoutMs: 2_000 })
    await world.advance(15_000)
    expect(second.isOnline).toBe(true)
    expect(second.isHolder).toBe(true)
  })

  test('is silent for good, a tab that dials anew every second takes over in the end', async () => {
    const world = await tabs(1)
    world.holder.fake.hang()
    const second = world.open()
    for (let i = 0; i < 6; i++) {
      await world.advance(1_000)
      if (!second.isOnline) second.client.reconnect()
    }
    expect(second.isOnline).toBe(true)
  })

  test('answers, a tab that dials anew every second takes nothing from it', async () => {
    const world = await tabs(2)
    const [guest] = world.guests
    for (let i = 0; i < 30; i++) {
      guest?.client.reconnect()
      await world.advance(1_000)
    }
    expectOrder(world)
    expect(world.holder).not.toBe(guest)
    expect(world.server.carriers).toHaveLength(1)
  })

  test('leaves by its app’s own choice, it goes on serving the others until it is closed', async () => {
    const world = await tabs(3)
    const first = world.holder
    first.client.close()
    world.say()
    await world.settle()
    expect(world.server.carriers).toHaveLength(1)
    expect(world.server.lanes).toBe(2)
    expectEverything(world, world.guests)
    first.fake.close()
    world.say()
    await world.settle()
    expectEverything(world)
    expectOrder(world)
  })

  test('hangs, twenty others do not all take the connection from one another', async () => {
    const world = await tabs(21)
    world.holder.fake.hang()
    await world.advance(15_000)
    expect(world.server.carriers.length).toBeLessThanOrEqual(3)
    const others = world.tabs.filter(({ fake }) => fake !== world.tabs[0]?.fake)
    world.say()
    await world.settle()
    expectEverything(world, others)
    for (const { history } of others) expect(history.length).toBeLessThanOrEqual(6)
  })
})

describe('a tab that is served', () => {
  test('is let go of when it closes, crashes or sleeps', async () => {
    const world = await tabs(4)
    const [one, two, three] = world.guests
    one?.fake.close()
    await world.settle()
    expect(world.server.lanes).toBe(3)
    two?.fake.crash()
    await world.settle()
    expect(world.server.lanes).toBe(2)
    three?.fake.freeze()
    await world.settle()
    expect(world.server.lanes).toBe(1)
    world.say()
    three?.fake.wake()
    await world.settle()
    expect(world.server.carriers).toHaveLength(1)
    expectEverything(world, [world.holder, three as TabUnderTest])
  })

  test('[row 47] and sleeps without a word hears everything when it wakes, without taking anything from anybody', async () => {
    const world = await tabs(3)
    const { holder } = world
    const [guest] = world.guests
    guest?.fake.hang()
    for (let i = 0; i < 60; i++) {
      world.say()
      await world.advance(1_000)
    }
    guest?.fake.wake({ isTold: false })
    await world.advance(10_000)
    expect(world.holder).toBe(holder)
    expectEverything(world)
  })

  test('dials anew when a message between it and the holder is lost, whichever way it went', async () => {
    for (const type of ['heard', 'said', 'opened', 'taken', 'over', 'left', 'read', 'forget']) {
      const world = await tabs(3)
      let isLost = false
      world.browser.broadcast.drops = (message) => {
        if (isLost || (message as { readonly type: string }).type !== type) return false
        isLost = true
        return true
      }
      const fourth = world.open()
      fourth.channel.configure({ after: 'start' })
      await world.settle()
      for (const tab of world.tabs) tab.channel.publish('said', { text: `of ${tab.fake === fourth.fake}` })
      for (let i = 0; i < 5; i++) world.say()
      await world.advance(30_000)
      expectEverything(world)
      expect(written(world).filter((text) => text.startsWith('of'))).toHaveLength(4)
      expectOrder(world)
    }
  })

  test('has no lane left behind, though its last word on a line was lost as well', async () => {
    const world = await tabs(2)
    const [guest] = world.guests
    const lost = new Set(['heard', 'left'])
    world.browser.broadcast.drops = (message) => lost.delete((message as { readonly type: string }).type)
    world.say()
    await world.settle()
    world.say()
    await world.settle()
    expect(lost.size).toBe(0)
    expectOrder(world)
    expectEverything(world)
    expect(guest?.history.slice(2)).toEqual(['reconnecting: moved', 'connected: ready'])
  })

  test('sends no more than a sign of life now and then while nothing happens', async () => {
    const world = await tabs(10)
    const before = world.browser.broadcast.posted
    await world.advance(60_000)
    // A question and an answer every three to six seconds for all ten together, and pings.
    expect(world.browser.broadcast.posted - before).toBeLessThan(150)
  })

  test('does not hear what is none of its holder’s', async () => {
    const world = await tabs(2)
    const [guest] = world.guests
    const stranger = world.browser.open()
    const [life] = world.browser.locks.held.filter((name) => name.includes(' life '))
    const group = life?.slice(0, life.indexOf(' life ')) ?? ''
    const channel = stranger.browser.openBroadcast(group, () => {})
    for (const message of [
      null,
      7,
      'holding',
      {},
      { type: 'holding' },
      { type: 'holding', holder: 1, term: 1 },
      { type: 'toString' },
    ])
      channel.postMessage(message)
    // One of the past.
    channel.postMessage({ type: 'holding', holder: 'x', term: 1 })
    world.say()
    await world.settle()
    expectOrder(world)
    expect(guest?.history).toEqual(['connecting: first', 'connected: ready'])
    expectEverything(world)
  })
})

describe('the connection', () => {
  test('is closed with the last tab, and no timer, lock, channel or listener is left', async () => {
    const world = await tabs(3)
    for (const tab of world.tabs) {
      expect(world.server.open).toHaveLength(1)
      tab.client.close()
      await world.settle()
    }
    await world.advance(2_000)
    expectNothingLeft(world)
    for (const tab of world.tabs) tab.fake.close()
    expectNothingLeft(world)
  })

  test('is closed when nobody has anything to do with it, and dialled again when somebody has', async () => {
    const world = await tabs(2)
    for (const tab of world.tabs) tab.client.disconnect()
    await world.advance(2_000)
    expectNothingLeft(world)
    world.say()
    for (const tab of world.tabs) tab.client.connect()
    await world.settle()
    expectOrder(world)
    expectEverything(world)
  })

  test('that breaks is a failure to every tab; they come back on one', async () => {
    const world = await tabs(5)
    world.server.open[0]?.pair.cut()
    world.say()
    await world.settle()
    for (const { client } of world.tabs)
      expect(client.connection.get()).toMatchObject({ status: 'reconnecting', reason: 'network', attempt: 1 })
    await world.advance(3_000)
    expectOrder(world)
    expect(world.server.carriers).toHaveLength(2)
    expectEverything(world)
  })

  test('that cannot be made is tried again by each tab after its own backoff', async () => {
    const world = new TabWorld()
    world.server.mode = 'refuse'
    for (let i = 0; i < 3; i++) world.open()
    await world.advance(20_000)
    for (const { client } of world.tabs) expect(client.connection.get().status).toBe('reconnecting')
    world.server.mode = 'open'
    await world.advance(60_000)
    expectOrder(world)
  })

  test('whose dial hangs is given up, however many tabs come and go meanwhile', async () => {
    const world = new TabWorld()
    world.server.mode = 'wait'
    for (let i = 0; i < 4; i++) {
      world.open()
      await world.advance(2_500)
    }
    world.server.mode = 'open'
    await world.advance(20_000)
    expectOrder(world)
    expect(world.server.carriers.length).toBeLessThan(4)
  })

  test('[LN6] on which nothing comes any more is given up by all tabs together, within ten seconds of the first who asks', async () => {
    const world = await tabs(4)
    await world.advance(6_000)
    world.server.mode = 'deaf'
    world.tabs[2]?.channel.publish('said', { text: 'hello?' })
    await world.advance(7_900)
    expect(world.server.carriers).toHaveLength(1)
    world.server.mode = 'open'
    // What was said into the void stays unheard: the server that listens again is behind another socket.
    await world.advance(200)
    expect(world.server.carriers).toHaveLength(2)
    await world.settle()
    expectOrder(world)
    expect(written(world)).toEqual(['hello?'])
    expectEverything(world)
    for (const { history } of world.tabs)
      expect(history.slice(2)).toEqual(['reconnecting: moved', 'connected: ready'])
  })

  test('[LN6] that seems dead is given up at once when a tab that found out dials anew', async () => {
    const world = await tabs(3)
    await world.advance(6_000)
    world.server.mode = 'deaf'
    // Somebody looks at the page again, and its client wants to know within two seconds.
    world.tabs[1]?.fake.hint('visible')
    await world.advance(1_900)
    expect(world.server.carriers).toHaveLength(1)
    world.server.mode = 'open'
    await world.advance(200)
    expectOrder(world)
    expect(world.server.carriers).toHaveLength(2)
    expect(world.tabs[1]?.history.at(-2)).toBe('reconnecting: woke 1')
    expect(world.tabs[0]?.history.at(-2)).toBe('reconnecting: moved')
  })

  test('[LN7] of a server that goes away takes no new lane: who comes back comes on another', async () => {
    const world = await tabs(3)
    const [carrier] = world.server.open
    carrier?.pair.server.send('{"type":"drain","retryAfterMs":0}')
    for (const connection of world.server.tiny.connections)
      connection.send({
        type: 'drain',
        retryAfterMs: 200 * world.server.tiny.connections.indexOf(connection),
      })
    await world.advance(1_000)
    expect(world.server.open).toHaveLength(1)
    expect(world.server.carriers).toHaveLength(2)
    expectOrder(world)
    world.say()
    await world.settle()
    expectEverything(world)
  })

  test('[LN8] with all the lanes that it may have gets a second one beside it', async () => {
    const world = new TabWorld()
    world.server.mostLanes = 4
    for (let i = 0; i < 6; i++) world.open()
    await world.advance(5_000)
    expect(world.server.open.map(({ lanes }) => lanes.size)).toEqual([4, 2])
    world.say()
    await world.settle()
    expectEverything(world)
    expect(world.holders).toHaveLength(1)
  })

  test('[LN5] a mark is given back once its frames have been worked off', async () => {
    const world = await tabs(2)
    const marks: unknown[] = []
    const [carrier] = world.server.open
    const { server } = carrier?.pair ?? {}
    for (const lane of [1, 2])
      server?.send(`{"type":"lane","lane":${lane},"mark":${lane * 100},"frames":[{"type":"pong"}]}`)
    carrier?.pair.flushTo('client')
    await world.clock.settle()
    for (const text of carrier?.pair.waitingFor('server') ?? []) marks.push(JSON.parse(text))
    expect(marks).toEqual([
      { type: 'laneRead', lane: 1, mark: 100 },
      { type: 'laneRead', lane: 2, mark: 200 },
    ])
  })
})

describe('a socket that says that it has moved', () => {
  test('is dialled again at once, without a failure; one that never arrives is one in the end', async () => {
    const clock = new VirtualClock()
    const chance = { fraction: () => 0.5, token: () => 'p' }
    const lifecycle = { isOnline: () => true, subscribe: () => () => {} }
    let dials = 0
    const dial: Dial = (_url, _protocols, handlers) => {
      dials++
      clock.endOfTurn(() => handlers.closed(5000, ''))
      return { send() {}, close() {}, bufferedBytes: 0 }
    }
    const client = createClient({ url: 'ws://server.test', clock, chance, lifecycle, dial })
    client.connect()
    await clock.settle()
    expect(dials).toBe(4)
    expect(client.connection.get()).toMatchObject({ status: 'reconnecting', reason: 'network', attempt: 4 })
    client.close()
  })
})

describe('where the browser', () => {
  test.each([
    ['has no locks', { locks: undefined }],
    ['has no broadcasts', { openBroadcast: undefined }],
  ])('%s, each tab has a socket of its own, without lanes', async (_, missing) => {
    const world = new TabWorld()
    for (let i = 0; i < 3; i++) {
      const fake = world.browser.open()
      const { TabUnderTest } = await import('./tab-world.ts')
      const tab = new TabUnderTest(fake, i + 1, world.server.tiny.dial, {
        browser: { ...fake.browser, ...missing },
      })
      world.tabs.push(tab)
      tab.listen()
    }
    await world.settle()
    expect(world.server.tiny.connections).toHaveLength(3)
    world.say()
    await world.settle()
    expectEverything(world)
    expect(world.holders).toHaveLength(0)
  })

  test.each([
    ['refuses locks', { locks: { request: () => Promise.reject(new Error('insecure')) } }],
    [
      'refuses broadcasts',
      {
        openBroadcast: () => {
          throw new Error('insecure')
        },
      },
    ],
  ])('%s, a tab goes by itself', async (_, refusing) => {
    const world = new TabWorld()
    const fake = world.browser.open()
    const { TabUnderTest } = await import('./tab-world.ts')
    const tab = new TabUnderTest(fake, 1, world.server.tiny.dial, {
      browser: { ...fake.browser, ...refusing },
    })
    tab.listen()
    await world.settle()
    world.say()
    await world.settle()
    expect(tab.offsets).toEqual([1])
    tab.client.close()
    await world.settle()
    expect(world.clock.pendingTimers).toBe(0)
    expect(fake.hintListeners).toBe(0)
  })

  test('lets a page make no connection at all, its client says so and does not try again', async () => {
    const world = new TabWorld()
    const tab = world.open({
      dial: () => {
        throw new Error('blocked by the page’s policy')
      },
    })
    await world.advance(60_000)
    expect(tab.client.connection.get()).toMatchObject({ status: 'error', reason: 'policy' })
    await world.advance(2_000)
    expectNothingLeft(world)
  })

  test('is this one, it is asked for what it has', async () => {
    const { platformBrowser } = await import('../src/tabs/platform.ts')
    const { openBroadcast } = platformBrowser
    expect(openBroadcast).toBeDefined()
    const heard: unknown[] = []
    const [one, two] = [
      openBroadcast?.('x', (message) => heard.push(message)),
      openBroadcast?.('x', () => {}),
    ]
    two?.postMessage({ a: 1 })
    await new Promise<void>((resolve) => void systemClock.setTimer(20, resolve))
    expect(heard).toEqual([{ a: 1 }])
    one?.close()
    two?.close()
    expect(platformBrowser.attention()).toBe('hidden')
  })
})
