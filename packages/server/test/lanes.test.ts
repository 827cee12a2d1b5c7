// Several sessions on one connection: what a browser's tabs share. Each is a session like any other; none disturbs another.

import { type ClientFrame, parseServerFrame, type ServerFrame } from '@tidings/core'
import { describe, expect, test } from 'vitest'
import { type Connection, NodeUnderTest, note } from './node-under-test.ts'

const ROOM = note({ room: 'a' }).name
const OTHER = note({ room: 'b' }).name
const hello = (
  producer: string,
  channel = ROOM,
  more: Partial<Extract<ClientFrame, { type: 'hello' }>> = {},
) => ({ type: 'hello', producer, subscribe: [{ id: 1, channel }], ...more }) as const
const write = (sequence: number, text = `n${sequence}`) =>
  ({ type: 'publish', id: 100 + sequence, channel: ROOM, event: 'said', data: { text }, sequence }) as const
const inLane = (lane: number, ...frames: readonly ClientFrame[]) => ({ type: 'lane', lane, frames }) as const

type LaneFrame = Extract<ServerFrame, { readonly type: 'lane' }>

/** What was said in a lane, in order. */
function heardIn(connection: Connection, lane: number): ServerFrame[] {
  return connection
    .of('lane')
    .filter((envelope) => envelope.lane === lane)
    .flatMap(({ frames }) => frames.map(frameOf))
}

function frameOf(value: unknown): ServerFrame {
  const parsed = parseServerFrame(value)
  if (!parsed.ok) throw new Error(parsed.message)
  return parsed.frame
}

const typesIn = (connection: Connection, lane: number) => heardIn(connection, lane).map(({ type }) => type)

function offsetsIn(connection: Connection, lane: number): number[] {
  return heardIn(connection, lane).flatMap((frame) =>
    frame.type === 'entries' ? frame.entries.map(({ offset }) => offset) : [],
  )
}

/** Answers every mark, as a tab does that keeps up. */
async function readUp(connection: Connection, ...lanes: readonly number[]): Promise<void> {
  for (const lane of lanes) {
    const mark = connection
      .of('lane')
      .filter((envelope: LaneFrame) => envelope.lane === lane)
      .findLast((envelope) => envelope.mark !== undefined)?.mark
    if (mark !== undefined) await connection.say({ type: 'laneRead', lane, mark })
  }
}

describe('a lane', () => {
  test('[LN1][CN4] is a session of its own: hello, welcome, verdict', async () => {
    const node = new NodeUnderTest()
    const connection = node.connect()
    await connection.say(inLane(1, hello('p1', ROOM, { token: 'ada' })))
    await connection.say(inLane(2, hello('p2', OTHER, { token: 'ben' })))
    expect(typesIn(connection, 1)).toEqual(['welcome', 'subscribed', 'live'])
    expect(heardIn(connection, 1)[0]).toMatchObject({ user: 'ada' })
    expect(heardIn(connection, 2)[0]).toMatchObject({ user: 'ben' })
    expect(node.hub.connections).toBe(1)
    expect(node.hub.census()).toMatchObject({ connections: 1, lanes: 2 })
  })

  test('[LN3] hears its own channels, and the entries of one turn as one frame', async () => {
    const node = new NodeUnderTest()
    const connection = node.connect()
    await connection.say(inLane(1, hello('p1')), inLane(2, hello('p2')), inLane(3, hello('p3', OTHER)))
    await node.publish(ROOM, { type: 'said', data: { text: 'one' } }, { type: 'said', data: { text: 'two' } })
    await connection.settle()
    for (const lane of [1, 2]) {
      expect(heardIn(connection, lane).at(-1)).toMatchObject({ type: 'entries', channel: ROOM })
      expect(offsetsIn(connection, lane)).toEqual([1, 2])
    }
    expect(offsetsIn(connection, 3)).toEqual([])
  })

  test('[LN3] what several lanes are told in one turn leaves as one message', async () => {
    const node = new NodeUnderTest()
    const connection = node.connect()
    await connection.say(inLane(1, hello('p1')), inLane(2, hello('p2')))
    await node.publish(ROOM, { type: 'said', data: { text: 'one' } })
    await node.clock.settle()
    await connection.readSome(1)
    expect([offsetsIn(connection, 1), offsetsIn(connection, 2)]).toEqual([[1], [1]])
  })

  test('[PB1][LN3] is answered on itself, whatever numbers the requests of others have', async () => {
    const node = new NodeUnderTest()
    const connection = node.connect()
    await connection.say(inLane(1, hello('p1')), inLane(2, hello('p2')))
    await connection.say(inLane(1, write(1, 'from one')), inLane(2, write(1, 'from two')))
    expect(heardIn(connection, 1).filter(({ type }) => type === 'ack')).toHaveLength(1)
    expect(heardIn(connection, 2).filter(({ type }) => type === 'ack')).toHaveLength(1)
    expect(await node.log(ROOM)).toHaveLength(2)
    expect([offsetsIn(connection, 1), offsetsIn(connection, 2)]).toEqual([
      [1, 2],
      [1, 2],
    ])
  })

  test('[SG1] hears the signals of another lane, and not its own', async () => {
    const node = new NodeUnderTest()
    const connection = node.connect()
    await connection.say(inLane(1, hello('p1')), inLane(2, hello('p2')))
    await connection.say(inLane(1, { type: 'signal', channel: ROOM, name: 'typing', data: { at: 1 } }))
    expect(typesIn(connection, 1)).not.toContain('signal')
    expect(typesIn(connection, 2)).toContain('signal')
  })

  test('[LN4] that is refused or revoked ends alone', async () => {
    const node = new NodeUnderTest()
    const connection = node.connect()
    await connection.say(
      inLane(1, hello('p1', ROOM, { token: 'ada' })),
      inLane(2, hello('p2', ROOM, { token: 'bad' })),
    )
    expect(connection.of('laneClosed')).toEqual([
      { type: 'laneClosed', lane: 2, code: 4401, message: 'unauthenticated' },
    ])
    await connection.say(inLane(3, hello('p3', ROOM, { token: 'ben' })))
    expect(node.hub.revoke({ user: 'ben' })).toBe(1)
    await connection.settle()
    expect(connection.last('laneClosed')).toMatchObject({ lane: 3, code: 4403 })
    await node.publish(ROOM, { type: 'said', data: { text: 'still' } })
    await connection.settle()
    expect(offsetsIn(connection, 1)).toEqual([1])
    expect(node.hub.census()).toMatchObject({ connections: 1, lanes: 1 })
  })

  test('[LN4] that the client closes is let go of, and the others go on', async () => {
    const node = new NodeUnderTest()
    const connection = node.connect()
    await connection.say(inLane(1, hello('p1')), inLane(2, hello('p2')))
    await connection.say({ type: 'laneClosed', lane: 1 })
    const heard = heardIn(connection, 1).length
    await node.publish(ROOM, { type: 'said', data: { text: 'one' } })
    await connection.settle()
    expect(heardIn(connection, 1)).toHaveLength(heard)
    expect(offsetsIn(connection, 2)).toEqual([1])
    expect(node.hub.census()).toMatchObject({ lanes: 1, live: 1 })
    expect(connection.of('laneClosed')).toEqual([])
  })

  test('[LN4] ends with its connection, and is present no more after the grace', async () => {
    const node = new NodeUnderTest({ limits: { presenceGraceMs: 1_000 } })
    const connection = node.connect()
    await connection.say(inLane(1, hello('p1')))
    await connection.say(inLane(1, { type: 'enter', id: 9, channel: ROOM, state: { name: 'Ada' } }))
    expect(node.hub.presence(ROOM).total).toBe(1)
    connection.cut()
    expect(node.hub.census()).toMatchObject({ connections: 0, lanes: 0 })
    await node.clock.advance(3_000)
    expect(node.hub.presence(ROOM).total).toBe(0)
    expect(node.happenings.filter(({ name }) => name === 'laneClosed')).toEqual([
      expect.objectContaining({ code: 1006 }),
    ])
  })

  test('[LN4][PR1] of a tab that comes back over another connection keeps its place among those who are here', async () => {
    const node = new NodeUnderTest()
    const enter = { type: 'enter', id: 9, channel: ROOM, state: { name: 'Ada' } } as const
    const watcher = await node.welcomed({ subscribe: [{ id: 1, channel: ROOM, presence: 'members' }] })
    const [before, after] = [node.connect(), node.connect()]
    for (const connection of [before, after]) {
      await connection.say(inLane(1, hello('p1')))
      await connection.say(inLane(1, enter))
    }
    before.cut()
    await after.say({ type: 'ping' })
    await node.clock.advance(30_000)
    await watcher.settle()
    expect(watcher.of('presenceChange').flatMap(({ left = [] }) => left)).toEqual([])
    expect(node.hub.presence(ROOM).total).toBe(1)
  })
})

describe('signs of life', () => {
  test('[LN6] are those of the connection: a lane may be silent for ever', async () => {
    const node = new NodeUnderTest()
    const connection = node.connect()
    await connection.say(inLane(1, hello('p1')), inLane(2, hello('p2')))
    for (let passed = 0; passed < 300_000; passed += 25_000) {
      await node.clock.advance(25_000)
      await connection.say({ type: 'ping' })
    }
    expect(connection.of('pong')).toHaveLength(12)
    expect(connection.of('laneClosed')).toEqual([])
  })

  test('[LN6] that are missing end the connection with 4409', async () => {
    const node = new NodeUnderTest()
    const connection = node.connect()
    await connection.say(inLane(1, hello('p1')))
    await node.clock.advance(51_000)
    await connection.settle()
    expect(connection.closed?.code).toBe(4409)
    expect(node.hub.census()).toMatchObject({ connections: 0, lanes: 0 })
  })

  test('[LN6] a connection without lanes for ten seconds is closed with 4408', async () => {
    const node = new NodeUnderTest()
    const connection = node.connect()
    await connection.say(inLane(1, hello('p1')))
    await node.clock.advance(20_000)
    await connection.say({ type: 'laneClosed', lane: 1 })
    await node.clock.advance(9_000)
    await connection.settle()
    expect(connection.closed).toBeUndefined()
    await node.clock.advance(2_000)
    await connection.settle()
    expect(connection.closed?.code).toBe(4408)
  })

  test('[CN3][LN4] a lane that does not say hello in time ends with 4408', async () => {
    const node = new NodeUnderTest()
    const connection = node.connect()
    await connection.say(inLane(1, hello('p1')), { type: 'lane', lane: 2, frames: [] })
    await node.clock.advance(11_000)
    await connection.settle()
    expect(connection.of('laneClosed')).toEqual([expect.objectContaining({ lane: 2, code: 4408 })])
  })

  test('[LN7][CN9] a drain is told to the connection and to every lane', async () => {
    const node = new NodeUnderTest()
    const connection = node.connect()
    await connection.say(inLane(1, hello('p1')), inLane(2, hello('p2')))
    node.hub.drain(1_000)
    await connection.settle()
    expect(connection.of('drain')).toHaveLength(1)
    expect([typesIn(connection, 1).at(-1), typesIn(connection, 2).at(-1)]).toEqual(['drain', 'drain'])
    await node.clock.advance(2_000)
    await connection.settle()
    expect(connection.closed?.code).toBe(4503)
  })

  test('[LN4] a node that closes lets its lanes finish what they say', async () => {
    const node = new NodeUnderTest()
    const connection = node.connect()
    await connection.say(inLane(1, hello('p1')))
    const published = node.publish(ROOM, { type: 'said', data: { text: 'last' } })
    await published
    node.hub.close()
    await connection.settle()
    expect(offsetsIn(connection, 1)).toEqual([1])
    expect(connection.last('laneClosed')).toMatchObject({ lane: 1, code: 4503 })
    expect(connection.closed?.code).toBe(4503)
  })
})

describe('a lane whose reader is slow', () => {
  const big = 'x'.repeat(1_000)
  const limits = { highWaterBytes: 16_000, hardBytes: 64_000, pageEntries: 4 }

  async function publishMany(node: NodeUnderTest, connection: Connection, count: number): Promise<void> {
    for (let i = 0; i < count; i++) {
      await node.publish(ROOM, { type: 'said', data: { text: `${i} ${big}` } })
      await connection.settle()
      await readUp(connection, 1)
    }
  }

  test('[LN5][SB7] falls behind by itself: the others get everything as it happens', async () => {
    const node = new NodeUnderTest({ limits })
    const connection = node.connect()
    await connection.say(inLane(1, hello('p1')), inLane(2, hello('p2')))
    await publishMany(node, connection, 100)
    expect(typesIn(connection, 1)).not.toContain('behind')
    expect(offsetsIn(connection, 1)).toHaveLength(100)
    expect(typesIn(connection, 2).filter((type) => type === 'behind')).toHaveLength(1)
    const unread = JSON.stringify(heardIn(connection, 2)).length
    expect(unread).toBeLessThan(limits.highWaterBytes + 4_000)
  })

  test('[LN5][SB6] gets all of it, in order, once it reads again', async () => {
    const node = new NodeUnderTest({ limits })
    const connection = node.connect()
    await connection.say(inLane(1, hello('p1')), inLane(2, hello('p2')))
    await publishMany(node, connection, 100)
    for (let i = 0; i < 100 && typesIn(connection, 2).at(-1) !== 'live'; i++) await readUp(connection, 2)
    expect(offsetsIn(connection, 2)).toEqual(Array.from({ length: 100 }, (_, i) => i + 1))
    expect(typesIn(connection, 2).at(-1)).toBe('live')
  })

  test('[LN5] that asks and never reads the answers is closed with 4431, alone', async () => {
    const node = new NodeUnderTest({ limits })
    const connection = node.connect()
    await connection.say(inLane(1, hello('p1')), inLane(2, hello('p2')))
    const shout = (id: number) =>
      inLane(2, { type: 'call', id, channel: ROOM, name: 'shout', data: { text: big } })
    for (let id = 10; id < 100; id++) await connection.say(shout(id))
    expect(connection.of('laneClosed')).toEqual([expect.objectContaining({ lane: 2, code: 4431 })])
    await node.publish(ROOM, { type: 'said', data: { text: 'still here' } })
    await connection.settle()
    expect(offsetsIn(connection, 1)).toEqual([1])
  })

  test('[LN5] a connection that does not read at all costs each of its lanes its mark and no more', async () => {
    const node = new NodeUnderTest({ limits })
    const connection = node.connect()
    const lanes = [1, 2, 3, 4, 5, 6, 7, 8]
    for (const lane of lanes) await connection.say(inLane(lane, hello(`p${lane}`)))
    connection.isReading = false
    for (let i = 0; i < 200; i++) await node.publish(ROOM, { type: 'said', data: { text: big } })
    await connection.settle()
    expect(connection.unread).toBeLessThan(lanes.length * (limits.highWaterBytes + 4_000))
    expect(connection.closed).toBeUndefined()
    connection.isReading = true
    await connection.settle()
    for (let i = 0; i < 200 && lanes.some((lane) => typesIn(connection, lane).at(-1) !== 'live'); i++) {
      await connection.settle()
      await readUp(connection, ...lanes)
    }
    for (const lane of lanes)
      expect(offsetsIn(connection, lane)).toEqual(Array.from({ length: 200 }, (_, i) => i + 1))
  })

  test.each([
    ['of the future', 1e9],
    ['that was never set', 3],
    ['of the past', 0],
  ])('[LN5] is not believed a mark %s', async (_, mark) => {
    const node = new NodeUnderTest({ limits })
    const connection = node.connect()
    await connection.say(inLane(1, hello('p1')), inLane(2, hello('p2')))
    for (let i = 0; i < 50; i++) {
      await node.publish(ROOM, { type: 'said', data: { text: big } })
      await connection.say({ type: 'laneRead', lane: 2, mark })
    }
    expect(JSON.stringify(heardIn(connection, 2)).length).toBeLessThan(limits.highWaterBytes + 4_000)
  })
})

describe('a hostile connection', () => {
  test('[LN1] that says hello has no lanes, and one with lanes says no hello', async () => {
    const node = new NodeUnderTest()
    const plain = await node.welcomed()
    await plain.say(inLane(1, hello('p1')))
    expect(plain.closed?.code).toBe(4400)
    const carrier = node.connect()
    await carrier.say(inLane(1, hello('p1')))
    await carrier.say({ type: 'hello', producer: 'p2' })
    expect(carrier.closed?.code).toBe(4400)
    expect(node.hub.census()).toMatchObject({ connections: 0, lanes: 0 })
  })

  test('[LN1] has no lanes within lanes', async () => {
    const node = new NodeUnderTest()
    const connection = node.connect()
    await connection.say(inLane(1, inLane(1, hello('p1'))))
    expect(connection.of('laneClosed')).toEqual([expect.objectContaining({ lane: 1, code: 4400 })])
    await connection.say(inLane(2, hello('p2')), inLane(2, inLane(1, hello('p3'))))
    expect(connection.last('laneClosed')).toMatchObject({ lane: 2, code: 4400 })
  })

  test('[LN2] cannot open a lane again: what comes for one that is over is passed by', async () => {
    const node = new NodeUnderTest()
    const connection = node.connect()
    await connection.say(inLane(5, hello('p1')))
    await connection.say({ type: 'laneClosed', lane: 5 })
    await connection.say(inLane(5, hello('p1')), inLane(3, hello('p2')), inLane(0, hello('p3')))
    expect(node.hub.census().lanes).toBe(0)
    expect(connection.of('laneClosed')).toEqual([])
    await connection.say(inLane(6, hello('p4')))
    expect(node.hub.census().lanes).toBe(1)
  })

  test('[LN8] has at most 32 lanes: one more is closed with 4430', async () => {
    const node = new NodeUnderTest()
    const connection = node.connect()
    for (let lane = 1; lane <= 33; lane++) await connection.say(inLane(lane, hello(`p${lane}`)))
    expect(node.hub.census().lanes).toBe(32)
    expect(heardIn(connection, 33)).toEqual([expect.objectContaining({ code: 'too-many-connections' })])
    expect(connection.of('laneClosed')).toEqual([expect.objectContaining({ lane: 33, code: 4430 })])
    await connection.say({ type: 'laneClosed', lane: 1 })
    await connection.say(inLane(34, hello('p34')))
    expect(typesIn(connection, 34)[0]).toBe('welcome')
  })

  test('[LN8] that opens and closes lanes without end is slowed down: 4429', async () => {
    let asked = 0
    const node = new NodeUnderTest({ authenticate: () => void asked++ })
    const connection = node.connect()
    for (let lane = 1; lane <= 500; lane++) await connection.say(inLane(lane, hello('p')))
    expect(asked).toBe(64)
    expect(connection.of('laneClosed').filter(({ code }) => code === 4429)).toHaveLength(436)
    expect(heardIn(connection, 500)).toEqual([
      expect.objectContaining({ code: 'rate-limited', retryAfterMs: 250 }),
    ])
  })

  test('[LN8] that floods lanes which are over is closed with 4429', async () => {
    const node = new NodeUnderTest({ limits: { lanesPerConnection: 2 } })
    const connection = node.connect()
    await connection.say(inLane(9, hello('p1')))
    const flood = JSON.stringify(Array.from({ length: 100 }, () => ({ type: 'lane', lane: 3, frames: [] })))
    for (let i = 0; i < 20 && !connection.closed; i++) await connection.sayText(flood)
    expect(connection.closed?.code).toBe(4429)
  })

  test('[CN11] a lane that sends more than it may is told so, and the others are not', async () => {
    const node = new NodeUnderTest()
    const connection = node.connect()
    await connection.say(inLane(1, hello('p1')), inLane(2, hello('p2')))
    await connection.say(inLane(2, ...Array.from({ length: 500 }, () => ({ type: 'ping' }) as const)))
    await connection.say(inLane(1, { type: 'ping' }))
    expect(heardIn(connection, 2).at(-1)).toMatchObject({ type: 'error', code: 'rate-limited' })
    expect(typesIn(connection, 1).at(-1)).toBe('pong')
  })

  test.each([
    ['a number that is none', { type: 'lane', lane: '1', frames: [] }],
    ['a negative number', { type: 'lane', lane: -1, frames: [] }],
    ['a fraction', { type: 'lane', lane: 1.5, frames: [] }],
    ['no frames', { type: 'lane', lane: 1 }],
    ['frames that are no list', { type: 'lane', lane: 1, frames: { length: 1 } }],
    ['no mark', { type: 'laneRead', lane: 1 }],
  ])('[CN5] an envelope with %s is a bad frame', async (_, frame) => {
    const node = new NodeUnderTest()
    const connection = node.connect()
    await connection.say(inLane(7, hello('p1')))
    await connection.sayText(JSON.stringify(frame))
    expect(connection.last('error')).toMatchObject({ code: 'bad-frame' })
    expect(connection.closed).toBeUndefined()
    for (let i = 0; i < 9; i++) await connection.sayText(JSON.stringify(frame))
    expect(connection.closed?.code).toBe(4400)
  })

  test('[CN5] what is no frame in a lane counts against that lane', async () => {
    const node = new NodeUnderTest()
    const connection = node.connect()
    await connection.say(inLane(1, hello('p1')), inLane(2, hello('p2')))
    await connection.sayText(
      JSON.stringify({ type: 'lane', lane: 2, frames: Array.from({ length: 10 }, () => 7) }),
    )
    expect(connection.of('laneClosed')).toEqual([expect.objectContaining({ lane: 2, code: 4400 })])
    await connection.say(inLane(1, { type: 'ping' }))
    expect(typesIn(connection, 1).at(-1)).toBe('pong')
  })

  test('[CN3] a lane’s hello may have 16 KB as any other', async () => {
    const node = new NodeUnderTest()
    const connection = node.connect()
    await connection.say(inLane(1, hello('p1')))
    const token = 'x'.repeat(8_000)
    const subscribe = Array.from({ length: 100 }, (_, id) => ({
      id,
      channel: `note/${'y'.repeat(100)}${id}`,
    }))
    await connection.say(inLane(2, { type: 'hello', producer: 'p2', token, subscribe }))
    expect(connection.of('laneClosed')).toEqual([expect.objectContaining({ lane: 2, code: 1009 })])
    expect(connection.closed).toBeUndefined()
  })

  test('[LN9] an envelope takes nothing away: what a message may hold, a lane may', async () => {
    const node = new NodeUnderTest()
    const connection = node.connect()
    await connection.say(inLane(1, hello('p1')))
    const frame = (text: string) => ({ ...write(1, text) })
    const room = 65_536 - JSON.stringify([frame('')]).length
    await connection.say(inLane(1, frame('x'.repeat(room))))
    expect(heardIn(connection, 1).filter(({ type }) => type === 'ack')).toHaveLength(1)
    const nested = `${'['.repeat(28)}${']'.repeat(28)}`
    const call = `{"type":"call","id":7,"channel":"${ROOM}","name":"shout","data":{"deep":${nested}}}`
    await connection.sayText(`{"type":"lane","lane":1,"frames":[${call}]}`)
    expect(heardIn(connection, 1).at(-1)).toMatchObject({ type: 'error', id: 7, code: 'invalid-data' })
    await connection.sayText(`{"type":"lane","lane":1,"frames":[${call.replace(nested, `[${nested}]`)}]}`)
    expect(heardIn(connection, 1).at(-1)).toMatchObject({ type: 'error', id: 7, code: 'invalid-data' })
    await connection.sayText(`{"type":"lane","lane":1,"frames":[${call.replace(nested, `[[${nested}]]`)}]}`)
    expect(heardIn(connection, 1).at(-1)).toMatchObject({ type: 'error', code: 'bad-frame' })
  })

  test('[LN8] strangers are counted each, until somebody on the connection is known', async () => {
    const node = new NodeUnderTest({
      authenticate: ({ token }) => (token ? { user: token } : new Promise(() => {})),
    })
    let mayCome = 3
    const connection = node.connect(() => mayCome-- > 0)
    for (let lane = 1; lane <= 6; lane++) await connection.say(inLane(lane, { type: 'hello', producer: 'p' }))
    // The first counts as the connection does; three more were let in.
    expect(node.hub.census().lanes).toBe(4)
    expect(connection.strangers).toBe(4)
    expect(connection.of('laneClosed').map(({ lane, code }) => [lane, code])).toEqual([
      [5, 4430],
      [6, 4430],
    ])
    mayCome = 1
    await connection.say(inLane(7, { type: 'hello', producer: 'p', token: 'ada' }))
    expect(connection.strangers).toBe(0)
    await connection.say(inLane(8, { type: 'hello', producer: 'p' }))
    expect(node.hub.census().lanes).toBe(6)
  })

  test('[LN8] one whose hello was refused makes nobody known', async () => {
    const node = new NodeUnderTest()
    const connection = node.connect()
    await connection.say(inLane(1, hello('p1', ROOM, { token: 'bad' })))
    expect(connection.strangers).toBe(1)
    await connection.sayText('no frame')
    expect(connection.closed?.code).toBe(4400)
  })
})
