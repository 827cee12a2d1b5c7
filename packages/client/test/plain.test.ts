// A client against a server of plain JSON: what it says, what it understands, and what it does not pretend.

import { type ClientOptions, createClient } from '@tidings/client'
import { dialect, type PlainDialOptions, plainDial } from '@tidings/client/plain'
import { channel, defineContract, type SocketHandlers, type TidingsError } from '@tidings/core'
import { seededChance, VirtualClock } from '@tidings/core/testing'
import { describe, expect, test } from 'vitest'
import { HandLifecycle } from './tiny-server.ts'
import { said, schema } from './world.ts'

const metrics = channel('metrics', {
  events: { study_metrics_update: schema<{ text: string }>((value) => value !== 'bad') },
  state: {
    version: 1,
    initial: undefined as { readonly text: string } | undefined,
    on: { study_metrics_update: (_, data) => data },
  },
})
const rooms = channel('rooms/:room', {
  events: { said },
  state: { version: 1, initial: [] as readonly string[], on: { said: (all, { text }) => [...all, text] } },
  signals: { typing: said },
  presence: said,
  calls: { echo: { input: said, output: said } },
})
const notes = channel('notes', { events: { noted: said } })
const contract = defineContract({ metrics, rooms, notes })
const lobby = rooms({ room: 'lobby' })

/** The far end of the sockets that a client opens: what it was sent, and a hand on every one of them. */
class PlainServer {
  readonly clock: VirtualClock
  readonly opened: string[] = []
  readonly said: unknown[] = []
  readonly #open = new Map<SocketHandlers, string>()
  /** Addresses that cannot be reached. */
  readonly away = new Set<string>()
  /** Addresses that do not answer. */
  readonly slow = new Set<string>()
  onMessage: (message: Record<string, unknown>, handlers: SocketHandlers) => void = () => {}

  constructor(clock: VirtualClock) {
    this.clock = clock
  }

  readonly open = (address: string, handlers: SocketHandlers) => {
    this.opened.push(address)
    this.#open.set(handlers, address)
    this.clock.endOfTurn(() => {
      if (this.away.has(address)) this.drop(handlers, 1006)
      else if (this.#open.has(handlers) && !this.slow.has(address)) handlers.opened()
    })
    return {
      bufferedBytes: 0,
      send: (text: string) => {
        const message = JSON.parse(text) as Record<string, unknown>
        this.said.push(message)
        this.onMessage(message, handlers)
      },
      close: () => this.drop(handlers, 1000),
    }
  }

  /** Says it on every socket, or on those to one address. */
  say(message: unknown, to?: string): void {
    const text = typeof message === 'string' ? message : JSON.stringify(message)
    for (const [handlers, address] of [...this.#open])
      if (to === undefined || to === address) handlers.received(text)
  }

  drop(handlers: SocketHandlers, code: number): void {
    if (this.#open.delete(handlers)) handlers.closed(code, '')
  }

  cut(): void {
    for (const handlers of [...this.#open.keys()]) this.drop(handlers, 1006)
  }

  /** What was slow is there. */
  answer(address: string): void {
    this.slow.delete(address)
    for (const [handlers, other] of [...this.#open]) if (other === address) handlers.opened()
  }

  openTo(address: string): number {
    return [...this.#open.values()].filter((other) => other === address).length
  }

  get isOpen(): boolean {
    return this.#open.size > 0
  }
}

function world(options: Partial<PlainDialOptions> = {}, clientOptions: ClientOptions = {}) {
  const clock = new VirtualClock()
  const server = new PlainServer(clock)
  const errors: TidingsError[] = []
  const chance = seededChance(1)
  const client = createClient({
    url: 'ws://backend.test/ws',
    dial: plainDial({ contract, open: server.open, clock, chance, ...options }),
    clock,
    chance,
    lifecycle: new HandLifecycle(),
    onError: (error) => void errors.push(error),
    ...clientOptions,
  })
  return { clock, server, client, errors }
}

const typed = dialect({ data: 'payload', at: 'timestamp', id: 'messageId' })

describe('messages of the server', () => {
  test('are events of the channel that declares their type, in order, and fold into its state', async () => {
    const { clock, server, client } = world()
    const heard: unknown[] = []
    const channel = client.channel(metrics())
    channel.onAny(({ name, data, offset, origin }) => heard.push([name, data, offset, origin]))
    channel.state.subscribe(() => undefined)
    await clock.settle()
    server.say({ type: 'study_metrics_update', data: { text: 'one' } })
    server.say({ type: 'study_metrics_update', data: { text: 'two' } })
    await clock.settle()
    expect(heard).toEqual([
      ['study_metrics_update', { text: 'one' }, 1, 'live'],
      ['study_metrics_update', { text: 'two' }, 2, 'live'],
    ])
    expect(channel.state.get()).toEqual({ text: 'two' })
    expect(channel.continuity.get().status).toBe('live')
    expect(server.opened).toEqual(['ws://backend.test/ws'])
  })

  test('may have a payload and a time, and the time is the entry’s', async () => {
    const { clock, server, client } = world({ dialect: typed })
    const times: number[] = []
    client.channel(metrics()).on('study_metrics_update', (_, { at }) => times.push(at))
    await clock.settle()
    server.say({
      type: 'study_metrics_update',
      payload: { text: 'one' },
      timestamp: 1_700_000_000_000,
      messageId: 'm',
    })
    server.say({
      type: 'study_metrics_update',
      payload: { text: 'two' },
      timestamp: '2026-11-21T10:00:00.000Z',
    })
    await clock.settle()
    expect(times).toEqual([1_700_000_000_000, Date.UTC(2026, 10, 21, 10)])
  })

  test.each([
    ['text that is no JSON', 'hello there', 'bad-frame'],
    ['JSON that is no message', [1, 2], 'bad-frame'],
    ['a message without a type', { data: {} }, 'bad-frame'],
    ['a type that no channel declares', { type: 'constructor', data: {} }, 'unknown-event'],
    ['data that the schema refuses', { type: 'study_metrics_update', data: 'bad' }, 'invalid-data'],
  ])('that are %s are reported and skipped, and the next one counts', async (_, message, code) => {
    const { clock, server, client, errors } = world()
    const heard: unknown[] = []
    client.channel(metrics()).on('study_metrics_update', ({ text }) => heard.push(text))
    await clock.settle()
    server.say(message)
    server.say({ type: 'study_metrics_update', data: { text: 'next' } })
    await clock.settle()
    expect(errors.map((error) => error.code)).toEqual([code])
    expect(heard).toEqual(['next'])
    expect(client.connection.get().status).toBe('connected')
  })

  test('that a contract declares as signals are signals', async () => {
    const { clock, server, client } = world()
    const heard: unknown[] = []
    client.channel(lobby).onSignal('typing', ({ text }) => heard.push(text))
    await clock.settle()
    server.say({ type: 'typing', data: { text: 'Ada' } })
    await clock.settle()
    expect(heard).toEqual(['Ada'])
  })

  test('without data are told with null, and shift nothing that follows', async () => {
    const { clock, server, client, errors } = world()
    const heard: unknown[] = []
    const channel = client.channel(metrics())
    channel.onAny(({ data }) => heard.push(data))
    await clock.settle()
    const type = 'study_metrics_update'
    for (const message of [{ type, data: 1 }, { type }, { type, data: 2 }]) server.say(message)
    await clock.advance(60_000)
    expect(heard).toEqual([1, null, 2])
    expect(errors).toEqual([])
    expect(channel.continuity.get()).toMatchObject({ status: 'live', verdict: { name: 'fresh' } })
  })
})

describe('what such a server cannot give is shown as absent', () => {
  test('a write goes out as a message and ends as unconfirmed, never as accepted', async () => {
    const { clock, server, client } = world({ dialect: dialect({}, { type: 'event' }) })
    const write = client.channel(lobby).publish('said', { text: 'hi' })
    const failure = write.done.catch((error: TidingsError) => error.code)
    expect(write.status.get().name).toBe('queued')
    await clock.settle()
    expect(server.said).toEqual([{ event: 'said', data: { text: 'hi' } }])
    expect(write.status.get().name).toBe('unconfirmed')
    expect(await failure).toBe('unconfirmed')
    expect(client.outbox.get()).toEqual([])
  })

  test('what is written offline waits, and goes out in order after the connection is back', async () => {
    const { clock, server, client } = world()
    server.away.add('ws://backend.test/ws')
    for (const text of ['1', '2', '3']) client.channel(lobby).publish('said', { text })
    await clock.advance(5_000)
    expect(server.said).toEqual([])
    expect(client.outbox.get()).toHaveLength(3)
    server.away.clear()
    await clock.advance(40_000)
    expect(server.said).toEqual(['1', '2', '3'].map((text) => ({ type: 'said', data: { text } })))
  })

  test('after a drop the channel is reset, for nobody can tell what was missed; the state is what the page last knew', async () => {
    const { clock, server, client } = world()
    const channel = client.channel(lobby)
    const resets: string[] = []
    channel.onReset(({ reason }) => resets.push(reason))
    channel.state.subscribe(() => undefined)
    await clock.settle()
    server.say({ type: 'said', data: { text: 'before' } })
    await clock.settle()
    server.cut()
    await clock.advance(10_000)
    expect(channel.continuity.get()).toMatchObject({
      status: 'live',
      verdict: { name: 'reset', reason: 'epoch' },
    })
    expect(resets).toEqual(['epoch'])
    expect(channel.state.get()).toEqual(['before'])
    server.say({ type: 'said', data: { text: 'after' } })
    await clock.settle()
    expect(channel.state.get()).toEqual(['before', 'after'])
  })

  test('so is one that was left and goes on from its place: what happened meanwhile nobody has heard', async () => {
    const { clock, server, client } = world()
    const early = client.channel(notes())
    client.channel(metrics()).hold()
    const leave = early.hold()
    await clock.settle()
    server.say({ type: 'noted', data: { text: '1' } })
    await clock.settle()
    const after = early.position()
    leave()
    await clock.advance(2_000)
    server.say({ type: 'noted', data: { text: 'missed' } })
    const late = client.channel(notes())
    late.configure({ after })
    late.hold()
    await clock.settle()
    expect(late.continuity.get()).toMatchObject({ status: 'live', verdict: { name: 'reset' } })
  })

  test('a call is rejected, and a presence that was entered has nobody in it', async () => {
    const { clock, client } = world()
    const channel = client.channel(lobby)
    channel.presence.subscribe(() => undefined)
    channel.enter({ text: 'Ada' })
    const call = channel.call('echo', { text: 'x' }).catch((error: TidingsError) => error.message)
    await clock.settle()
    expect(await call).toBe('This server answers no calls.')
    expect(channel.presence.get()).toMatchObject({ total: 0, isComplete: false })
  })
})

describe('one endpoint per topic', () => {
  const endpoint: PlainDialOptions['endpoint'] = ({ channel, token }) =>
    channel && `ws://backend.test/ws/${channel}${token ? `?token=${token}` : ''}`

  test('has a socket for each, opened when the channel is held and closed when it is left', async () => {
    const { clock, server, client } = world({ endpoint })
    const heard: string[] = []
    const stop = client.channel(lobby).on('said', ({ text }) => heard.push(text))
    client.channel(rooms({ room: 'annex' })).on('said', ({ text }) => heard.push(`annex ${text}`))
    await clock.settle()
    expect(server.opened).toEqual(['ws://backend.test/ws/rooms/lobby', 'ws://backend.test/ws/rooms/annex'])
    server.say({ type: 'said', data: { text: 'hi' } }, 'ws://backend.test/ws/rooms/annex')
    await clock.settle()
    expect(heard).toEqual(['annex hi'])
    stop()
    await clock.advance(2_000)
    server.say({ type: 'said', data: { text: 'x' } }, 'ws://backend.test/ws/rooms/lobby')
    expect(heard).toEqual(['annex hi'])
    expect(client.connection.get().status).toBe('connected')
  })

  test('goes on with the others where one cannot be reached, and tries that one again', async () => {
    const { clock, server, client } = world({ endpoint })
    const annex = client.channel(rooms({ room: 'annex' }))
    client.channel(lobby).hold()
    await clock.settle()
    server.away.add('ws://backend.test/ws/rooms/annex')
    annex.hold()
    await clock.advance(3_000)
    expect(annex.continuity.get().status).not.toBe('live')
    expect(client.connection.get().status).toBe('connected')
    server.away.clear()
    await clock.advance(30_000)
    expect(annex.continuity.get().status).toBe('live')
  })

  test('closes the socket of a channel that is left before it is ready', async () => {
    const { clock, server, client } = world({ endpoint })
    client.channel(lobby).hold()
    await clock.settle()
    const annex = 'ws://backend.test/ws/rooms/annex'
    server.slow.add(annex)
    const leave = client.channel(rooms({ room: 'annex' })).hold()
    await clock.advance(100)
    leave()
    await clock.advance(2_000)
    expect(server.openTo(annex)).toBe(0)
  })

  test('closes the socket of a channel that nobody hears once everything is said', async () => {
    const { clock, server, client } = world({ endpoint })
    client.channel(lobby).hold()
    await clock.settle()
    const annex = client.channel(rooms({ room: 'annex' }))
    for (const text of ['1', '2']) annex.publish('said', { text }).done.catch(() => {})
    await clock.settle()
    expect(server.said.map((message) => (message as { data: unknown }).data)).toEqual([
      { text: '1' },
      { text: '2' },
    ])
    expect(server.openTo('ws://backend.test/ws/rooms/annex')).toBe(0)
  })

  test('says what was written before a channel was left, as soon as its socket is ready', async () => {
    const { clock, server, client } = world({ endpoint })
    client.channel(lobby).hold()
    await clock.settle()
    const address = 'ws://backend.test/ws/rooms/annex'
    server.slow.add(address)
    const annex = client.channel(rooms({ room: 'annex' }))
    const leave = annex.hold()
    const write = annex.publish('said', { text: '1' })
    write.done.catch(() => {})
    await clock.advance(100)
    leave()
    await clock.advance(2_000)
    server.answer(address)
    await clock.settle()
    expect(write.status.get()).toMatchObject({ error: { code: 'unconfirmed' } })
    expect(server.said).toHaveLength(1)
    expect(server.openTo(address)).toBe(0)
  })

  test('takes the token in the address', async () => {
    const { clock, server, client } = world({ endpoint }, { token: async () => 'secret' })
    client.channel(lobby).hold()
    await clock.settle()
    expect(server.opened).toEqual(['ws://backend.test/ws/rooms/lobby?token=secret'])
  })
})

describe('a first message as authentication', () => {
  const auth: PlainDialOptions['auth'] = {
    request: (token) => ({ type: 'auth', data: { token } }),
    isAccepted: ({ type }) => type === 'auth.success',
    isRefused: ({ type }) => type === 'auth.error',
  }

  test('comes before everything else, and nothing is sent until the server has accepted it', async () => {
    const { clock, server, client } = world({ auth }, { token: async () => 'good' })
    client.channel(lobby).publish('said', { text: 'hi' })
    await clock.settle()
    expect(server.said).toEqual([{ type: 'auth', data: { token: 'good' } }])
    expect(client.connection.get().status).toBe('connecting')
    server.say({ type: 'auth.success' })
    await clock.settle()
    expect(client.connection.get().status).toBe('connected')
    expect(server.said).toHaveLength(2)
  })

  test('that is refused asks for a fresh token and connects again', async () => {
    const tokens: string[] = []
    const { clock, server, client } = world(
      { auth },
      {
        token: async ({ reason }) => {
          tokens.push(reason)
          return reason === 'refused' ? 'fresh' : 'stale'
        },
      },
    )
    server.onMessage = ({ data }, handlers) =>
      handlers.received(
        JSON.stringify({
          type: (data as { token: string }).token === 'fresh' ? 'auth.success' : 'auth.error',
        }),
      )
    client.channel(lobby).hold()
    await clock.advance(10_000)
    expect(tokens).toEqual(['connect', 'refused'])
    expect(client.connection.get().status).toBe('connected')
  })
})

describe('pings as messages', () => {
  test('are answered whoever asks, with what they held', async () => {
    const { clock, server, client } = world({ dialect: typed })
    client.channel(metrics()).hold()
    await clock.settle()
    server.say({ type: 'ping', payload: { n: 7 } })
    await clock.settle()
    expect(server.said).toMatchObject([{ type: 'pong', payload: { n: 7 } }])
  })

  test('measure the latency where the server answers, and a silent server is left', async () => {
    const { clock, server, client } = world({ heartbeat: { everyMs: 30_000, isAnswered: true } })
    server.onMessage = ({ type }, handlers) => {
      if (type === 'ping') clock.setTimer(40, () => handlers.received(JSON.stringify({ type: 'pong' })))
    }
    client.channel(metrics()).hold()
    await clock.advance(31_000)
    expect(client.connection.get()).toMatchObject({ status: 'connected', latencyMs: 40 })
    server.onMessage = () => {}
    await clock.advance(45_000)
    expect(server.opened.length).toBeGreaterThan(1)
  })

  test('only keep the line open where nobody answers, every eight minutes', async () => {
    const { clock, server, client } = world({ heartbeat: { everyMs: 8 * 60_000, isAnswered: false } })
    client.channel(metrics()).hold()
    await clock.advance(25 * 60_000)
    expect(server.said).toEqual(Array.from({ length: 3 }, () => ({ type: 'ping', data: {} })))
    expect(client.connection.get()).toMatchObject({ status: 'connected', latencyMs: undefined })
    expect(server.opened).toHaveLength(1)
  })
})

test('an address that is none is an error that says so, and costs no write', async () => {
  const { clock, client } = world({
    open: () => {
      throw new Error('"nonsense" is no address of a server.')
    },
  })
  client.channel(lobby).publish('said', { text: 'hi' })
  await clock.settle()
  expect(client.connection.get()).toMatchObject({ status: 'error' })
  expect(client.outbox.get()).toHaveLength(1)
})

test('a client that hangs up closes every socket and leaves no timer', async () => {
  const { clock, server, client } = world({ heartbeat: { everyMs: 30_000, isAnswered: false } })
  client.channel(lobby).hold()
  await clock.settle()
  client.close()
  expect(server.isOpen).toBe(false)
  await clock.advance(120_000)
  expect(server.said).toEqual([])
})
