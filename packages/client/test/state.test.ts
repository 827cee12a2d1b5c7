// The state: snapshot, entries, own pending writes on top; and the app's own load in place of snapshots.

import type { Position, ServerFrame } from '@tidings/core'
import { describe, expect, test } from 'vitest'
import type { LoadRequest } from '../src/loading.ts'
import { chat, room, type Said, type World, world } from './world.ts'

const position = (offset: number, epoch = 'e1'): Position => ({
  epoch,
  offset,
  tag: offset === 0 ? '' : `t${epoch}${offset}`,
})

function open(it: World) {
  const channel = it.client.channel(room)
  const states: (readonly string[] | undefined)[] = []
  channel.state.subscribe(() => states.push(channel.state.get()))
  return { channel, states }
}

describe('snapshots', () => {
  test('undefined until the first, then folded entry by entry', async () => {
    const it = world()
    it.server.log(room.name).append('said', { text: 'a' })
    const { channel, states } = open(it)
    expect(channel.state.get()).toBeUndefined()
    await it.server.settle()
    expect(it.server.last.hello?.subscribe).toEqual([{ id: 1, channel: 'chat/a', state: 3 }])
    it.server.append(room.name, 'said', { text: 'b' })
    it.server.append(room.name, 'left', { text: 'nobody' })
    await it.server.settle()
    expect(states).toEqual([['a #e1:1'], ['a #e1:1', 'b #e1:2']])
    expect(channel.state.get()).toBe(channel.state.get())
  })

  test('a channel that never had an entry begins with the initial state', async () => {
    const it = world()
    it.server.log(room.name).fold = undefined
    const { channel } = open(it)
    await it.server.settle()
    expect(channel.state.get()).toEqual([])
  })

  test('from the start, the history is folded here', async () => {
    const it = world()
    for (const text of ['a', 'b']) it.server.log(room.name).append('said', { text })
    const { channel } = open(it)
    channel.configure({ after: 'start' })
    await it.server.settle()
    expect(it.server.last.hello?.subscribe).toEqual([{ id: 1, channel: 'chat/a', after: 'start', state: 3 }])
    expect(channel.state.get()).toEqual(['a #e1:1', 'b #e1:2'])
  })

  test('a head without a snapshot is no state: it is not made up from the middle', async () => {
    const it = world()
    it.server.log(room.name).append('said', { text: 'a' })
    it.server.log(room.name).fold = undefined
    const { channel } = open(it)
    await it.server.settle()
    it.server.append(room.name, 'said', { text: 'b' })
    await it.server.settle()
    expect(channel.state.get()).toBeUndefined()
  })

  test('an entry that fails its schema, that nobody declared, or that the fold cannot bear is reported and skipped', async () => {
    const it = world()
    const { channel } = open(it)
    const seen: string[] = []
    channel.on('said', ({ text }) => seen.push(text))
    await it.server.settle()
    for (const [event, text] of [
      ['said', 'a'],
      ['said', 'bad'],
      ['__proto__', 'x'],
      ['said', 'boom'],
      ['said', 'e'],
    ] as const) {
      it.server.append(room.name, event, { text })
    }
    await it.server.settle()
    expect(channel.state.get()).toEqual(['a #e1:1', 'e #e1:5'])
    expect(seen).toEqual(['a', 'boom', 'e'])
    expect(channel.position()?.offset).toBe(5)
    expect(it.errors.map(({ message }) => message)).toEqual([
      'Entry 2 (said) of "chat/a" was skipped: data.text: is not right.',
      'Entry 3 (__proto__) of "chat/a" was skipped: the contract has no event "__proto__".',
      'Entry 4 (said) of "chat/a" was skipped: the fold threw.',
    ])
  })

  test('[SB4] a reset brings a new snapshot', async () => {
    const it = world()
    const { channel, states } = open(it)
    await it.server.settle()
    it.server.append(room.name, 'said', { text: 'a' })
    await it.server.settle()
    it.server.last.pair.cut()
    it.server.log(room.name).lose('e2')
    it.server.log(room.name).append('said', { text: 'z' })
    await it.server.advance(1_000)
    expect(states.at(-1)).toEqual(['z #e2:1'])
    expect(channel.continuity.get()).toMatchObject({
      status: 'live',
      verdict: { name: 'reset', reason: 'epoch' },
    })
  })

  test('released, the state is forgotten; held again, there is a new one', async () => {
    const it = world()
    const { channel } = open(it)
    const other = it.client.channel(chat({ room: 'b' }))
    it.server.log('chat/b').fold = () => ['snapshot']
    const leave = other.hold()
    await it.server.settle()
    expect(other.state.get()).toEqual(['snapshot'])
    leave()
    await it.server.advance(1_100)
    expect(other.state.get()).toBeUndefined()
    other.hold()
    await it.server.settle()
    expect(other.state.get()).toEqual(['snapshot'])
    expect(channel.state.get()).toEqual([])
  })
})

describe('own writes', () => {
  test('are shown at once, and become the entry in place, under the same id', async () => {
    const it = world()
    const { channel, states } = open(it)
    await it.server.settle()
    channel.publish('said', { text: 'mine' })
    expect(channel.state.get()).toEqual(['mine? #you-p:1'])
    it.server.append(room.name, 'said', { text: 'theirs' })
    await it.server.settle()
    expect(states).toEqual([
      [],
      ['mine? #you-p:1'],
      ['theirs #e1:1', 'mine? #you-p:1'],
      ['theirs #e1:1', 'mine #you-p:2'.replace(':2', ':1')],
    ])
  })

  test('before the first welcome they have an id of their own', async () => {
    const it = world()
    const { channel } = open(it)
    channel.publish('said', { text: 'mine' })
    expect(channel.state.get()).toBeUndefined()
    await it.server.settle()
    expect(channel.state.get()).toEqual(['mine #you-p:1'])
  })

  test('a refused one disappears', async () => {
    const it = world()
    const { channel } = open(it)
    await it.server.settle()
    it.server.intercept = (frame, connection) => {
      if (frame.type !== 'publish') return false
      connection.send({ type: 'error', id: frame.id, code: 'forbidden', message: 'No.' })
      return true
    }
    channel.publish('said', { text: 'mine' })
    expect(channel.state.get()).toEqual(['mine? #you-p:1'])
    await it.server.settle()
    expect(channel.state.get()).toEqual([])
  })

  test('shown while offline, and once after the reconnection', async () => {
    const it = world()
    const { channel } = open(it)
    await it.server.settle()
    it.server.last.pair.cut()
    channel.publish('said', { text: 'mine' })
    expect(channel.state.get()).toEqual(['mine? #you-p:1'])
    await it.server.advance(1_000)
    expect(channel.state.get()).toEqual(['mine #you-p:1'])
  })

  test('a snapshot that may hold a write is shown when that is known, so that it never shows twice', async () => {
    const it = world()
    const { channel, states } = open(it)
    await it.server.settle()
    channel.publish('said', { text: 'mine' })
    await it.clock.settle()
    it.server.last.pair.flushTo('server')
    it.server.last.pair.cut()
    it.server.log(room.name).append('said', { text: 'theirs' })
    it.server.log(room.name).trimmed = 2
    await it.server.advance(1_000)
    expect(states).toEqual([[], ['mine? #you-p:1'], ['mine #you-p:1', 'theirs #e1:2']])
    expect(channel.continuity.get().verdict?.name).toBe('reset')
  })

  test('a write that was accepted into a history that was lost is not shown for ever', async () => {
    const it = world()
    const { channel } = open(it)
    await it.server.settle()
    it.server.push = () => {}
    channel.publish('said', { text: 'mine' })
    await it.server.settle()
    expect(channel.state.get()).toEqual(['mine? #you-p:1'])
    it.server.log(room.name).lose('e2')
    it.client.reconnect()
    await it.server.settle()
    expect(channel.state.get()).toEqual([])
  })

  test('nor is one that a kept state shows, whose loss a reset for another reason has passed over', async () => {
    const it = world()
    const channel = it.client.channel(room)
    channel.keep()
    const leave = channel.hold()
    await it.server.settle()
    it.server.push = () => {}
    const log = it.server.log(room.name)
    for (const text of ['a', 'b', 'c']) log.append('said', { text })
    channel.publish('said', { text: 'mine' })
    await it.server.settle()
    leave()
    await it.server.advance(1_100)
    log.entries.length = 2
    log.trimmed = 2
    channel.hold()
    await it.server.settle()
    expect(channel.state.get()).toEqual(['a #e1:1', 'b #e1:2', 'mine? #you-p:1'])
    await it.server.advance(11_000)
    expect(channel.state.get()).toEqual(['a #e1:1', 'b #e1:2'])
  })

  test('a state that waits to be replaced is not asked about: one loss is one reset', async () => {
    const it = world()
    const { channel } = open(it)
    const resets: string[] = []
    channel.onReset(({ reason }) => resets.push(reason))
    await it.server.settle()
    channel.publish('said', { text: 'lost' })
    await it.server.settle()
    const log = it.server.log(room.name)
    log.entries = []
    it.server.intercept = ({ type }) => type === 'publish'
    channel.publish('said', { text: 'mine' })
    await it.server.settle()
    const snapshot = { position: log.head, version: 3, state: [] }
    it.server.last.send({ type: 'reset', channel: room.name, reason: 'ahead', position: log.head, snapshot })
    await it.server.advance(20_000)
    expect(channel.state.get()).toEqual(['lost #you-p:1', 'mine? #you-p:2'])
    expect(resets).toEqual(['ahead'])
    it.server.intercept = () => false
    it.client.reconnect()
    await it.server.advance(20_000)
    expect(channel.state.get()).toEqual(['mine #you-p:2'])
    expect(resets).toEqual(['ahead'])
  })

  test('a channel that nobody holds keeps no trace of what was written to it', async () => {
    const it = world()
    const channel = it.client.channel(room)
    channel.publish('said', { text: 'mine' })
    await it.server.settle()
    open(it)
    await it.server.settle()
    expect(channel.state.get()).toEqual(['mine #you-p:1'])
  })
})

describe('load', () => {
  /** A load that the test answers by hand. */
  function byHand() {
    const asked: (LoadRequest & { give(state: readonly string[], at?: Position): void; fail(): void })[] = []
    const load = (request: LoadRequest) =>
      new Promise<{ state: readonly string[]; position?: Position | undefined }>((resolve, reject) => {
        asked.push({
          ...request,
          give: (state, at) => resolve({ state, position: at }),
          fail: () => reject(new Error('down')),
        })
      })
    return { asked, load }
  }

  async function loading() {
    const it = world()
    const { asked, load } = byHand()
    const { channel, states } = open(it)
    channel.configure({ load })
    const seen: string[] = []
    channel.onAny(({ offset, data, origin }) => seen.push(`${offset} ${data.text} ${origin}`))
    const say = async (...texts: string[]) => {
      for (const text of texts) it.server.append(room.name, 'said', { text })
      await it.server.settle()
    }
    return { ...it, asked, channel, states, seen, say }
  }

  test('the place is taken first, and what comes meanwhile is applied on top', async () => {
    const it = await loading()
    it.server.log(room.name).append('said', { text: 'old' })
    await it.server.settle()
    expect(it.server.last.hello?.subscribe).toEqual([{ id: 1, channel: 'chat/a' }])
    expect(it.asked).toMatchObject([{ position: position(1), reason: 'first' }])
    expect(it.channel.continuity.get()).toMatchObject({ status: 'loading', reason: 'first' })
    await it.say('a', 'b')
    expect([it.channel.state.get(), it.seen]).toEqual([undefined, []])
    it.asked[0]?.give(['old', 'a'], position(2))
    await it.server.settle()
    expect(it.channel.state.get()).toEqual(['old', 'a', 'b #e1:3'])
    expect(it.seen).toEqual(['2 a live', '3 b live'])
    expect(it.channel.continuity.get().status).toBe('live')
    expect(it.states).toHaveLength(1)
  })

  test('without a position, everything since the request is applied', async () => {
    const it = await loading()
    await it.server.settle()
    await it.say('a')
    it.asked[0]?.give(['base'])
    await it.server.settle()
    expect(it.channel.state.get()).toEqual(['base', 'a #e1:1'])
  })

  test('a state that is ahead of what has arrived swallows it when it comes', async () => {
    const it = await loading()
    await it.server.settle()
    it.asked[0]?.give(['a', 'b'], position(2))
    await it.server.settle()
    await it.say('a', 'b', 'c')
    expect(it.channel.state.get()).toEqual(['a', 'b', 'c #e1:3'])
    expect(it.seen).toEqual(['1 a live', '2 b live', '3 c live'])
  })

  test('a state of what the log has lost is loaded anew: once another entry stands in its place', async () => {
    const it = await loading()
    await it.server.settle()
    it.asked[0]?.give(['lost'], { ...position(1), tag: 'lost' })
    await it.server.settle()
    it.server.append(room.name, 'said', { text: 'a' })
    it.server.append(room.name, 'said', { text: 'b' })
    await it.server.settle()
    expect(it.asked[1]).toMatchObject({ reason: 'fork', position: position(1) })
    expect(it.channel.continuity.get()).toMatchObject({ status: 'loading', reason: 'fork' })
    expect(it.channel.state.get()).toEqual(['lost'])
    it.asked[1]?.give(['a'])
    await it.server.settle()
    expect(it.channel.state.get()).toEqual(['a', 'b #e1:2'])
    expect(it.seen).toEqual(['1 a live', '2 b live'])
  })

  test.each([
    ['stood when it was asked', 1],
    ['came meanwhile', 2],
  ])('one that has another entry than %s is not shown: it is asked for again', async (_, offset) => {
    const it = await loading()
    it.server.log(room.name).append('said', { text: 'a' })
    await it.server.settle()
    await it.say('b', 'c')
    it.asked[0]?.give(['lost'], { ...position(offset), tag: 'lost' })
    await it.server.advance(1_000)
    expect(it.errors).toMatchObject([{ code: 'unavailable' }])
    expect(it.asked[1]).toMatchObject({ reason: 'first', position: position(1) })
    expect(it.states).toEqual([])
    it.asked[1]?.give(['a'])
    await it.server.settle()
    expect(it.states).toEqual([['a', 'b #e1:2', 'c #e1:3']])
    expect(it.seen).toEqual(['2 b live', '3 c live'])
  })

  test('one that waits for the answer of an own write is never shown where the log has lost it', async () => {
    const it = await loading()
    await it.server.settle()
    it.asked[0]?.give([])
    await it.server.settle()
    const log = it.server.log(room.name)
    it.server.intercept = ({ type }) => type === 'publish'
    it.channel.publish('said', { text: 'mine' })
    it.server.last.send({ type: 'reset', channel: room.name, reason: 'trimmed', position: log.head })
    await it.server.settle()
    it.asked[1]?.give(['mine'], { ...position(1), tag: 'lost' })
    await it.server.settle()
    await it.say('theirs')
    expect(it.asked[2]).toMatchObject({ reason: 'fork', position: position(1) })
    it.server.intercept = () => false
    it.client.reconnect()
    await it.server.advance(1_000)
    it.asked[2]?.give(['theirs'])
    await it.server.settle()
    expect(it.states).toEqual([[], ['mine? #you-p:1'], ['theirs', 'mine #you-p:1']])
  })

  test('or, where none comes by, once the server says that the log ends before it', async () => {
    const it = await loading()
    await it.server.settle()
    it.asked[0]?.give(['lost'], position(1))
    await it.server.advance(10_000)
    expect(it.asked[1]).toMatchObject({ reason: 'ahead', position: position(0) })
    it.asked[1]?.give([])
    await it.server.advance(30_000)
    expect(it.channel.state.get()).toEqual([])
    expect(it.asked).toHaveLength(2)
    expect(it.clock.pendingTimers).toBe(1)
  })

  test('a state that is ahead for long stays, and nothing is passed over, where the log has it', async () => {
    const it = await loading()
    await it.server.settle()
    it.asked[0]?.give(['a'], position(1))
    await it.server.settle()
    it.client.disconnect()
    expect(it.clock.pendingTimers).toBe(0)
    it.client.connect()
    await it.server.settle()
    it.server.log(room.name).append('said', { text: 'a' })
    await it.server.advance(10_000)
    expect(it.asked).toHaveLength(1)
    expect(it.server.last.framesOf('subscribe').map(({ after }) => after)).toEqual(['e1:1:te11', 'e1:0:'])
    expect(it.channel.state.get()).toEqual(['a'])
    expect(it.seen).toEqual(['1 a replay'])
  })

  test('a state that is older than the request is brought up to date from the log; listeners hear nothing twice', async () => {
    const it = await loading()
    for (const text of ['a', 'b', 'c']) it.server.log(room.name).append('said', { text })
    await it.server.settle()
    await it.say('d')
    it.asked[0]?.give(['a'], position(1))
    await it.server.settle()
    expect(it.channel.state.get()).toEqual(['a', 'b #e1:2', 'c #e1:3', 'd #e1:4'])
    expect(it.seen).toEqual(['4 d replay'])
    await it.say('e')
    expect(it.seen).toEqual(['4 d replay', '5 e live'])
  })

  test('where the log does not go back that far, it is asked for again, and listeners lose nothing', async () => {
    const it = await loading()
    const resets: string[] = []
    it.channel.onReset(({ reason }) => resets.push(reason))
    const log = it.server.log(room.name)
    for (const text of ['a', 'b', 'c']) log.append('said', { text })
    await it.server.settle()
    await it.say('d')
    log.trimmed = 2
    it.asked[0]?.give(['a'], position(1))
    await it.server.settle()
    expect(it.errors).toMatchObject([{ code: 'unavailable' }])
    expect(it.asked).toHaveLength(1)
    await it.server.advance(1_000)
    expect(it.asked[1]).toMatchObject({ reason: 'trimmed', position: position(3) })
    it.asked[1]?.give(['a', 'b', 'c'])
    await it.server.settle()
    expect(it.channel.state.get()).toEqual(['a', 'b', 'c', 'd #e1:4'])
    expect(it.seen).toEqual(['4 d replay'])
    expect(resets).toEqual([])
  })

  test('an app that brings such a state each time is asked less and less often', async () => {
    const it = await loading()
    const log = it.server.log(room.name)
    for (const text of ['a', 'b', 'c']) log.append('said', { text })
    await it.server.settle()
    await it.say('d')
    log.trimmed = 2
    for (let passedMs = 0; passedMs < 60_000; passedMs += 100) {
      it.asked.at(-1)?.give(['a'], position(1))
      await it.server.advance(100)
    }
    expect(it.asked.length).toBeGreaterThan(2)
    expect(it.asked.length).toBeLessThan(12)
  })

  test('where the log has another entry on the way there, listeners hear of the loss before anything else', async () => {
    const it = await loading()
    const resets: string[] = []
    it.channel.onReset(({ reason }) => resets.push(reason))
    const log = it.server.log(room.name)
    log.append('said', { text: 'lost' })
    await it.server.settle()
    log.entries = [{ ...log.append('said', { text: 'a' }), offset: 1 }]
    log.append('said', { text: 'b' })
    it.asked[0]?.give([], position(0))
    await it.server.settle()
    expect(it.seen).toEqual([])
    expect(resets).toEqual(['fork'])
    it.asked[1]?.give(['a', 'b'])
    await it.say('c')
    expect(it.channel.state.get()).toEqual(['a', 'b', 'c #e1:3'])
    expect(it.seen).toEqual(['3 c live'])
  })

  test('for who kept a position, it begins there: listeners hear what follows it, once', async () => {
    const it = world()
    const { asked, load } = byHand()
    const channel = it.client.channel(room)
    channel.configure({ load, after: position(2) })
    const seen: number[] = []
    channel.onAny(({ offset }) => seen.push(offset))
    const log = it.server.log(room.name)
    for (const text of ['a', 'b', 'c']) log.append('said', { text })
    await it.server.settle()
    expect(asked).toMatchObject([{ reason: 'first', position: position(2) }])
    expect(channel.continuity.get()).toMatchObject({ status: 'loading', verdict: { name: 'resumed' } })
    asked[0]?.give(['a'], position(1))
    await it.server.settle()
    expect(channel.state.get()).toEqual(['a', 'b #e1:2', 'c #e1:3'])
    expect(seen).toEqual([3])
  })

  test('more than it holds meanwhile is read again from the log', async () => {
    const it = await loading()
    await it.server.settle()
    await it.say(...Array.from({ length: 1_100 }, (_, i) => `${i}`))
    it.asked[0]?.give(['base'], position(0))
    await it.server.settle()
    expect(it.channel.state.get()).toHaveLength(1_101)
    expect(it.seen.map((line) => Number(line.split(' ')[0]))).toEqual(
      Array.from({ length: 1_100 }, (_, i) => i + 1),
    )
  })

  test('a load that fails is reported and tried again with backoff', async () => {
    const it = await loading()
    await it.server.settle()
    it.asked[0]?.fail()
    await it.server.settle()
    expect(it.errors).toMatchObject([{ code: 'unavailable' }])
    expect(it.channel.continuity.get().status).toBe('loading')
    await it.say('a')
    await it.server.advance(1_000)
    expect(it.asked).toHaveLength(2)
    it.asked[1]?.give(['base'])
    await it.server.settle()
    expect(it.channel.state.get()).toEqual(['base', 'a #e1:1'])
  })

  test('a position of another history is a failure', async () => {
    const it = await loading()
    await it.server.settle()
    it.asked[0]?.give(['x'], position(3, 'e9'))
    await it.server.settle()
    expect(it.errors).toHaveLength(1)
    expect(it.channel.state.get()).toBeUndefined()
  })

  test('a drop during a load: it goes on, and so does the log', async () => {
    const it = await loading()
    await it.server.settle()
    await it.say('a')
    it.server.last.pair.cut()
    it.server.append(room.name, 'said', { text: 'b' })
    await it.server.advance(1_000)
    expect(it.asked).toHaveLength(1)
    expect(it.channel.continuity.get().status).toBe('loading')
    it.asked[0]?.give(['base'])
    await it.server.settle()
    expect(it.channel.state.get()).toEqual(['base', 'a #e1:1', 'b #e1:2'])
    expect(it.seen).toEqual(['1 a live', '2 b replay'])
  })

  test('after a reset it is called again with the reason; the old state stays until then', async () => {
    const it = await loading()
    await it.server.settle()
    it.asked[0]?.give(['base'])
    await it.server.settle()
    await it.say('a')
    it.server.last.pair.cut()
    it.server.log(room.name).lose('e2')
    await it.server.advance(1_000)
    expect(it.asked[1]).toMatchObject({ reason: 'epoch', position: position(0, 'e2') })
    expect(it.channel.continuity.get()).toMatchObject({ status: 'loading', reason: 'epoch' })
    expect(it.channel.state.get()).toEqual(['base', 'a #e1:1'])
    it.asked[1]?.give(['anew'])
    await it.server.settle()
    expect(it.channel.state.get()).toEqual(['anew'])
  })

  test('a reset during a load aborts it, and what it returns is not used', async () => {
    const it = await loading()
    await it.server.settle()
    const frame: ServerFrame = { type: 'reset', channel: room.name, reason: 'trimmed', position: 'e1:7:te17' }
    it.server.last.send(frame)
    await it.server.settle()
    expect(it.asked[0]?.signal.aborted).toBe(true)
    it.asked[0]?.give(['stale'])
    await it.server.settle()
    expect(it.channel.state.get()).toBeUndefined()
    it.asked[1]?.give(['good'])
    await it.server.settle()
    expect(it.channel.state.get()).toEqual(['good'])
  })

  test('what a reset has replaced is not asked about meanwhile: a slow load is let finish', async () => {
    const it = await loading()
    await it.server.settle()
    it.asked[0]?.give([])
    await it.server.settle()
    it.channel.publish('said', { text: 'lost' })
    await it.server.settle()
    const log = it.server.log(room.name)
    log.entries = []
    it.server.last.send({ type: 'reset', channel: room.name, reason: 'ahead', position: log.head })
    await it.server.advance(20_000)
    expect(it.asked).toHaveLength(2)
    it.asked[1]?.give(['good'])
    await it.server.settle()
    expect(it.channel.state.get()).toEqual(['good'])
  })

  test('own writes are shown on what was loaded, once', async () => {
    const it = await loading()
    await it.server.settle()
    it.channel.publish('said', { text: 'mine' })
    await it.server.settle()
    expect(it.channel.state.get()).toBeUndefined()
    const texts = it.server.log(room.name).entries.map(({ data }) => (data as Said).text)
    it.asked[0]?.give(texts, position(1))
    await it.server.settle()
    expect(it.channel.state.get()).toEqual(['mine'])
    expect(it.seen).toEqual(['1 mine echo'])
  })

  test('disconnect() leaves no retry behind, connect() takes it up again', async () => {
    const it = await loading()
    await it.server.settle()
    it.asked[0]?.fail()
    await it.server.settle()
    it.client.disconnect()
    expect(it.clock.pendingTimers).toBe(0)
    it.client.connect()
    await it.server.settle()
    expect(it.asked).toHaveLength(2)
    it.client.disconnect()
    it.asked[1]?.fail()
    await it.server.settle()
    expect(it.clock.pendingTimers).toBe(0)
  })

  test('close() aborts a load, and nothing that came meanwhile is told', async () => {
    const it = await loading()
    await it.server.settle()
    await it.say('a')
    it.client.close()
    expect(it.asked[0]?.signal.aborted).toBe(true)
    it.asked[0]?.give(['late'])
    await it.server.settle()
    expect(it.seen).toEqual([])
  })

  test('a listener that closes the client hears nothing more of what came during a load', async () => {
    const it = await loading()
    await it.server.settle()
    await it.say('a', 'b')
    it.channel.onAny(() => it.client.close())
    it.asked[0]?.give([])
    await it.server.settle()
    expect(it.seen).toEqual(['1 a live'])
  })

  test('a channel that is left aborts its load', async () => {
    const it = world()
    const { asked, load } = byHand()
    const channel = it.client.channel(chat({ room: 'c' }))
    channel.configure({ load })
    const leave = channel.hold()
    await it.server.settle()
    leave()
    await it.server.advance(1_100)
    expect(asked[0]?.signal.aborted).toBe(true)
    asked[0]?.give(['late'])
    await it.server.settle()
    expect(channel.state.get()).toBeUndefined()
  })
})
