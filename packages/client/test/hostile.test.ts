// A server that sends nonsense: it is reported and survived, and nothing of it reaches the app.

import { serverFrames } from '@tidings/core'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { chat, hall, plain, room, world } from './world.ts'

const NAMES = ['__proto__', 'constructor', 'toString', 'hasOwnProperty', 'valueOf']

async function listening() {
  const it = world()
  const channel = it.client.channel(room)
  const heard: unknown[] = []
  channel.onAny(({ name }) => heard.push(name))
  channel.onReset(({ reason }) => heard.push(reason))
  channel.onSignal('typing', () => heard.push('typing'))
  channel.presence.subscribe(() => {})
  channel.state.subscribe(() => {})
  await it.server.settle()
  const say = async (...texts: string[]) => {
    for (const text of texts) it.server.last.sendText(text)
    await it.server.settle()
  }
  return { ...it, channel, heard, say }
}

/** The client still does what it is for. */
async function expectAlive({
  server,
  channel,
  heard,
  client,
}: Awaited<ReturnType<typeof listening>>): Promise<void> {
  heard.length = 0
  server.append(room.name, 'said', { text: 'alive' })
  await server.advance(60_000, 1_000)
  expect(client.connection.get().status).toBe('connected')
  expect(heard).toContain('said')
  expect(channel.continuity.get().status).toBe('live')
}

describe('malformed messages', () => {
  test.for([
    '',
    'not JSON',
    '{"type":"entries"',
    'null',
    '7',
    '"text"',
    '[null]',
    '[[]]',
    '{}',
    '{"type":7}',
    '{"type":"__proto__"}',
    '{"type":"constructor"}',
    '{"type":"nothing-known"}',
    '{"type":"entries","channel":"chat/a","epoch":"e1","entries":{}}',
    '{"type":"entries","channel":"chat/a","epoch":"e1","entries":[{"offset":-1}]}',
    '{"type":"entries","channel":"chat/a","epoch":"e1","entries":[{"offset":1.5,"tag":"t","event":"said","data":1,"at":1}]}',
    '{"type":"subscribed","id":"1","channel":"chat/a","verdict":"fresh","position":"e1:0:","behind":0}',
    '{"type":"subscribed","id":1,"channel":"chat/a","verdict":"maybe","position":"e1:0:","behind":0}',
    '{"type":"welcome","connection":"c"}',
    `${'['.repeat(5_000)}${']'.repeat(5_000)}`,
  ])('is reported once and skipped: %s', async (text) => {
    const it = await listening()
    await it.say(text)
    expect(it.errors.map(({ code }) => code)).toEqual(['bad-frame'])
    expect(it.heard).toEqual([])
    await expectAlive(it)
  })

  test('the good frames beside a bad one are taken', async () => {
    const it = await listening()
    const entry = { offset: 1, tag: 't', event: 'said', data: { text: 'a' }, at: 1 }
    await it.say(
      JSON.stringify([
        { type: 'what' },
        { type: 'entries', channel: room.name, epoch: 'e1', entries: [entry] },
        null,
      ]),
    )
    expect(it.heard).toEqual(['said'])
    expect(it.errors).toHaveLength(2)
  })

  test('[CN7] fields that nobody knows are ignored', async () => {
    const it = await listening()
    await it.say(
      '{"type":"pong","__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}},"more":1}',
    )
    expect(it.errors).toEqual([])
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined()
  })
})

describe('frames that do not fit', () => {
  test.for([
    '{"type":"welcome","connection":"again","you":"somebody-else","heartbeatMs":1,"now":0}',
    '{"type":"ack","id":1,"position":"e1:1:t"}',
    '{"type":"ack","id":999,"position":"e1:1:t"}',
    '{"type":"reply","id":0}',
    '{"type":"entered","id":12345,"channel":"chat/a"}',
    '{"type":"unsubscribed","channel":"chat/a"}',
    '{"type":"unsubscribed","channel":"chat/a","id":77}',
    '{"type":"subscribed","id":77,"channel":"chat/a","verdict":"reset","position":"e9:0:","behind":0}',
    '{"type":"entries","channel":"never/held","epoch":"e1","entries":[]}',
    '{"type":"presenceChange","channel":"chat/a","total":3,"joined":[{"id":"x","state":{"text":"a"}}]}',
    '{"type":"pong"}',
    '{"type":"refresh","expiresAt":0}',
    ...NAMES.map((name) => JSON.stringify({ type: 'entries', channel: name, epoch: 'e1', entries: [] })),
    ...NAMES.map((name) => JSON.stringify({ type: 'signal', channel: 'chat/a', name, from: name, data: 1 })),
  ])('says nothing to the app: %s', async (text) => {
    const it = await listening()
    const { connection } = it.client
    const before = connection.get()
    await it.say(text)
    expect(it.heard).toEqual([])
    expect(connection.get()).toBe(before)
    await expectAlive(it)
  })

  test.for(['nonsense', 'e1:1:', 'e1:-1:t', 'e1:99999999999999999999:t', '::', 'e1:1'])(
    'a position that is none (%s) is asked for again',
    async (position) => {
      const it = await listening()
      await it.say(JSON.stringify({ type: 'live', channel: room.name, position }))
      await expectAlive(it)
      await it.say(JSON.stringify({ type: 'reset', channel: room.name, reason: 'epoch', position }))
      expect(it.heard).not.toContain('epoch')
      await expectAlive(it)
    },
  )

  test('an answer of another kind than was asked for is a fault of the server', async () => {
    const it = world()
    it.server.intercept = (frame, connection) => {
      if (!('id' in frame) || frame.type === 'unsubscribe') return false
      connection.send({ type: 'entered', id: frame.id, channel: room.name })
      return true
    }
    const channel = it.client.channel(room)
    it.client.connect()
    await it.server.settle()
    const publication = channel.publish('said', { text: 'a' })
    const call = channel.call('echo', { text: 'a' })
    call.catch(() => {})
    channel.hold()
    await it.server.settle()
    await expect(call).rejects.toMatchObject({ code: 'internal' })
    expect(publication.status.get().name).toBe('queued')
    expect(channel.continuity.get().status).toBe('joining')
    it.server.intercept = () => false
    await it.server.advance(5_000)
    expect(publication.status.get().name).toBe('accepted')
    expect(channel.continuity.get().status).toBe('live')
  })

  test('codes that nobody knows count as a fault of the server', async () => {
    const it = world()
    it.server.intercept = (frame, connection) => {
      if (frame.type !== 'publish') return false
      connection.send({ type: 'error', id: frame.id, code: 'constructor', message: 'Hm.' })
      return true
    }
    const publication = it.client.channel(hall).publish('said', { text: 'a' })
    await it.server.settle()
    expect(publication.status.get().name).toBe('queued')
  })

  test('waits that are absurd are waited for, not turned into a hot loop', async () => {
    const it = await listening()
    await it.say(JSON.stringify({ type: 'drain', retryAfterMs: Number.MAX_SAFE_INTEGER }))
    expect(it.client.connection.get()).toMatchObject({ status: 'reconnecting', reason: 'draining' })
    await it.server.advance(600_000, 60_000)
    expect(it.server.connections).toHaveLength(1)
  })

  test('a heartbeat of nothing is not a ping in every turn', async () => {
    const it = world()
    it.server.heartbeatMs = 0
    it.client.connect()
    await it.server.advance(10_000)
    expect(it.server.last.framesOf('ping').length).toBeLessThanOrEqual(11)
    expect(it.client.connection.get().status).toBe('connected')
  })
})

test.for(NAMES)('a channel, a member and a sender may be called "%s"', async (name) => {
  const it = world()
  const channel = it.client.channel(chat({ room: name }))
  const odd = it.client.channel(plain({ room: name }))
  const heard: string[] = []
  channel.onSignal('typing', (_, from) => heard.push(from))
  channel.presence.subscribe(() => {})
  odd.on('said', ({ text }) => heard.push(text))
  odd.publish('said', { text: 'mine' })
  await it.server.settle()
  it.server.last.send(
    { type: 'signal', channel: channel.ref.name, name: 'typing', from: name, data: { text: 'a' } },
    { type: 'presence', channel: channel.ref.name, total: 1, members: [{ id: name, state: { text: 'a' } }] },
  )
  await it.server.settle()
  expect(heard).toEqual(['mine', name])
  expect(channel.presence.get().members.map(({ id }) => id)).toEqual([name])
  expect(it.errors).toEqual([])
})

test('whatever a server says, nothing is thrown, and the client lives on', async () => {
  const types = Object.keys(serverFrames)
  const text = fc.oneof(
    fc.constantFrom('chat/a', 'e1', 'e1:1:t', 'e1:0:', 'said', 'members', 'epoch', 'fresh', ...NAMES),
    fc.string({ maxLength: 5 }),
  )
  const value = fc.oneof(
    text,
    fc.nat(5),
    fc.boolean(),
    fc.constant(null),
    fc.maxSafeInteger(),
    fc.array(fc.nat(3), { maxLength: 2 }),
  )
  const fields = [
    'id',
    'channel',
    'position',
    'code',
    'message',
    'verdict',
    'reason',
    'behind',
    'total',
    'epoch',
    'name',
    'from',
    'data',
    'sequence',
  ]
  const entry = fc.record(
    {
      offset: fc.nat(4),
      tag: fc.constant('t'),
      event: text,
      data: fc.jsonValue({ maxDepth: 2 }),
      at: fc.nat(),
    },
    { requiredKeys: ['offset', 'tag', 'event', 'data', 'at'] },
  )
  const frame = fc
    .tuple(
      fc.constantFrom(...types.filter((type) => type !== 'drain' && type !== 'welcome'), 'other'),
      fc.dictionary(fc.constantFrom(...fields), value),
      fc.array(entry, { maxLength: 3 }),
    )
    .map(([type, more, entries]) => ({
      channel: 'chat/a',
      epoch: 'e1',
      position: 'e1:1:t',
      id: 1,
      code: 'internal',
      message: 'm',
      total: 1,
      entries,
      ...more,
      type,
    }))
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.oneof({ weight: 9, arbitrary: frame }, { weight: 1, arbitrary: fc.jsonValue() }), {
        maxLength: 20,
      }),
      async (values) => {
        const it = await listening()
        it.channel.publish('said', { text: 'mine' })
        await it.say(...values.map((each) => JSON.stringify(each)))
        it.client.reconnect()
        await it.server.advance(5_000, 1_000)
        expect(it.client.connection.get().status).toBe('connected')
        expect(it.channel.continuity.get().status).toBe('live')
        it.client.close()
        expect(it.clock.pendingTimers).toBe(0)
      },
    ),
    { numRuns: 200 },
  )
})
