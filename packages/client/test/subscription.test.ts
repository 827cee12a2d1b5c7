// A channel's place in the log: verdicts, continuity, gaps, drops; each entry once, in order, or word that it is not so.

import type { Channel } from '@tidings/client'
import type { AnyDefinition, ServerFrame, WireEntry } from '@tidings/core'
import { describe, expect, test } from 'vitest'
import { chat, hall, plain, room, world } from './world.ts'

/** Everything that the channel tells, in the order of telling. */
function record(channel: Channel<typeof hall.definition>) {
  const told: string[] = []
  channel.onAny(({ data, offset, origin }) => told.push(`${offset} ${data.text} ${origin}`))
  channel.onReset(({ reason, position }) => told.push(`reset ${reason} ${position.epoch}:${position.offset}`))
  return told
}

function continuities(channel: Channel<AnyDefinition> | Channel<typeof hall.definition>): string[] {
  const told: string[] = []
  const tell = () => {
    const now = (channel as Channel<typeof hall.definition>).continuity.get()
    const detail = 'behind' in now ? [now.behind] : 'reason' in now ? [now.reason] : []
    told.push([now.status, ...detail, ...(now.verdict ? [now.verdict.name] : [])].join(' '))
  }
  channel.continuity.subscribe(tell)
  return told
}

const entry = (offset: number, text: string): WireEntry => ({
  offset,
  tag: `te1${offset}`,
  event: 'said',
  data: { text },
  at: 1,
})
const entries = (...list: WireEntry[]): ServerFrame => ({
  type: 'entries',
  channel: hall.name,
  epoch: 'e1',
  entries: list,
})

describe('verdicts', () => {
  test('[SB2] fresh: begins at the head, and what happens is live', async () => {
    const { client, server } = world()
    server.log(hall.name).append('said', { text: 'before' })
    const channel = client.channel(hall)
    const states = continuities(channel)
    const told = record(channel)
    expect(channel.continuity.get()).toEqual({ status: 'joining', verdict: undefined })
    await server.settle()
    expect(channel.continuity.get()).toEqual({
      status: 'live',
      verdict: { name: 'fresh', position: { epoch: 'e1', offset: 1, tag: 'te11' } },
    })
    server.append(hall.name, 'said', { text: 'now' })
    await server.settle()
    expect(told).toEqual(['2 now live'])
    expect(channel.position()).toEqual({ epoch: 'e1', offset: 2, tag: 'te12' })
    expect(states).toEqual(['joining', 'live fresh'])
  })

  test('[SB2] fresh from the start: history is a replay', async () => {
    const { client, server } = world()
    for (const text of ['a', 'b']) server.log(hall.name).append('said', { text })
    const channel = client.channel(hall)
    channel.configure({ after: 'start' })
    const told = record(channel)
    await server.settle()
    expect(told).toEqual(['1 a replay', '2 b replay'])
  })

  test('[SB3] resumed: goes on after the last entry, and what was missed is a replay', async () => {
    const { client, server } = world()
    const channel = client.channel(hall)
    const told = record(channel)
    await server.settle()
    server.append(hall.name, 'said', { text: 'a' })
    await server.settle()
    const states = continuities(channel)
    server.last.pair.cut()
    for (const text of ['b', 'c']) server.append(hall.name, 'said', { text })
    await server.advance(1_000)
    expect(server.last.hello?.subscribe).toMatchObject([{ after: 'e1:1:te11' }])
    expect(told).toEqual(['1 a live', '2 b replay', '3 c replay'])
    expect(channel.continuity.get().verdict).toMatchObject({ name: 'resumed', behind: 2 })
    expect(states).toEqual(['paused fresh', 'live resumed'])
  })

  test('[SB5] a quiet channel resumes, from before its first entry', async () => {
    const { client, server } = world()
    const channel = client.channel(hall)
    const told = record(channel)
    await server.settle()
    server.last.pair.cut()
    await server.advance(1_000)
    expect(channel.continuity.get().verdict).toMatchObject({ name: 'resumed', behind: 0 })
    expect(told).toEqual([])
  })

  test.for([
    ['epoch', 'e2', 0],
    ['trimmed', 'e1', 9],
    ['fork', 'e1', 9],
    ['ahead', 'e1', 1],
  ] as const)(
    '[SB4] reset (%s): says so once, and goes on from where the server says',
    async ([reason, epoch, offset]) => {
      const { client, server } = world()
      const channel = client.channel(hall)
      const told = record(channel)
      await server.settle()
      const log = server.log(hall.name)
      for (const text of ['a', 'b', 'c']) server.append(hall.name, 'said', { text })
      await server.settle()
      server.last.pair.cut()
      if (reason === 'epoch') log.lose('e2')
      if (reason === 'ahead') log.entries.length = 1
      if (reason === 'fork') log.entries[2] = { ...entry(3, 'other'), tag: 'other' }
      while (reason !== 'epoch' && reason !== 'ahead' && log.entries.length < 9)
        log.append('said', { text: 'lost' })
      if (reason === 'trimmed') log.trimmed = 5
      await server.advance(1_000)
      expect(told.slice(3)).toEqual([`reset ${reason} ${epoch}:${offset}`])
      expect(channel.continuity.get()).toMatchObject({ status: 'live', verdict: { name: 'reset', reason } })
      server.append(hall.name, 'said', { text: 'new' })
      await server.settle()
      expect(told.slice(4)).toEqual([`${offset + 1} new live`])
    },
  )

  test('[SB8] a reset on the way: says so, and goes on from its position', async () => {
    const { client, server } = world()
    const channel = client.channel(hall)
    const states = continuities(channel)
    const told = record(channel)
    await server.settle()
    server.last.send(
      { type: 'reset', channel: hall.name, reason: 'trimmed', position: 'e1:7:te17' },
      entries(entry(8, 'eight')),
    )
    await server.settle()
    expect(told).toEqual(['reset trimmed e1:7', '8 eight live'])
    expect(states.at(-1)).toBe('gap trimmed reset')
    server.last.send({ type: 'live', channel: hall.name, position: 'e1:8:te18' })
    await server.settle()
    expect(states.at(-1)).toBe('live reset')
  })

  test('a position kept across reloads is resumed from', async () => {
    const { client, server } = world()
    const log = server.log(hall.name)
    for (const text of ['a', 'b', 'c']) log.append('said', { text })
    const channel = client.channel(hall)
    channel.configure({ after: { epoch: 'e1', offset: 1, tag: 'te11' } })
    const told = record(channel)
    await server.settle()
    expect(told).toEqual(['2 b replay', '3 c replay'])
  })

  test('configure() counts once', async () => {
    const { client, server } = world()
    const channel = client.channel(hall)
    channel.configure({ after: 'start' })
    channel.configure({ after: 'now' })
    channel.hold()
    await server.settle()
    expect(server.last.hello?.subscribe).toEqual([{ id: 1, channel: 'plain/a', after: 'start' }])
  })
})

describe('catching up', () => {
  test('[SB6] counts down what is missing', async () => {
    const { client, server } = world()
    server.intercept = ({ type }, connection) => {
      if (type !== 'hello') return false
      connection.send({ type: 'welcome', connection: 'c', you: 'me', heartbeatMs: 25_000, now: 0 })
      connection.send({
        type: 'subscribed',
        id: 1,
        channel: hall.name,
        verdict: 'fresh',
        position: 'e1:0:',
        behind: 3,
      })
      return true
    }
    const channel = client.channel(hall)
    channel.configure({ after: 'start' })
    const states = continuities(channel)
    channel.hold()
    await server.settle()
    for (const frame of [entries(entry(1, 'a'), entry(2, 'b')), entries(entry(3, 'c'))]) {
      server.last.send(frame)
      await server.settle()
    }
    server.last.send({ type: 'live', channel: hall.name, position: 'e1:3:te13' })
    await server.settle()
    expect(states).toEqual([
      'joining',
      'catching-up 3 fresh',
      'catching-up 1 fresh',
      'catching-up 0 fresh',
      'live fresh',
    ])
  })

  test('[SB7] falls behind and gets live again', async () => {
    const { client, server } = world()
    const channel = client.channel(hall)
    const states = continuities(channel)
    const told = record(channel)
    await server.settle()
    server.last.send({ type: 'behind', channel: hall.name })
    await server.settle()
    server.last.send({ ...entries(entry(1, 'a')), replay: true } as ServerFrame)
    server.last.send({ type: 'live', channel: hall.name, position: 'e1:1:te11' })
    await server.settle()
    expect(states).toEqual(['joining', 'live fresh', 'catching-up 0 fresh', 'live fresh'])
    expect(told).toEqual(['1 a replay'])
  })

  test('a second drop while catching up goes on after the last entry that arrived', async () => {
    const { client, server } = world()
    const channel = client.channel(hall)
    const told = record(channel)
    await server.settle()
    server.last.pair.cut()
    for (const text of ['a', 'b', 'c', 'd']) server.append(hall.name, 'said', { text })
    let isFirst = true
    server.intercept = (frame, connection) => {
      if (frame.type !== 'hello' || !isFirst) return false
      isFirst = false
      connection.send({ type: 'welcome', connection: 'c', you: 'me', heartbeatMs: 25_000, now: 0 })
      const id = frame.subscribe?.[0]?.id ?? 0
      connection.send({
        type: 'subscribed',
        id,
        channel: hall.name,
        verdict: 'resumed',
        position: 'e1:0:',
        behind: 4,
      })
      connection.send({ ...entries(entry(1, 'a'), entry(2, 'b')), replay: true } as ServerFrame)
      return true
    }
    await server.advance(1_000)
    expect(channel.continuity.get()).toMatchObject({ status: 'catching-up', behind: 2 })
    server.last.pair.cut()
    await server.advance(3_000)
    expect(server.last.hello?.subscribe).toMatchObject([{ after: 'e1:2:te12' }])
    expect(told).toEqual(['1 a replay', '2 b replay', '3 c replay', '4 d replay'])
  })

  test('a drop before the first verdict changes nothing', async () => {
    const { client, server } = world()
    const channel = client.channel(hall)
    const told = record(channel)
    server.intercept = ({ type }, { pair }) => {
      const isFirst = type === 'hello' && server.connections.length === 1
      if (isFirst) pair.cut()
      return isFirst
    }
    await server.advance(1_000)
    expect(channel.continuity.get()).toMatchObject({ status: 'live', verdict: { name: 'fresh' } })
    server.append(hall.name, 'said', { text: 'a' })
    await server.settle()
    expect(told).toEqual(['1 a live'])
  })
})

describe('gaps', () => {
  test('a hole is repaired over the same connection, without a word to the app', async () => {
    const { client, server } = world()
    const channel = client.channel(hall)
    const states = continuities(channel)
    const told = record(channel)
    await server.settle()
    const log = server.log(hall.name)
    log.append('said', { text: 'a' })
    log.append('said', { text: 'lost on the way' })
    server.push(hall.name, [log.append('said', { text: 'c' })])
    await server.settle()
    expect(told).toEqual(['1 a replay', '2 lost on the way replay', '3 c replay'])
    expect(server.connections).toHaveLength(1)
    expect(server.last.framesOf('subscribe')).toMatchObject([{ after: 'e1:0:' }])
    expect(states).toEqual(['joining', 'live fresh', 'catching-up 3 fresh', 'live resumed'])
  })

  test('a lost tail shows when the server says how far the log goes', async () => {
    const { client, server } = world()
    const channel = client.channel(hall)
    const told = record(channel)
    await server.settle()
    const log = server.log(hall.name)
    log.append('said', { text: 'a' })
    server.last.send({ type: 'live', channel: hall.name, position: log.head })
    await server.settle()
    expect(told).toEqual(['1 a replay'])
  })

  test('entries that come twice are dropped', async () => {
    const { client, server } = world()
    const channel = client.channel(hall)
    const told = record(channel)
    await server.settle()
    const [a, b] = [entry(1, 'a'), entry(2, 'b')]
    server.last.send(entries(a), entries(a, b), entries(b), entries(a))
    await server.settle()
    expect(told).toEqual(['1 a live', '2 b live'])
  })

  test('entries of another epoch are a hole: the verdict tells what it is', async () => {
    const { client, server } = world()
    const channel = client.channel(hall)
    const told = record(channel)
    await server.settle()
    server.log(hall.name).lose('e2')
    server.append(hall.name, 'said', { text: 'a' })
    await server.settle()
    expect(told).toEqual(['reset epoch e2:1'])
  })

  test('[SB9] what comes between a subscribe and its answer belongs to the old one', async () => {
    const { client, server } = world()
    const channel = client.channel(hall)
    const told = record(channel)
    await server.settle()
    const held: (() => void)[] = []
    server.intercept = (frame, connection) => {
      if (frame.type !== 'subscribe') return false
      held.push(() => server.answer(frame, connection))
      return true
    }
    const log = server.log(hall.name)
    for (const text of ['a', 'b']) log.append('said', { text })
    server.last.send(entries(entry(2, 'b')), entries(entry(1, 'a')))
    await server.settle()
    server.last.send(
      entries(entry(1, 'a')),
      { type: 'live', channel: hall.name, position: 'e1:0:' },
      { type: 'reset', channel: hall.name, reason: 'trimmed', position: 'e1:9:te19' },
      { type: 'unsubscribed', channel: hall.name, code: 'forbidden', message: 'Of the old one.' },
    )
    await server.settle()
    expect(told).toEqual([])
    expect(channel.continuity.get()).toMatchObject({ status: 'catching-up', verdict: { name: 'fresh' } })
    expect(held).toHaveLength(1)
    for (const answer of held) answer()
    await server.settle()
    expect(told).toEqual(['1 a replay', '2 b replay'])
  })

  test('a server that goes on leaving holes is not asked in a hot loop', async () => {
    const { client, server } = world()
    const channel = client.channel(hall)
    record(channel)
    await server.settle()
    let asked = 0
    server.intercept = (frame, connection) => {
      if (frame.type !== 'subscribe') return false
      asked++
      connection.send({
        type: 'subscribed',
        id: frame.id,
        channel: hall.name,
        verdict: 'resumed',
        position: 'e1:0:',
        behind: 0,
      })
      connection.send(entries(entry(9, 'never contiguous')))
      return true
    }
    server.last.send(entries(entry(9, 'never contiguous')))
    await server.advance(60_000, 500)
    expect(asked).toBeGreaterThan(3)
    expect(asked).toBeLessThan(20)
  })
})

describe('coming and going', () => {
  test('listeners of a channel share one subscription; a second after the last has left it ends', async () => {
    const { client, server, clock } = world()
    const channel = client.channel(hall)
    const cancels = [
      channel.on('said', () => {}),
      channel.onAny(() => {}),
      channel.onReset(() => {}),
      channel.hold(),
      channel.state.subscribe(() => {}),
      channel.presence.subscribe(() => {}),
    ]
    await server.settle()
    for (const cancel of cancels) {
      cancel()
      cancel()
    }
    await server.advance(900)
    expect(server.last.framesOf('unsubscribe')).toHaveLength(0)
    await server.advance(200)
    expect(server.last.framesOf('unsubscribe')).toMatchObject([{ channel: hall.name }])
    expect(channel.continuity.get()).toEqual({ status: 'idle', verdict: undefined })
    expect(clock.pendingTimers).toBe(1)
    expect(server.last.framesOf('subscribe')).toHaveLength(0)
  })

  test('leaving and coming back within the second costs nothing', async () => {
    const { client, server } = world()
    const channel = client.channel(hall)
    const leave = channel.hold()
    await server.settle()
    leave()
    await server.advance(500)
    channel.hold()
    await server.advance(5_000)
    expect(server.last.received).toHaveLength(1)
    expect(channel.continuity.get().status).toBe('live')
  })

  test('[SB10] after that, it begins anew', async () => {
    const { client, server } = world()
    const channel = client.channel(hall)
    const told = record(channel)
    const leave = channel.hold()
    await server.settle()
    server.append(hall.name, 'said', { text: 'a' })
    await server.settle()
    expect(told).toHaveLength(1)
    leave()
    const other = client.channel(plain({ room: 'b' }))
    const leaveOther = other.hold()
    await server.settle()
    leaveOther()
    await server.advance(1_500)
    expect(other.position()).toBeUndefined()
    server.append('plain/b', 'said', { text: 'unheard' })
    await server.settle()
    const seen: string[] = []
    other.on('said', ({ text }) => seen.push(text))
    await server.settle()
    server.append('plain/b', 'said', { text: 'heard' })
    await server.settle()
    expect(seen).toEqual(['heard'])
  })

  test('the same name is the same object', () => {
    const { client } = world()
    expect(client.channel(plain({ room: 'x' }))).toBe(client.channel(plain({ room: 'x' })))
    expect(client.channel(plain({ room: 'x' }))).not.toBe(client.channel(plain({ room: 'y' })))
  })

  test('continuity, state and position can be read without subscribing', async () => {
    const { client, server } = world()
    const channel = client.channel(room)
    channel.continuity.subscribe(() => {})
    expect([channel.continuity.get().status, channel.state.get(), channel.position()]).toEqual([
      'idle',
      undefined,
      undefined,
    ])
    await server.settle()
    expect(server.connections).toHaveLength(0)
  })

  test('a hold before the welcome and after the hello is subscribed, too', async () => {
    const { client, server } = world()
    client.connect()
    server.mode = 'wait'
    await server.settle()
    const connection = server.last
    server.intercept = (frame) => frame.type === 'hello'
    connection.open()
    await server.settle()
    client.channel(hall).hold()
    await server.settle()
    server.intercept = () => false
    if (connection.hello) server.answer(connection.hello, connection)
    await server.settle()
    expect(connection.framesOf('subscribe')).toMatchObject([{ channel: hall.name }])
    expect(client.channel(hall).continuity.get().status).toBe('live')
  })

  test('[CN3] a hello stays under 16 KB: what does not fit follows the welcome', async () => {
    const { client, server } = world({ token: () => 'x'.repeat(8_000) })
    const names = Array.from({ length: 120 }, (_, i) => `${'n'.repeat(200)}${i}`)
    for (const name of names) client.channel(plain({ room: name })).hold()
    await server.settle()
    expect(JSON.stringify(server.last.hello).length).toBeLessThan(16_000)
    expect(server.last.framesOf('subscribe').length).toBeGreaterThan(0)
    expect(server.last.subscriptions.size).toBe(120)
    for (const name of names)
      expect(client.channel(plain({ room: name })).continuity.get().status).toBe('live')
  })
})

describe('refusals', () => {
  const refuse = (
    it: ReturnType<typeof world>,
    frame: Omit<Extract<ServerFrame, { type: 'error' }>, 'type' | 'id' | 'message'>,
  ) => {
    it.server.intercept = (asked, connection) => {
      const requests =
        asked.type === 'hello' ? (asked.subscribe ?? []) : asked.type === 'subscribe' ? [asked] : []
      if (asked.type === 'hello') {
        connection.send({ type: 'welcome', connection: 'c', you: 'me', heartbeatMs: 25_000, now: 0 })
      }
      for (const { id } of requests) connection.send({ type: 'error', id, message: 'No.', ...frame })
      return requests.length > 0
    }
  }

  test.for(['forbidden', 'unknown-channel', 'unsupported-version'])(
    '%s: denied, not asked again on this connection',
    async (code) => {
      const it = world()
      refuse(it, { code })
      const channel = it.client.channel(hall)
      channel.hold()
      await it.server.advance(60_000, 1_000)
      expect(channel.continuity.get()).toMatchObject({ status: 'denied', error: { code } })
      expect(it.server.last.framesOf('subscribe')).toHaveLength(0)
      it.server.intercept = () => false
      it.client.reconnect()
      await it.server.settle()
      expect(channel.continuity.get().status).toBe('live')
    },
  )

  test('[SB11] too-many-channels: denied, and asked for again, since another channel may make room', async () => {
    const it = world()
    refuse(it, { code: 'too-many-channels' })
    const channel = it.client.channel(hall)
    channel.hold()
    await it.server.advance(60_000, 1_000)
    expect(channel.continuity.get()).toMatchObject({ status: 'denied', error: { code: 'too-many-channels' } })
    const asked = it.server.last.framesOf('subscribe').length
    expect(asked).toBeGreaterThan(1)
    expect(asked).toBeLessThan(20)
    it.server.intercept = () => false
    await it.server.advance(31_000, 1_000)
    expect(channel.continuity.get().status).toBe('live')
  })

  test('unavailable: asked again after the time that the server names', async () => {
    const it = world()
    refuse(it, { code: 'unavailable', retryAfterMs: 5_000 })
    const channel = it.client.channel(hall)
    channel.hold()
    await it.server.settle()
    expect(channel.continuity.get().status).toBe('joining')
    it.server.intercept = () => false
    await it.server.advance(4_900)
    expect(channel.continuity.get().status).toBe('joining')
    await it.server.advance(100)
    expect(channel.continuity.get().status).toBe('live')
  })

  test('[AU5] a subscription that the server ends with "forbidden" is denied', async () => {
    const { client, server } = world()
    const channel = client.channel(hall)
    const told = record(channel)
    await server.settle()
    server.last.send(
      { type: 'unsubscribed', channel: hall.name, code: 'forbidden', message: 'Not any more.' },
      entries(entry(1, 'a')),
    )
    await server.settle()
    expect(channel.continuity.get()).toMatchObject({
      status: 'denied',
      error: { code: 'forbidden', message: 'Not any more.' },
    })
    expect(told).toEqual([])
  })

  test('a subscription that the server ends for a fault of its own is asked for again', async () => {
    const { client, server } = world()
    const channel = client.channel(hall)
    const told = record(channel)
    await server.settle()
    server.last.send({ type: 'unsubscribed', channel: hall.name, code: 'internal', message: 'Oh.' })
    await server.settle()
    expect(channel.continuity.get().status).toBe('paused')
    server.log(hall.name).append('said', { text: 'meanwhile' })
    await server.advance(1_000)
    expect(told).toEqual(['1 meanwhile replay'])
    expect(channel.continuity.get().status).toBe('live')
  })

  test('a state cannot begin in the middle of the log without a load', () => {
    const { client } = world()
    const channel = client.channel(chat({ room: 'a' }))
    expect(() => channel.configure({ after: { epoch: 'e1', offset: 3, tag: 't' } })).toThrow(
      'give "load" as well',
    )
  })
})
