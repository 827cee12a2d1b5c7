import { type ClientFrame, TidingsError } from '@tidings/core'
import { describe, expect, test } from 'vitest'
import type { BrokerListener } from '../src/broker.ts'
import { memoryBroker } from '../src/brokers/memory.ts'
import { type Connection, NodeUnderTest, note } from './node-under-test.ts'

const ROOM = note({ room: 'a' }).name
const write = (sequence: number, more: Partial<Extract<ClientFrame, { type: 'publish' }>> = {}) =>
  ({
    type: 'publish',
    id: sequence,
    channel: ROOM,
    event: 'said',
    data: { text: `n${sequence}` },
    sequence,
    ...more,
  }) as const
const subscribed = { subscribe: [{ id: 1_000, channel: ROOM, presence: 'members' }] } as const

/** Lets time pass for everybody at both ends. */
async function pass(node: NodeUnderTest, ms: number, ...connections: readonly Connection[]): Promise<void> {
  await node.clock.advance(ms)
  for (const connection of connections) await connection.settle()
}

describe('the handshake', () => {
  test('[CN4] a hello is answered by a welcome and the verdicts asked for', async () => {
    const node = new NodeUnderTest()
    const reader = await node.welcomed({
      token: 'ada',
      subscribe: [
        { id: 1, channel: ROOM },
        { id: 2, channel: 'no/such/thing' },
      ],
    })
    expect(reader.heard[0]).toMatchObject({
      type: 'welcome',
      user: 'ada',
      heartbeatMs: 25_000,
      now: node.clock.now(),
    })
    expect(reader.last('subscribed').id).toBe(1)
    expect(reader.last('error')).toMatchObject({ id: 2, code: 'unknown-channel' })
  })

  test('[CN4] a channel that takes its time holds up none of the others that a hello asks for', async () => {
    const other = note({ room: 'b' }).name
    let answer = () => {}
    const broker = memoryBroker()
    const node = new NodeUnderTest({
      broker: {
        ...{
          append: broker.append.bind(broker),
          read: broker.read.bind(broker),
          close: broker.close.bind(broker),
        },
        ...{ attach: broker.attach.bind(broker), problem: broker.problem.bind(broker) },
        head: (name) =>
          name === ROOM
            ? new Promise((resolve) => {
                answer = () => resolve(broker.head(name))
              })
            : broker.head(name),
      },
    })
    const reader = await node.welcomed({
      subscribe: [
        { id: 1, channel: ROOM },
        { id: 2, channel: other },
      ],
    })
    expect(reader.heard[0]?.type).toBe('welcome')
    expect(reader.of('subscribed').map(({ id }) => id)).toEqual([2])
    answer()
    await reader.settle()
    expect(reader.of('subscribed').map(({ id }) => id)).toEqual([2, 1])
  })

  test('[CN3] anything before the hello closes', async () => {
    const node = new NodeUnderTest()
    const stranger = node.connect()
    await stranger.say({ type: 'subscribe', id: 1, channel: ROOM })
    expect(stranger.closed?.code).toBe(4400)
  })

  test('[CN3] a connection that says nothing is closed after ten seconds', async () => {
    const node = new NodeUnderTest()
    const stranger = node.connect()
    await pass(node, 9_000, stranger)
    expect(stranger.closed).toBeUndefined()
    await pass(node, 1_000, stranger)
    expect(stranger.closed?.code).toBe(4408)
    expect(node.hub.connections).toBe(0)
  })

  test('[CN4] a second hello closes', async () => {
    const node = new NodeUnderTest()
    const reader = await node.welcomed()
    await reader.say({ type: 'hello', producer: 'p' })
    expect(reader.closed?.code).toBe(4400)
  })

  test('[AU1] refused credentials close with 4401', async () => {
    const node = new NodeUnderTest()
    const reader = await node.welcomed({ token: 'bad' })
    expect(reader.closed?.code).toBe(4401)
    expect(reader.of('welcome')).toEqual([])
  })

  test('[AU1] an authenticate function that fails closes with 4500, and the node lives', async () => {
    const node = new NodeUnderTest({ authenticate: () => Promise.reject(new Error('database gone')) })
    const reader = await node.welcomed()
    expect(reader.closed?.code).toBe(4500)
    expect(node.happenings).toContainEqual(expect.objectContaining({ name: 'fault', where: 'authenticate' }))
  })
})

describe('frames', () => {
  test('[CN8] a ping is answered at once, however long the application thinks about what came before', async () => {
    const node = new NodeUnderTest({ authorize: () => new Promise(() => {}) })
    const ada = await node.welcomed()
    await ada.say({ type: 'subscribe', id: 1, channel: ROOM }, { type: 'ping' })
    expect(ada.of('pong')).toHaveLength(1)
  })

  test('what waits for a slow authorize is bounded in length, not in number alone', async () => {
    const node = new NodeUnderTest({
      authorize: () => new Promise(() => {}),
      limits: { waitingLength: 100_000, framesPerSecond: 10_000, frameBurst: 10_000 },
    })
    const ada = await node.welcomed()
    const large = (id: number) => ({ ...write(id), data: { text: 'x'.repeat(30_000) } })
    await ada.say(large(1))
    for (let id = 2; id < 5; id++) await ada.say({ type: 'leave', channel: ROOM }, large(id))
    expect(ada.closed).toBeUndefined()
    await ada.say({ type: 'leave', channel: ROOM }, large(5))
    expect(ada.closed?.code).toBe(4429)
  })

  test('what has waited, and was worked off, counts no more', async () => {
    let release = (_isAllowed: boolean) => {}
    const node = new NodeUnderTest({
      authorize: ({ name }) => (name === 'said' ? new Promise((resolve) => (release = resolve)) : true),
      limits: { waitingLength: 100_000 },
    })
    const ada = await node.welcomed()
    for (let round = 0; round < 5; round++) {
      await ada.say(write(round + 1))
      for (let i = 0; i < 3; i++)
        await ada.sayText(JSON.stringify({ type: 'leave', channel: ROOM, padding: 'x'.repeat(30_000) }))
      release(true)
      await ada.settle()
    }
    expect(ada.closed).toBeUndefined()
    expect(ada.of('ack')).toHaveLength(5)
  })

  const bad: readonly [string, string][] = [
    ['not JSON', '{"type":'],
    ['not an object', '42'],
    ['null', 'null'],
    ['without a type', '{}'],
    ['of an unknown type', '{"type":"dance"}'],
    ['of a prototype’s name', '{"type":"constructor"}'],
    [
      'with a field of the wrong type',
      '{"type":"publish","id":1,"channel":[],"event":"said","data":{},"sequence":1}',
    ],
    ['with a field missing', '{"type":"publish","id":1,"channel":"note/a","event":"said","sequence":1}'],
    [
      'with a number that is none',
      '{"type":"publish","id":1e400,"channel":"note/a","event":"said","data":1,"sequence":-1}',
    ],
    [
      'nested too deep',
      `{"type":"call","id":1,"channel":"note/a","name":"x","data":${'['.repeat(40)}${']'.repeat(40)}}`,
    ],
  ]
  test.each(bad)('[CN5] a message %s is an error, and the connection lives', async (_, text) => {
    const node = new NodeUnderTest()
    const reader = await node.welcomed()
    await reader.sayText(text)
    expect(reader.last('error').code).toBe('bad-frame')
    await reader.say({ type: 'ping' })
    expect(reader.heard.at(-1)?.type).toBe('pong')
  })

  test('[CN5] the tenth malformed message within a minute closes', async () => {
    const node = new NodeUnderTest()
    const reader = await node.welcomed()
    for (let i = 0; i < 9; i++) await reader.sayText('nonsense')
    expect(reader.closed).toBeUndefined()
    await reader.sayText('nonsense')
    expect(reader.closed?.code).toBe(4400)
  })

  test('[CN6] a message over the limit closes with 1009', async () => {
    const node = new NodeUnderTest()
    const reader = await node.welcomed()
    await reader.sayText(JSON.stringify({ type: 'ping', padding: 'x'.repeat(65_536) }))
    expect(reader.closed?.code).toBe(1009)
  })

  test('[CN7] fields that the table does not name are ignored', async () => {
    const node = new NodeUnderTest()
    const reader = await node.welcomed()
    await reader.sayText('{"type":"ping","mood":"good","__proto__":{"polluted":true}}')
    expect(reader.heard.at(-1)?.type).toBe('pong')
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined()
  })

  test('[CN8] a silent connection is closed after twice the heartbeat, one that pings is not', async () => {
    const node = new NodeUnderTest({ limits: { heartbeatMs: 5_000 } })
    const silent = await node.welcomed()
    const alive = await node.welcomed()
    for (let i = 0; i < 4; i++) {
      await pass(node, 4_000, silent)
      await alive.say({ type: 'ping' })
    }
    expect(silent.closed?.code).toBe(4409)
    expect(alive.closed).toBeUndefined()
  })

  test('[CN9] a draining node tells each connection when to come back, and closes by then', async () => {
    const node = new NodeUnderTest()
    const readers = await Promise.all([1, 2, 3, 4].map(() => node.welcomed()))
    node.hub.drain(10_000)
    for (const reader of readers) await reader.settle()
    const delays = readers.map((reader) => reader.last('drain').retryAfterMs)
    expect(new Set(delays).size).toBe(4)
    expect(Math.max(...delays)).toBeLessThanOrEqual(10_000)
    await pass(node, 11_000, ...readers)
    expect(readers.map((reader) => reader.closed?.code)).toEqual([4503, 4503, 4503, 4503])
  })

  test('[CN11] over the rate: refused with the time to wait, later closed; within it again: served', async () => {
    const node = new NodeUnderTest({ limits: { framesPerSecond: 10, frameBurst: 20 } })
    const writer = await node.welcomed()
    await writer.say(...Array.from({ length: 30 }, (_, i) => write(i + 1)))
    const refused = writer.of('error').filter(({ code }) => code === 'rate-limited')
    expect(refused.length).toBeGreaterThan(5)
    expect(refused[0]?.retryAfterMs).toBeGreaterThan(0)
    await pass(node, 3_000, writer)
    await writer.say({ type: 'ping' })
    expect(writer.heard.at(-1)?.type).toBe('pong')
  })

  test('[CN11] who lets go of something is heard over the rate, too: nobody would ask again', async () => {
    const node = new NodeUnderTest({ limits: { framesPerSecond: 10, frameBurst: 20 } })
    const writer = await node.welcomed(subscribed)
    await writer.say({ type: 'enter', id: 1, channel: ROOM, state: { name: 'Ada' } })
    const flood = Array.from({ length: 30 }, (_, i) => write(i + 1))
    await writer.say(
      ...flood,
      { type: 'leave', channel: ROOM },
      { type: 'unsubscribe', id: 2, channel: ROOM },
    )
    expect(writer.of('error').map(({ code }) => code)).toContain('rate-limited')
    expect(node.hub.presence(ROOM).total).toBe(0)
    expect(writer.last('unsubscribed')).toMatchObject({ id: 2, channel: ROOM })
  })
})

describe('publishing', () => {
  test('[PB1] [PB7] a write is acknowledged with the position that the log gave it, and its entry says whose it is', async () => {
    const node = new NodeUnderTest()
    const writer = await node.welcomed(subscribed)
    await writer.say(write(1))
    const [entry] = await node.log(ROOM)
    expect(writer.last('ack').position).toBe(`${writer.last('entries').epoch}:1:${entry?.tag}`)
    expect(writer.last('entries').entries[0]).toMatchObject({
      by: writer.last('welcome').you,
      sequence: 1,
      data: { text: 'n1' },
    })
  })

  test('[PB2] a write sent again is in the log once, and gets its first position again', async () => {
    const node = new NodeUnderTest()
    const writer = await node.welcomed({ producer: 'tab' })
    await writer.say(write(1), write(2))
    const first = writer.of('ack').map(({ position }) => position)
    writer.cut()
    const again = await node.welcomed({ producer: 'tab' })
    await again.say(write(1), write(2), write(3))
    expect(
      again
        .of('ack')
        .map(({ position }) => position)
        .slice(0, 2),
    ).toEqual(first)
    expect(again.of('ack').map(({ duplicate }) => duplicate ?? false)).toEqual([true, true, false])
    expect(await node.log(ROOM)).toHaveLength(3)
  })

  test('[PB3] a write whose forerunner is missing is refused, and nothing is appended', async () => {
    const node = new NodeUnderTest()
    const writer = await node.welcomed()
    await writer.say(write(1), write(3))
    expect(writer.last('error')).toMatchObject({ id: 3, code: 'sequence-gap', sequence: 1 })
    await writer.say(write(2), write(3))
    expect((await node.log(ROOM)).map(({ sequence }) => sequence)).toEqual([1, 2, 3])
  })

  test('[PB3] [PB4] a write that was refused for good is passed over by its successor, and cannot come later', async () => {
    const node = new NodeUnderTest()
    const writer = await node.welcomed()
    await writer.say(write(1), write(2, { data: { text: '' } }), write(3, { previous: 1 }))
    expect(writer.last('error')).toMatchObject({ id: 2, code: 'invalid-data', field: 'data.text' })
    expect((await node.log(ROOM)).map(({ sequence }) => sequence)).toEqual([1, 3])
    await writer.say(write(2))
    expect(writer.last('error')).toMatchObject({ id: 2, code: 'sequence-skipped' })
  })

  test('[PB5] a lower producer epoch is fenced off', async () => {
    const node = new NodeUnderTest()
    const writer = await node.welcomed()
    await writer.say(write(1, { producerEpoch: 3 }), write(2, { producerEpoch: 2 }))
    expect(writer.last('error')).toMatchObject({ id: 2, code: 'fenced' })
    expect(await node.log(ROOM)).toHaveLength(1)
  })

  test('[PB6] an unknown event is refused by name', async () => {
    const node = new NodeUnderTest()
    const writer = await node.welcomed()
    await writer.say(write(1, { event: 'toString' }))
    expect(writer.last('error')).toMatchObject({ id: 1, code: 'unknown-event', field: 'type' })
  })

  test('[PB8] a log that cannot be written refuses, accepts nothing, and the connection lives', async () => {
    const node = new NodeUnderTest()
    const append = node.broker.append
    node.broker.append = () => Promise.reject(new Error('disk full'))
    const writer = await node.welcomed()
    await writer.say(write(1))
    expect(writer.last('error')).toMatchObject({ id: 1, code: 'internal' })
    node.broker.append = append
    await writer.say(write(1))
    expect(writer.last('ack').id).toBe(1)
  })

  test('[AU7] the same producer name of another person is another producer', async () => {
    const node = new NodeUnderTest()
    const ada = await node.welcomed({ token: 'ada', producer: 'same' })
    const eve = await node.welcomed({ token: 'eve', producer: 'same' })
    await ada.say(write(1))
    await eve.say(write(1))
    expect(eve.last('ack').duplicate).toBeUndefined()
    expect(await node.log(ROOM)).toHaveLength(2)
    expect(eve.last('welcome').you).not.toBe(ada.last('welcome').you)
  })
})

describe('rights', () => {
  test('[AU3] what authorize gives is waited for, be it a promise of another make, and believed only then', async () => {
    // biome-ignore lint/suspicious/noThenProperty: promises of other libraries are nothing but that
    const late = { then: (resolve: (isAllowed: boolean) => void) => resolve(false) }
    const node = new NodeUnderTest({ authorize: () => late as unknown as Promise<boolean> })
    const ada = await node.welcomed()
    await ada.say(write(1))
    expect(ada.of('error')).toMatchObject([{ id: 1, code: 'forbidden' }])
    expect(await node.log(ROOM)).toEqual([])
  })

  test('[AU3] what authorize refuses is forbidden, for every action', async () => {
    const node = new NodeUnderTest()
    node.forbidden.add(ROOM)
    const reader = await node.welcomed()
    await reader.say(
      { type: 'subscribe', id: 1, channel: ROOM },
      write(2),
      { type: 'signal', channel: ROOM, name: 'typing', data: { at: 1 } },
      { type: 'enter', id: 4, channel: ROOM, state: { name: 'x' } },
      { type: 'call', id: 5, channel: ROOM, name: 'shout', data: { text: 'x' } },
    )
    expect(reader.of('error').map(({ id, code }) => [id, code])).toEqual([
      [1, 'forbidden'],
      [2, 'forbidden'],
      [undefined, 'forbidden'],
      [4, 'forbidden'],
      [5, 'forbidden'],
    ])
    expect(await node.log(ROOM)).toHaveLength(0)
  })

  test('[AU4] a token that ends is asked for again; without a fresh one the connection ends', async () => {
    const node = new NodeUnderTest()
    const reader = await node.welcomed({ token: 'ada@60000' })
    for (let i = 0; i < 6; i++) {
      await reader.say({ type: 'ping' })
      await pass(node, 9_900, reader)
    }
    expect(reader.of('refresh')).toHaveLength(1)
    await reader.say({ type: 'auth', token: 'ada@60000' })
    for (let i = 0; i < 5; i++) {
      await reader.say({ type: 'ping' })
      await pass(node, 10_000, reader)
    }
    expect(reader.closed).toBeUndefined()
    for (let i = 0; i < 5; i++) {
      await reader.say({ type: 'ping' })
      await pass(node, 10_000, reader)
    }
    expect(reader.closed?.code).toBe(4402)
  })

  test('[AU5] a fresh token of somebody else closes', async () => {
    const node = new NodeUnderTest()
    const reader = await node.welcomed({ token: 'ada' })
    await reader.say({ type: 'auth', token: 'eve' })
    expect(reader.closed?.code).toBe(4401)
  })

  test('[AU6] rights of a live subscription are asked for again, and end it', async () => {
    const node = new NodeUnderTest({ limits: { recheckMs: 30_000 } })
    const reader = await node.welcomed(subscribed)
    node.forbidden.add(ROOM)
    await pass(node, 31_000, reader)
    expect(reader.last('unsubscribed')).toMatchObject({ channel: ROOM, code: 'forbidden' })
    await node.publish(ROOM, { type: 'said', data: { text: 'secret' } })
    await reader.settle()
    expect(reader.offsets(ROOM)).toEqual([])
  })

  test('[SB1] [AU6] a right that ends while the log is asked is the answer to the subscribe', async () => {
    const node = new NodeUnderTest({ limits: { recheckMs: 30_000 } })
    node.broker.attach = () => new Promise(() => {})
    const reader = await node.welcomed(subscribed)
    node.forbidden.add(ROOM)
    await pass(node, 31_000, reader)
    expect(reader.last('error')).toMatchObject({ id: 1_000, channel: ROOM, code: 'forbidden' })
    expect(reader.of('unsubscribed')).toEqual([])
  })

  test('[AU6] rights are asked for again in time, whenever the connection was opened', async () => {
    const node = new NodeUnderTest({ limits: { recheckMs: 30_000 } })
    // Between two looks at the deadlines of all.
    await pass(node, 500)
    const reader = await node.welcomed(subscribed)
    node.forbidden.add(ROOM)
    await pass(node, 30_000, reader)
    expect(reader.last('unsubscribed')).toMatchObject({ channel: ROOM, code: 'forbidden' })
  })

  test('[AU6] who may no longer be present has left for everybody, and is told', async () => {
    let mayBePresent = true
    const node = new NodeUnderTest({
      limits: { recheckMs: 30_000 },
      authorize: ({ action, identity }) => action !== 'presence' || identity.user !== 'ada' || mayBePresent,
    })
    const ada = await node.welcomed({ token: 'ada' })
    const ben = await node.welcomed({ token: 'ben', ...subscribed })
    await ada.say({ type: 'enter', id: 1, channel: ROOM, state: { name: 'Ada' } })
    await ben.say({ type: 'enter', id: 1, channel: ROOM, state: { name: 'Ben' } })
    expect(node.hub.presence(ROOM).total).toBe(2)
    mayBePresent = false
    await pass(node, 31_000, ada, ben)
    expect(ada.last('error')).toMatchObject({ channel: ROOM, code: 'forbidden' })
    expect(ben.last('presenceChange')).toMatchObject({ total: 1, left: [ada.last('welcome').you] })
    expect(node.hub.presence(ROOM).members.map(({ user }) => user)).toEqual(['ben'])
    expect(ada.closed).toBeUndefined()
  })

  test('[AU6] a right to be present that cannot be asked for stays as it was', async () => {
    let isBroken = false
    const node = new NodeUnderTest({
      limits: { recheckMs: 30_000 },
      authorize: () => {
        if (isBroken) throw new Error('database gone')
        return true
      },
    })
    const ada = await node.welcomed({ token: 'ada' })
    await ada.say({ type: 'enter', id: 1, channel: ROOM, state: { name: 'Ada' } })
    isBroken = true
    await pass(node, 31_000, ada)
    expect(node.hub.presence(ROOM).total).toBe(1)
    expect(node.happenings).toContainEqual(expect.objectContaining({ name: 'fault' }))
  })

  test('[AU6] a revocation closes the connections of a user at once', async () => {
    const node = new NodeUnderTest()
    const ada = await node.welcomed({ token: 'ada' })
    const eve = await node.welcomed({ token: 'eve' })
    expect(node.hub.revoke({ user: 'eve' })).toBe(1)
    await eve.settle()
    expect(eve.closed?.code).toBe(4403)
    expect(ada.closed).toBeUndefined()
  })
})

test('a connection whose transport throws is told as a fault, and costs the others nothing', async () => {
  const node = new NodeUnderTest()
  let isBroken = false
  const socket = {
    send() {
      if (isBroken) throw new Error('the transport is broken')
    },
    close() {},
    bufferedBytes: 0,
  }
  const broken = node.hub.accept(socket, { cookies: {}, origin: undefined, address: '127.0.0.1' })
  broken.received(JSON.stringify({ type: 'hello', producer: 'broken', ...subscribed }))
  await node.clock.settle()
  const reader = await node.welcomed(subscribed)
  isBroken = true
  await node.publish(ROOM, { type: 'said', data: { text: 'one' } })
  await node.publish(ROOM, { type: 'said', data: { text: 'two' } })
  await reader.settle()
  expect(reader.offsets(ROOM)).toEqual([1, 2])
  expect(node.happenings).toContainEqual(
    expect.objectContaining({ name: 'fault', where: 'the end of a turn' }),
  )
})

describe('presence, signals, calls', () => {
  const enter = (name: string) => ({ type: 'enter', id: 1, channel: ROOM, state: { name } }) as const

  test('[PR1] [PR2] members are told as a snapshot, then as differences; an update is not a leave and a join', async () => {
    const node = new NodeUnderTest()
    const ada = await node.welcomed({ token: 'ada', ...subscribed })
    await ada.say(enter('Ada'))
    const eve = await node.welcomed({ token: 'eve', ...subscribed })
    expect(eve.last('presence')).toMatchObject({
      total: 1,
      members: [{ user: 'ada', state: { name: 'Ada' } }],
    })
    await eve.say(enter('Eve'))
    await ada.settle()
    expect(ada.last('presenceChange')).toMatchObject({ total: 2, joined: [{ user: 'eve' }] })
    await eve.say(enter('Eva'))
    await ada.settle()
    expect(ada.last('presenceChange')).toMatchObject({
      total: 2,
      updated: [{ user: 'eve', state: { name: 'Eva' } }],
    })
    expect(ada.last('presenceChange').left).toBeUndefined()
  })

  test('[PR3] a reconnect within the grace is neither a leave nor a join; after it the member has left', async () => {
    const node = new NodeUnderTest()
    const ada = await node.welcomed({ token: 'ada', ...subscribed })
    const eve = await node.welcomed({ token: 'eve', producer: 'eve', ...subscribed })
    await eve.say(enter('Eve'))
    await ada.settle()
    eve.cut()
    await pass(node, 5_000, ada)
    const back = await node.welcomed({ token: 'eve', producer: 'eve', ...subscribed })
    await back.say(enter('Eve'))
    await pass(node, 20_000, ada)
    expect(ada.of('presenceChange')).toHaveLength(1)
    back.cut()
    await pass(node, 12_000, ada)
    expect(ada.last('presenceChange')).toMatchObject({ total: 0, left: [eve.last('welcome').you] })
  })

  test('[PR4] counts are told without names, and so is a crowd', async () => {
    const node = new NodeUnderTest({ limits: { presenceMembers: 2 } })
    const counter = await node.welcomed({ subscribe: [{ id: 1, channel: ROOM, presence: 'counts' }] })
    const lister = await node.welcomed(subscribed)
    const crowd = await Promise.all(['a', 'b', 'c'].map((token) => node.welcomed({ token })))
    for (const member of crowd) await member.say(enter('x'))
    await counter.settle()
    await lister.settle()
    expect(counter.last('presenceChange')).toEqual({ type: 'presenceChange', channel: ROOM, total: 3 })
    expect(lister.last('presenceChange')).toEqual({ type: 'presenceChange', channel: ROOM, total: 3 })
    await crowd[0]?.say({ type: 'leave', channel: ROOM })
    await node.clock.advance(1_000)
    await lister.settle()
    expect(lister.last('presence').members).toHaveLength(2)
  })

  test('[PR6] a crowd hears of its number once a second, however many come and go', async () => {
    const node = new NodeUnderTest({ limits: { presenceMembers: 2 } })
    const counter = await node.welcomed({ subscribe: [{ id: 1, channel: ROOM, presence: 'counts' }] })
    const crowd = await Promise.all(['a', 'b', 'c', 'd', 'e'].map((token) => node.welcomed({ token })))
    const totals = () => counter.of('presenceChange').map(({ total }) => total)
    for (const member of crowd.slice(0, 3)) {
      await member.say(enter('x'))
      await counter.settle()
    }
    expect(totals()).toEqual([1, 2, 3])
    for (const member of crowd.slice(3)) {
      await member.say(enter('x'))
      await counter.settle()
    }
    expect(totals()).toEqual([1, 2, 3])
    const late = await node.welcomed({ token: 'late', ...subscribed })
    await late.settle()
    expect(late.last('presence')).toEqual({ type: 'presence', channel: ROOM, total: 5 })
    await node.clock.advance(1_000)
    await counter.settle()
    expect(totals()).toEqual([1, 2, 3, 5])
    for (const member of crowd.slice(1)) await member.say({ type: 'leave', channel: ROOM })
    await counter.settle()
    expect(totals()).toEqual([1, 2, 3, 5])
    await node.clock.advance(1_000)
    await counter.settle()
    expect(totals().slice(4)).toEqual([1])
  })

  test('[PR5] a state that the schema refuses, or that is too large, is refused', async () => {
    const node = new NodeUnderTest()
    const ada = await node.welcomed()
    await ada.say({ type: 'enter', id: 1, channel: ROOM, state: { name: 7 } })
    expect(ada.last('error')).toMatchObject({ id: 1, code: 'invalid-data', field: 'state.name' })
    await ada.say({ type: 'enter', id: 2, channel: ROOM, state: { name: 'x'.repeat(3_000) } })
    expect(ada.last('error')).toMatchObject({ id: 2, code: 'too-large' })
  })

  test('[SG1] [SG2] the latest signal of a turn reaches the others, and is not stored', async () => {
    const node = new NodeUnderTest()
    const ada = await node.welcomed({ token: 'ada', ...subscribed })
    const eve = await node.welcomed({ token: 'eve', ...subscribed })
    const typing = (at: number) => ({ type: 'signal', channel: ROOM, name: 'typing', data: { at } }) as const
    await ada.say(typing(1), typing(2), typing(3))
    await eve.settle()
    expect(eve.of('signal')).toEqual([
      { type: 'signal', channel: ROOM, name: 'typing', from: ada.last('welcome').you, data: { at: 3 } },
    ])
    expect(ada.of('signal')).toEqual([])
    expect(await node.log(ROOM)).toHaveLength(0)
  })

  test('[CL1] a call is answered; one that nobody answers, or with the wrong input, is an error', async () => {
    const node = new NodeUnderTest()
    const ada = await node.welcomed()
    const call = (id: number, name: string, data: unknown) =>
      ({ type: 'call', id, channel: ROOM, name, data }) as const
    await ada.say(call(1, 'shout', { text: 'hey' }), call(2, 'shout', {}), call(3, 'constructor', {}))
    expect(ada.last('reply')).toMatchObject({ id: 1, data: { text: 'HEY' } })
    expect(ada.of('error').map(({ id, code }) => [id, code])).toEqual([
      [2, 'invalid-data'],
      [3, 'unknown-event'],
    ])
  })

  test.for([
    ['no words', new TidingsError('call-failed', ''), { message: 'call-failed' }],
    ['too many words', new TidingsError('call-failed', 'x'.repeat(2_000)), { message: 'x'.repeat(1_024) }],
    [
      'a field too long',
      new TidingsError('invalid-data', 'no', { field: 'f'.repeat(300) }),
      { field: 'f'.repeat(256) },
    ],
    [
      'half a millisecond',
      new TidingsError('rate-limited', 'no', { retryAfterMs: 1.5 }),
      { retryAfterMs: 2 },
    ],
    ['no time at all', new TidingsError('rate-limited', 'no', { retryAfterMs: Number.NaN }), {}],
  ] as const)('[CL1] an error of the handler with %s reaches the caller', async ([, error, told]) => {
    const node = new NodeUnderTest({ calls: { note: { shout: () => Promise.reject(error) } } })
    const ada = await node.welcomed()
    await ada.say({ type: 'call', id: 1, channel: ROOM, name: 'shout', data: { text: 'x' } })
    expect(ada.last('error')).toMatchObject({ id: 1, code: error.code, ...told })
  })

  test('[CL1] a handler that does not answer is a timeout', async () => {
    const node = new NodeUnderTest({ calls: { note: { shout: () => new Promise(() => {}) } } })
    const ada = await node.welcomed()
    await ada.say({ type: 'call', id: 1, channel: ROOM, name: 'shout', data: { text: 'x' } })
    await pass(node, 10_000, ada)
    expect(ada.last('error')).toMatchObject({ id: 1, code: 'timeout' })
  })
})

test('a node that was closed leaves no timer and no connection', async () => {
  const node = new NodeUnderTest()
  const reader = await node.welcomed(subscribed)
  node.hub.close()
  await reader.settle()
  expect(reader.closed?.code).toBe(4503)
  expect(node.hub.connections).toBe(0)
  expect(node.clock.pendingTimers).toBe(0)
})

test.each([
  ['while the log has yet to answer', false],
  ['while it waits to ask the log again', true],
])('a node that was closed %s leaves no timer, and reports nothing any more', async (_, isRefused) => {
  const broker = memoryBroker()
  let hear: BrokerListener = () => {}
  let refuse = () => {}
  const node = new NodeUnderTest({
    broker: {
      ...{ append: broker.append.bind(broker), head: broker.head.bind(broker) },
      ...{ close: broker.close.bind(broker), problem: broker.problem.bind(broker) },
      attach: (name, listener) => {
        hear = listener
        return broker.attach(name, listener)
      },
      read: () =>
        new Promise((_, reject) => {
          refuse = () => reject(new TidingsError('unavailable', 'The log cannot be reached.'))
        }),
    },
  })
  const faults = () => node.happenings.filter(({ name }) => name === 'fault').length
  await node.welcomed(subscribed)
  hear('another history', [])
  if (isRefused) {
    refuse()
    await node.clock.settle()
  }
  expect(faults()).toBe(isRefused ? 1 : 0)
  node.hub.close()
  refuse()
  await node.clock.settle()
  expect(faults()).toBe(isRefused ? 1 : 0)
  expect(node.clock.pendingTimers).toBe(0)
})
