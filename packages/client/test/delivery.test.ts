// How what arrives is told: listeners for every entry, sources once a message, and nobody hurt by anybody else.

import { expect, test, vi } from 'vitest'
import { hall, room, world } from './world.ts'

test('1,000 entries in one message: one change of state, 1,000 calls', async () => {
  const { client, server } = world()
  const channel = client.channel(room)
  let changes = 0
  const heard: number[] = []
  channel.state.subscribe(() => changes++)
  channel.on('said', (_, { offset }) => heard.push(offset))
  await server.settle()
  changes = 0
  const log = server.log(room.name)
  server.push(
    room.name,
    Array.from({ length: 1_000 }, (_, i) => log.append('said', { text: `${i}` })),
  )
  await server.settle()
  expect(changes).toBe(1)
  expect(heard).toEqual(Array.from({ length: 1_000 }, (_, i) => i + 1))
  expect(channel.state.get()).toHaveLength(1_000)
})

test('a listener finds the state with its entry in it', async () => {
  const { client, server } = world()
  const channel = client.channel(room)
  const lengths: (number | undefined)[] = []
  channel.on('said', () => lengths.push(channel.state.get()?.length))
  await server.settle()
  for (const text of ['a', 'b']) server.append(room.name, 'said', { text })
  await server.settle()
  expect(lengths).toEqual([1, 2])
})

test('each event carries what is known of its entry', async () => {
  const { client, server } = world()
  const channel = client.channel(hall)
  const events: unknown[] = []
  channel.onAny((event) => events.push(event))
  await server.settle()
  server.append(hall.name, 'said', { text: 'theirs' })
  await server.settle()
  channel.publish('left', { text: 'mine' })
  await server.settle()
  expect(events).toEqual([
    {
      name: 'said',
      data: { text: 'theirs' },
      id: 'e1:1',
      offset: 1,
      position: { epoch: 'e1', offset: 1, tag: 'te11' },
      at: 1_001,
      by: undefined,
      origin: 'live',
      isReplay: false,
    },
    {
      name: 'left',
      data: { text: 'mine' },
      id: 'you-p:1',
      offset: 2,
      position: { epoch: 'e1', offset: 2, tag: 'te12' },
      at: 1_002,
      by: 'you-p',
      origin: 'echo',
      isReplay: false,
    },
  ])
})

test('an own write that comes back as history is an echo all the same, and says that it was read back', async () => {
  const { client, server } = world()
  const channel = client.channel(hall)
  const origins: unknown[] = []
  channel.onAny(({ origin, isReplay }) => origins.push([origin, isReplay]))
  await server.settle()
  server.push = () => {}
  channel.publish('said', { text: 'mine' })
  await server.settle()
  server.last.pair.cut()
  server.append(hall.name, 'said', { text: 'theirs' })
  await server.advance(1_000)
  expect(origins).toEqual([
    ['echo', true],
    ['replay', true],
  ])
})

test('a listener that throws is reported and hurts nobody, at whatever it listens', async () => {
  const { client, server, errors } = world()
  const channel = client.channel(room)
  const thrown = new Error('Oops.')
  const fail = () => {
    throw thrown
  }
  const heard: string[] = []
  channel.state.subscribe(fail)
  channel.continuity.subscribe(fail)
  channel.presence.subscribe(fail)
  client.connection.subscribe(fail)
  client.outbox.subscribe(fail)
  channel.on('said', fail)
  channel.onAny(fail)
  channel.onReset(fail)
  channel.onSignal('typing', fail)
  channel.on('said', ({ text }) => heard.push(text))
  channel.state.subscribe(() => heard.push('state'))
  await server.settle()
  channel.publish('said', { text: 'a' }).status.subscribe(fail)
  server.last.send(
    { type: 'signal', channel: room.name, name: 'typing', from: 'x', data: { text: 'a' } },
    { type: 'presence', channel: room.name, total: 0, members: [] },
  )
  await server.settle()
  server.last.send({ type: 'reset', channel: room.name, reason: 'epoch', position: 'e2:0:' })
  await server.settle()
  expect(heard).toEqual(['state', 'state', 'a', 'state', 'state'])
  expect(errors.length).toBeGreaterThan(10)
  expect(new Set(errors.map(({ code, cause }) => [code, cause === thrown].join()))).toEqual(
    new Set(['internal,true']),
  )
})

test('an onError that throws does not stop what it was told about', async () => {
  const console = vi.spyOn(globalThis.console, 'error').mockImplementation(() => {})
  const { client, server } = world({
    onError() {
      throw new Error('even this')
    },
  })
  const channel = client.channel(hall)
  const heard: string[] = []
  channel.on('said', () => {
    throw new Error('Oops.')
  })
  channel.on('said', ({ text }) => heard.push(text))
  await server.settle()
  server.append(hall.name, 'said', { text: 'a' })
  server.last.sendText('not JSON')
  server.append(hall.name, 'said', { text: 'b' })
  await server.settle()
  expect(heard).toEqual(['a', 'b'])
  expect(console).toHaveBeenCalledTimes(3)
  console.mockRestore()
})

test('a listener may end everything in the middle of a message', async () => {
  const { client, server, clock } = world()
  const channel = client.channel(hall)
  const heard: string[] = []
  channel.on('said', ({ text }) => {
    heard.push(text)
    client.close()
  })
  await server.settle()
  const log = server.log(hall.name)
  server.push(
    hall.name,
    ['a', 'b', 'c'].map((text) => log.append('said', { text })),
  )
  await server.settle()
  expect(heard).toEqual(['a'])
  expect(clock.pendingTimers).toBe(0)
})

test('a listener may leave, and others may come, in the middle of a message', async () => {
  const { client, server } = world()
  const channel = client.channel(hall)
  const heard: string[] = []
  const stop = channel.on('said', ({ text }) => {
    heard.push(`first ${text}`)
    stop()
    channel.on('said', ({ text }) => heard.push(`second ${text}`))
  })
  await server.settle()
  const log = server.log(hall.name)
  server.push(
    hall.name,
    ['a', 'b'].map((text) => log.append('said', { text })),
  )
  await server.settle()
  expect(heard).toEqual(['first a', 'second b'])
})

test('a listener that publishes makes one more message, not one for each', async () => {
  const { client, server } = world()
  const channel = client.channel(hall)
  channel.on('said', ({ text }, { origin }) => {
    if (origin === 'live') channel.publish('left', { text })
  })
  await server.settle()
  const log = server.log(hall.name)
  server.push(
    hall.name,
    ['a', 'b', 'c'].map((text) => log.append('said', { text })),
  )
  await server.settle()
  expect(server.last.framesOf('publish')).toHaveLength(3)
  expect(server.last.messages).toBe(2)
})

test.for(['disconnect', 'close'] as const)(
  '%s() leaves no timer behind, whatever was going on',
  async (end) => {
    const { client, server, clock } = world()
    const channel = client.channel(room)
    const leave = channel.hold()
    channel.presence.subscribe(() => {})
    await server.settle()
    server.intercept = ({ type }, connection) => {
      if (type === 'publish')
        connection.send({ type: 'error', id: 2, code: 'unavailable', message: 'No.', retryAfterMs: 9_000 })
      return type === 'publish' || type === 'call' || type === 'ping'
    }
    channel.publish('said', { text: 'a' })
    channel.enter({ text: 'here' })
    channel.signal('typing', { text: 'a' })
    channel.signal('typing', { text: 'b' })
    const call = channel.call('echo', { text: 'a' })
    call.catch(() => {})
    client.channel(hall).hold()()
    await server.settle()
    leave()
    expect(clock.pendingTimers).toBeGreaterThan(3)
    client[end]()
    expect(clock.pendingTimers).toBe(0)
    await expect(call).rejects.toMatchObject({ code: expect.stringMatching(/timeout|unavailable/) })
  },
)

test('reconnect() while it waits leaves only the timers of the new connection', async () => {
  const { client, server, clock } = world()
  server.mode = 'refuse'
  client.connect()
  await server.settle()
  expect(clock.pendingTimers).toBe(1)
  server.mode = 'open'
  client.reconnect()
  await server.settle()
  expect(clock.pendingTimers).toBe(1)
})
