import { seededChance, VirtualClock } from '@tidings/core/testing'
import { memoryBroker } from '@tidings/server/memory'
import { describe, expect, test } from 'vitest'
import type { Broker } from '../src/broker.ts'
import { brief, NodeUnderTest, note, tally } from './node-under-test.ts'

const ROOM = note({ room: 'a' }).name
const TALLY = tally({ room: 'a' }).name
const BRIEF = brief({ room: 'a' }).name
const said = (text: string) => ({ type: 'said', data: { text } })
const added = (n: number) => ({ type: 'added', data: { n } })
const many = (count: number, first = 1) => Array.from({ length: count }, (_, i) => said(`n${first + i}`))

describe('verdicts', () => {
  test('[SB2] a first subscribe is fresh, at the head, and live at once', async () => {
    const node = new NodeUnderTest()
    const position = await node.publish(ROOM, ...many(3))
    const reader = await node.welcomed({ subscribe: [{ id: 1, channel: ROOM }] })
    expect(reader.last('subscribed')).toMatchObject({ id: 1, verdict: 'fresh', position, behind: 0 })
    expect(reader.last('live').position).toBe(position)
    expect(reader.offsets(ROOM)).toEqual([])
  })

  test('[SB2] after "start" everything that is kept is replayed', async () => {
    const node = new NodeUnderTest()
    await node.publish(ROOM, ...many(3))
    const reader = await node.welcomed({ subscribe: [{ id: 1, channel: ROOM, after: 'start' }] })
    expect(reader.last('subscribed')).toMatchObject({ verdict: 'fresh', behind: 3 })
    expect(reader.offsets(ROOM)).toEqual([1, 2, 3])
    expect(reader.of('entries').every(({ replay }) => replay === true)).toBe(true)
  })

  test('[SB5] a channel that never had an entry gives a position, and resumes from it', async () => {
    const node = new NodeUnderTest()
    const first = await node.welcomed({ subscribe: [{ id: 1, channel: ROOM }] })
    const { position } = first.last('subscribed')
    expect(position).toMatch(/^[0-9A-Za-z]+:0:$/)
    const again = await node.welcomed({ subscribe: [{ id: 1, channel: ROOM, after: position }] })
    expect(again.last('subscribed')).toMatchObject({ verdict: 'resumed', behind: 0, position })
    expect(again.of('live')).toHaveLength(1)
  })

  test('[SB3] a reader that was away gets exactly what it missed', async () => {
    const node = new NodeUnderTest()
    const position = await node.publish(ROOM, ...many(3))
    await node.publish(ROOM, ...many(4, 4))
    const reader = await node.welcomed({ subscribe: [{ id: 1, channel: ROOM, after: position }] })
    expect(reader.last('subscribed')).toMatchObject({ verdict: 'resumed', position, behind: 4 })
    expect(reader.offsets(ROOM)).toEqual([4, 5, 6, 7])
  })

  test('[SB3] it does so from the log when the node has nothing in memory', async () => {
    const node = new NodeUnderTest({ limits: { tailEntries: 2, pageEntries: 2 } })
    const position = await node.publish(ROOM, said('first'))
    const onlooker = await node.welcomed({ subscribe: [{ id: 1, channel: ROOM }] })
    for (let i = 0; i < 9; i++) await node.publish(ROOM, said(`n${i}`))
    await onlooker.settle()
    const reader = await node.welcomed({ subscribe: [{ id: 1, channel: ROOM, after: position }] })
    expect(reader.offsets(ROOM)).toEqual([2, 3, 4, 5, 6, 7, 8, 9, 10])
    expect(onlooker.offsets(ROOM)).toEqual([2, 3, 4, 5, 6, 7, 8, 9, 10])
    expect(reader.heard.at(-1)?.type).toBe('live')
  })

  const resets = [
    ['epoch', (epoch: string, tag: string) => `x${epoch}:2:${tag}`],
    ['fork', (epoch: string) => `${epoch}:2:forged`],
    ['ahead', (epoch: string, tag: string) => `${epoch}:99:${tag}`],
  ] as const
  test.each(resets)(
    '[SB4] a position of another history is reset with the reason %s',
    async (reason, forge) => {
      const node = new NodeUnderTest()
      const head = await node.publish(ROOM, ...many(3))
      const [, second] = await node.log(ROOM)
      const position = forge(head.split(':')[0] as string, second?.tag as string)
      const reader = await node.welcomed({ subscribe: [{ id: 1, channel: ROOM, after: position }] })
      expect(reader.last('subscribed')).toMatchObject({ verdict: 'reset', reason, position: head })
      expect(reader.offsets(ROOM)).toEqual([])
      expect(reader.of('live')).toHaveLength(1)
    },
  )

  test('[SB4] more than the server replays is reset with the reason limit', async () => {
    const node = new NodeUnderTest({ limits: { replayEntries: 5 } })
    const position = await node.publish(ROOM, said('first'))
    await node.publish(ROOM, ...many(6))
    const reader = await node.welcomed({ subscribe: [{ id: 1, channel: ROOM, after: position }] })
    expect(reader.last('subscribed')).toMatchObject({ verdict: 'reset', reason: 'limit' })
  })

  test('[SB4] a log that loses its end while the state is brought is no limit: what is left is replayed', async () => {
    const clock = new VirtualClock()
    const seeded = () => memoryBroker({ clock, chance: seededChance(7) })
    const [whole, copy] = [seeded(), seeded()]
    const three = [added(1), added(1), added(1)]
    for (const log of [whole, copy]) await new NodeUnderTest({ broker: log }).publish(TALLY, ...three)
    let log = whole
    const broker: Broker = {
      append: (request) => log.append(request),
      read: (...asked) => log.read(...asked),
      head: (channel) => log.head(channel),
      attach: (...asked) => log.attach(...asked),
      problem: () => undefined,
      close: async () => {},
      snapshots: { load: async () => void (log = copy), save: async () => {} },
    }
    const node = new NodeUnderTest({ broker, limits: { replayEntries: 5, tailEntries: 1 } })
    const [first] = await node.log(TALLY)
    const [epoch] = (await node.publish(TALLY, ...three, ...three)).split(':')
    const after = `${epoch}:1:${first?.tag}`
    const reader = await node.welcomed({ subscribe: [{ id: 1, channel: TALLY, after, state: 2 }] })
    expect(reader.last('subscribed')).toMatchObject({ verdict: 'resumed', position: after })
    expect(reader.offsets(TALLY)).toEqual([2, 3])
    expect(reader.heard.at(-1)?.type).toBe('live')
  })

  test('[SB4] a node that has not heard how far the log is finds out, and does not ask in a circle', async () => {
    const log = memoryBroker({ clock: new VirtualClock(), chance: seededChance(7) })
    let reads = 0
    const broker: Broker = {
      append: (request) => log.append(request),
      read: (...asked) => (++reads < 20 ? log.read(...asked) : Promise.reject(new Error('asked too often'))),
      head: (channel) => log.head(channel),
      attach: async () => () => {},
      problem: () => undefined,
      close: async () => {},
    }
    const node = new NodeUnderTest({ broker, limits: { replayEntries: 5 } })
    const position = await node.publish(ROOM, said('first'))
    await node.publish(ROOM, said('second'))
    await node.welcomed({ subscribe: [{ id: 1, channel: ROOM }] })
    const head = await node.publish(ROOM, ...many(6))
    const reader = await node.welcomed({ subscribe: [{ id: 1, channel: ROOM, after: position }] })
    expect(reader.last('subscribed')).toMatchObject({ verdict: 'reset', reason: 'limit', position: head })
    expect(reader.heard.at(-1)?.type).toBe('live')
  })

  test('[SB4] a trimmed history is reset to the state, and [SB5] a trimmed channel whose reader is current resumes', async () => {
    const node = new NodeUnderTest({ limits: { snapshotEvery: 5, tailEntries: 1 } })
    const old = await node.publish(TALLY, added(1))
    let head = old
    for (let i = 0; i < 200; i++) {
      head = await node.publish(TALLY, added(1))
      await node.clock.settle()
    }
    const kept = await node.log(TALLY)
    expect(kept.length).toBeLessThan(201)
    const late = await node.welcomed({ subscribe: [{ id: 1, channel: TALLY, after: old, state: 2 }] })
    expect(late.last('subscribed')).toMatchObject({
      verdict: 'reset',
      reason: 'trimmed',
      snapshot: { version: 2, state: { sum: 201 } },
    })
    const current = await node.welcomed({ subscribe: [{ id: 1, channel: TALLY, after: head, state: 2 }] })
    expect(current.last('subscribed')).toMatchObject({ verdict: 'resumed', behind: 0 })
    expect(current.last('subscribed').snapshot).toBeUndefined()
  })

  test('[SB13] who began at the start of a trimmed channel and dropped before the first entry goes on from there', async () => {
    const node = new NodeUnderTest({ limits: { tailEntries: 1 } })
    for (let i = 0; i < 200; i++) await node.publish(BRIEF, said(`n${i}`))
    const [oldest] = await node.log(BRIEF)
    expect(oldest?.offset).toBeGreaterThan(1)
    const first = node.connect()
    first.isReading = false
    await first.say({ type: 'hello', producer: 'p', subscribe: [{ id: 1, channel: BRIEF, after: 'start' }] })
    await first.readSome(1)
    const { position } = first.last('subscribed')
    expect(position).toMatch(new RegExp(`:${(oldest?.offset as number) - 1}:0$`))

    const again = await node.welcomed({ subscribe: [{ id: 1, channel: BRIEF, after: position }] })
    expect(again.last('subscribed')).toMatchObject({ verdict: 'resumed', position })
    expect(again.offsets(BRIEF)[0]).toBe(oldest?.offset)
    expect(again.offsets(BRIEF).at(-1)).toBe(200)

    for (let i = 200; i < 400; i++) await node.publish(BRIEF, said(`n${i}`))
    const late = await node.welcomed({ subscribe: [{ id: 1, channel: BRIEF, after: position }] })
    expect(late.last('subscribed')).toMatchObject({ verdict: 'reset', reason: 'trimmed' })
  })

  test.each(['nonsense', '1:2', 'e:-1:t', 'e:1:', 'e:0:t', 'e:9007199254740993:t', '::'])(
    '[SB4] "%s" is no position: an error, and the connection lives',
    async (after) => {
      const node = new NodeUnderTest()
      const reader = await node.welcomed({ subscribe: [{ id: 4, channel: ROOM, after }] })
      expect(reader.last('error')).toMatchObject({ id: 4, code: 'bad-position', field: 'after' })
      await reader.say({ type: 'subscribe', id: 5, channel: ROOM })
      expect(reader.last('subscribed').id).toBe(5)
    },
  )
})

describe('delivery', () => {
  test('[SB1] what one turn brings arrives in one frame, in order, at every reader', async () => {
    const node = new NodeUnderTest()
    const readers = await Promise.all(
      [1, 2, 3].map(() => node.welcomed({ subscribe: [{ id: 1, channel: ROOM }] })),
    )
    await Promise.all(readers.map((reader) => reader.settle()))
    for (let i = 0; i < 5; i++) void node.hub.publish({ channel: ROOM, events: [said(`n${i}`)] })
    for (const reader of readers) {
      await reader.settle()
      expect(reader.offsets(ROOM)).toEqual([1, 2, 3, 4, 5])
      expect(reader.of('entries')).toHaveLength(1)
      expect(reader.of('entries')[0]?.replay).toBeUndefined()
    }
  })

  test('[SB6] nothing newer is mixed into a catch-up', async () => {
    const node = new NodeUnderTest({ limits: { tailEntries: 1, pageEntries: 3, highWaterBytes: 400 } })
    await node.publish(ROOM, ...many(20))
    const reader = node.connect()
    reader.isReading = false
    await reader.say({ type: 'hello', producer: 'p', subscribe: [{ id: 1, channel: ROOM, after: 'start' }] })
    for (let i = 0; i < 30; i++) {
      await node.publish(ROOM, said(`late ${i}`))
      await reader.readSome(1)
    }
    reader.isReading = true
    await reader.settle()
    expect(reader.offsets(ROOM)).toEqual(Array.from({ length: 50 }, (_, i) => i + 1))
    expect(reader.of('live').length).toBeGreaterThan(0)
  })

  test('[SB7] a reader that stops reading costs a bounded buffer, and gets everything once it reads again', async () => {
    const node = new NodeUnderTest({ limits: { highWaterBytes: 2_000 } })
    const slow = await node.welcomed({ subscribe: [{ id: 1, channel: ROOM }] })
    const fast = await node.welcomed({ subscribe: [{ id: 1, channel: ROOM }] })
    slow.isReading = false
    let most = 0
    for (let i = 0; i < 500; i++) {
      await node.publish(ROOM, said(`n${i}`))
      await fast.settle()
      most = Math.max(most, slow.unread)
    }
    expect(fast.offsets(ROOM)).toHaveLength(500)
    expect(most).toBeLessThan(4_000)
    slow.isReading = true
    await slow.settle()
    expect(slow.offsets(ROOM)).toEqual(Array.from({ length: 500 }, (_, i) => i + 1))
    expect(slow.of('behind')).toHaveLength(1)
    expect(slow.heard.at(-1)?.type).toBe('live')
  })

  test('[SB7] while one channel catches up the others of the same connection go on', async () => {
    const node = new NodeUnderTest({ limits: { highWaterBytes: 3_000, tailEntries: 5, pageEntries: 5 } })
    const other = note({ room: 'b' }).name
    await node.publish(ROOM, ...many(100))
    await node.publish(ROOM, ...many(100))
    const reader = await node.welcomed({
      subscribe: [
        { id: 1, channel: ROOM, after: 'start' },
        { id: 2, channel: other, after: 'start' },
      ],
    })
    await node.publish(other, said('me too'))
    await reader.settle()
    expect(reader.offsets(ROOM)).toHaveLength(200)
    expect(reader.offsets(other)).toEqual([1])
  })

  test('[SB8] a history that is trimmed under a reader on its way is a reset, never a hole', async () => {
    const node = new NodeUnderTest({
      limits: { tailEntries: 1, pageEntries: 2, highWaterBytes: 300, snapshotEvery: 5 },
    })
    for (let i = 0; i < 12; i++) await node.publish(TALLY, added(1))
    const reader = node.connect()
    reader.isReading = false
    await reader.say({
      type: 'hello',
      producer: 'p',
      subscribe: [{ id: 1, channel: TALLY, after: 'start', state: 2 }],
    })
    for (let i = 0; i < 80; i++) await node.publish(TALLY, added(1))
    reader.isReading = true
    await reader.settle()
    const reset = reader.last('reset')
    expect(reset).toMatchObject({ reason: 'trimmed' })
    const seen = reader.offsets(TALLY)
    const restart = Number(reset.position.split(':')[1])
    const after = seen.filter((offset) => offset > restart)
    expect(after).toEqual(Array.from({ length: 92 - restart }, (_, i) => restart + 1 + i))
    expect(reset.snapshot?.state).toEqual({ sum: restart })
  })

  test('[SB9] a second subscribe replaces the first', async () => {
    const node = new NodeUnderTest()
    await node.publish(ROOM, ...many(2))
    const reader = await node.welcomed({ subscribe: [{ id: 1, channel: ROOM }] })
    await reader.say({ type: 'subscribe', id: 2, channel: ROOM, after: 'start' })
    await node.publish(ROOM, said('third'))
    await reader.settle()
    expect(reader.offsets(ROOM)).toEqual([1, 2, 3])
  })

  test('[SB10] after unsubscribed nothing of the channel follows', async () => {
    const node = new NodeUnderTest()
    const reader = await node.welcomed({ subscribe: [{ id: 1, channel: ROOM }] })
    await reader.say({ type: 'unsubscribe', id: 2, channel: ROOM })
    await node.publish(ROOM, said('unheard'))
    await reader.settle()
    expect(reader.last('unsubscribed')).toMatchObject({ id: 2, channel: ROOM })
    expect(reader.offsets(ROOM)).toEqual([])
  })

  test('[SB11] a connection may hold so many channels and no more', async () => {
    const node = new NodeUnderTest({ limits: { channelsPerConnection: 2 } })
    const reader = await node.welcomed()
    for (const [id, room] of ['a', 'b', 'c'].entries())
      await reader.say({ type: 'subscribe', id, channel: note({ room }).name })
    expect(reader.of('subscribed')).toHaveLength(2)
    expect(reader.last('error')).toMatchObject({ id: 2, code: 'too-many-channels' })
  })
})

describe('states', () => {
  test('[SB2] a newcomer gets the state at a position, and the entries after it', async () => {
    const node = new NodeUnderTest()
    await node.publish(TALLY, added(1), added(2))
    const reader = await node.welcomed({ subscribe: [{ id: 1, channel: TALLY, state: 2 }] })
    expect(reader.last('subscribed')).toMatchObject({
      verdict: 'fresh',
      snapshot: { version: 2, state: { sum: 3 } },
    })
    expect(reader.last('subscribed').snapshot?.position).toBe(reader.last('subscribed').position)
    await node.publish(TALLY, added(4))
    await reader.settle()
    expect(reader.offsets(TALLY)).toEqual([3])
  })

  test('[SB12] another version of the fold is refused', async () => {
    const node = new NodeUnderTest()
    const reader = await node.welcomed({ subscribe: [{ id: 1, channel: TALLY, state: 1 }] })
    expect(reader.last('error')).toMatchObject({ id: 1, code: 'unsupported-version' })
  })

  test('an entry that the fold throws on is skipped and reported, and bricks nobody', async () => {
    const node = new NodeUnderTest()
    await node.publish(TALLY, added(1), added(13), added(2))
    const reader = await node.welcomed({ subscribe: [{ id: 1, channel: TALLY, state: 2 }] })
    expect(reader.last('subscribed').snapshot?.state).toEqual({ sum: 3 })
    expect(node.happenings).toContainEqual({
      name: 'skipped',
      channel: TALLY,
      offset: 2,
      reason: 'the fold threw',
    })
  })
})
