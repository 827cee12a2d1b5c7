// WebSocketClient by its options and their defaults, on virtual time: against a plain server that a test holds in its
// hand, and in mock mode.

import type { Chance, SocketHandlers } from '@tidings/core'
import { VirtualClock } from '@tidings/core/testing'
import { describe, expect, it, onTestFinished } from 'vitest'
import { defaults, type Message, WebSocketClient, type WebSocketClientOptions } from '../index.ts'

const start = { userId: 'ada', topic: 'Photosynthesis', timestamp: 1_000 }
const check = {
  status: 'degraded',
  services: { api: true, database: true, cache: false, storage: true },
  uptime: 99.9,
  lastCheck: 1_000,
} as const

/** Waits are drawn from nothing to their bound; here they are the bound. */
const longest: Chance = {
  fraction: () => 1,
  token: (length) => 'n'.repeat(length),
}

/** The far end of whatever is dialled. */
class FarEnd {
  readonly clock = new VirtualClock()
  readonly dialledAt: number[] = []
  readonly heard: { readonly type: string; readonly payload: unknown; readonly messageId?: string }[] = []
  isThere = true
  /** Takes connections, and never says that they are open. */
  isSilent = false
  /** How long a pong is on its way, in milliseconds. */
  pongMs = 0
  #socket: SocketHandlers | undefined

  readonly open = (_address: string, handlers: SocketHandlers) => {
    this.dialledAt.push(this.clock.monotonic())
    this.#socket = handlers
    this.clock.endOfTurn(() => {
      if (!this.isThere) this.cut()
      else if (!this.isSilent) handlers.opened()
    })
    return {
      bufferedBytes: 0,
      send: (text: string) => {
        const message = JSON.parse(text)
        this.heard.push(message)
        if (message.type === 'ping') this.clock.setTimer(this.pongMs, () => this.say('pong', message.payload))
      },
      close: () => this.cut(),
    }
  }

  say(type: string, payload: unknown): void {
    this.#socket?.received(JSON.stringify({ type, payload, timestamp: 7_000, messageId: 'm-1' }))
  }

  cut(): void {
    const socket = this.#socket
    this.#socket = undefined
    socket?.closed(1006, '')
  }

  /** How long the client has waited before each dial after the first. */
  get waits(): readonly number[] {
    return this.dialledAt.slice(1).map((at, i) => at - (this.dialledAt[i] ?? 0))
  }
}

function open(options: Partial<WebSocketClientOptions> = {}) {
  const server = new FarEnd()
  const client = new WebSocketClient({
    url: 'ws://academy.test',
    server: 'plain',
    userId: 'ada',
    ...options,
    ports: { clock: server.clock, chance: longest, open: server.open, ...options.ports },
  })
  onTestFinished(() => client.close())
  return { server, client, clock: server.clock }
}

describe('a WebSocketClient', () => {
  it('dials when it is told to, and not before', async () => {
    const { server, client, clock } = open()
    client.on('notification', () => {})
    await clock.advance(60_000)
    expect(server.dialledAt).toEqual([])
    client.connect()
    await clock.settle()
    expect(client.status).toBe('connected')
  })

  it('gives messages to the handlers of their type, until they are taken back', async () => {
    const { server, client, clock } = open()
    const heard: unknown[] = []
    const stop = client.on('system_status', (payload, { timestamp }) => heard.push([payload, timestamp]))
    client.connect()
    await clock.settle()
    server.say('system_status', check)
    await clock.settle()
    expect(heard).toEqual([[check, 7_000]])
    stop()
    server.say('system_status', check)
    await clock.settle()
    expect(heard).toHaveLength(1)
  })

  it('writes { type, payload, timestamp, messageId }', async () => {
    const { server, client, clock } = open()
    client.connect()
    await clock.settle()
    expect(client.send('study_session_start', start)).toBe(true)
    await clock.settle()
    expect(server.heard).toEqual([
      {
        type: 'study_session_start',
        payload: start,
        timestamp: expect.any(Number),
        messageId: expect.any(String),
      },
    ])
  })

  it('tells onMessage of every type, onConnect and onDisconnect of the connection', async () => {
    const told: string[] = []
    const messages: Message[] = []
    const { server, client, clock } = open({
      onConnect: () => told.push('connected'),
      onDisconnect: (reason) => told.push(reason),
      onMessage: (message) => messages.push(message),
    })
    client.connect()
    await clock.settle()
    server.say('system_status', check)
    server.say('study_session_start', start)
    await clock.settle()
    expect(messages.map(({ type }) => type)).toEqual(['system_status', 'study_session_start'])
    expect(messages[0]).toMatchObject({ payload: check, timestamp: 7_000 })
    server.cut()
    await clock.advance(5_000)
    client.disconnect()
    await clock.settle()
    expect(told).toEqual(['connected', 'network', 'connected', 'by-app'])
  })

  it('reports a message that is none of its type, and goes on', async () => {
    const errors: Error[] = []
    const { server, client, clock } = open({ onError: (error) => errors.push(error) })
    const heard: unknown[] = []
    client.on('system_status', (payload) => heard.push(payload))
    client.connect()
    await clock.settle()
    server.say('system_status', { status: 'on fire' })
    server.say('system_status', check)
    await clock.settle()
    expect(heard).toEqual([check])
    expect(errors).toHaveLength(1)
    expect(() => client.send('study_session_start', { ...start, topic: '' })).toThrow('topic')
  })
})

describe('reconnection', () => {
  it('waits 3 s, and half as long again each time, five times, and then gives up until reconnect()', async () => {
    const errors: Error[] = []
    const { server, client, clock } = open({ onError: (error) => errors.push(error) })
    server.isThere = false
    client.connect()
    await clock.advance(300_000)
    expect(server.waits).toEqual([3_000, 4_500, 6_750, 10_125, 15_188])
    expect(client.status).toBe('error')
    expect(errors).toHaveLength(1)
    server.isThere = true
    client.reconnect()
    await clock.settle()
    expect(client.status).toBe('connected')
  })

  it('can be had with another first wait and number of attempts, never longer than 30 s', async () => {
    const { server, client, clock } = open({ reconnectInterval: 16_000, reconnectAttempts: 3 })
    server.isThere = false
    client.connect()
    await clock.advance(300_000)
    expect(server.waits).toEqual([16_000, 24_000, 30_000])
  })

  it('can be switched off', async () => {
    const { server, client, clock } = open({ reconnect: false })
    client.connect()
    await clock.settle()
    server.cut()
    await clock.advance(300_000)
    expect(server.dialledAt).toHaveLength(1)
    expect(client.status).toBe('error')
  })

  it('does not follow disconnect()', async () => {
    const { server, client, clock } = open()
    client.connect()
    await clock.settle()
    client.disconnect()
    await clock.advance(300_000)
    expect(client.status).toBe('disconnected')
    expect(server.dialledAt).toHaveLength(1)
    client.connect()
    await clock.settle()
    expect(client.status).toBe('connected')
  })

  it.each([
    [undefined, 10_000],
    [4_000, 4_000],
  ])(
    'with a connectionTimeout of %s takes a server that does not answer for %i ms',
    async (connectionTimeout, ms) => {
      const { server, client, clock } = open({ connectionTimeout })
      server.isSilent = true
      client.connect()
      await clock.advance(ms - 1)
      expect(client.status).toBe('connecting')
      await clock.advance(1)
      expect(client.status).toBe('reconnecting')
    },
  )
})

describe('the heartbeat', () => {
  it.each([
    [undefined, 30_000],
    [5_000, 5_000],
  ])(
    'with an interval of %s pings after %i ms of silence, and measures the way',
    async (heartbeatInterval, ms) => {
      const { server, client, clock } = open({ heartbeatInterval })
      client.connect()
      await clock.advance(ms - 1)
      expect(server.heard).toEqual([])
      expect(client.latency).toBeUndefined()
      await clock.advance(1)
      await clock.settle()
      expect(server.heard).toEqual([
        {
          type: 'ping',
          payload: expect.anything(),
          timestamp: expect.any(Number),
          messageId: expect.any(String),
        },
      ])
      expect(client.latency).toBe(0)
    },
  )

  it('is the way there and back of its own ping, and unknown again while there is no connection', async () => {
    const { server, client, clock } = open()
    server.pongMs = 37
    client.connect()
    await clock.advance(30_036)
    expect(client.latency).toBeUndefined()
    await clock.advance(1)
    expect(client.latency).toBe(37)
    server.cut()
    await clock.settle()
    expect(client.latency).toBeUndefined()
  })

  it('that is not answered ends the connection, and another one is made', async () => {
    const reasons: string[] = []
    const { server, client, clock } = open({ onDisconnect: (reason) => reasons.push(reason) })
    server.pongMs = Number.MAX_SAFE_INTEGER
    client.connect()
    await clock.advance(45_000)
    expect(reasons).toEqual(['silent'])
    expect(server.dialledAt).toHaveLength(2)
  })

  it('answers the ping of the server with the same payload', async () => {
    const { server, client, clock } = open()
    client.connect()
    await clock.settle()
    server.say('ping', { n: 7 })
    await clock.settle()
    expect(server.heard).toMatchObject([{ type: 'pong', payload: { n: 7 } }])
  })
})

describe('the queue', () => {
  it('holds what is sent offline, in order, to be read and cleared, and sends it afterwards', async () => {
    const { server, client, clock } = open()
    const topics = ['Photosynthesis', 'Food webs', 'Cell structure']
    for (const topic of topics) client.send('study_session_start', { ...start, topic })
    expect(client.getQueuedMessages()).toEqual(
      topics.map((topic) => ({
        type: 'study_session_start',
        payload: { ...start, topic },
        timestamp: start.timestamp,
        messageId: expect.any(String),
      })),
    )
    expect(new Set(client.getQueuedMessages().map(({ messageId }) => messageId)).size).toBe(3)
    client.connect()
    await clock.settle()
    expect(server.heard.map(({ payload }) => payload)).toEqual(topics.map((topic) => ({ ...start, topic })))
    expect(client.getQueuedMessages()).toEqual([])

    client.disconnect()
    client.send('study_session_start', start)
    expect(client.clearQueue()).toBe(1)
    expect(client.getQueuedMessages()).toEqual([])
  })

  it('holds 100 at most', () => {
    const errors: Error[] = []
    const { client } = open({ onError: (error) => errors.push(error) })
    const sent = Array.from({ length: 101 }, () => client.send('study_session_start', start))
    expect(sent.filter(Boolean)).toHaveLength(100)
    expect(sent.at(-1)).toBe(false)
    expect(errors).toHaveLength(1)
  })

  it('can be switched off: then what cannot be sent is refused', () => {
    const errors: Error[] = []
    const { client } = open({ enableQueue: false, onError: (error) => errors.push(error) })
    expect(client.send('study_session_start', start)).toBe(false)
    expect(client.getQueuedMessages()).toEqual([])
    expect(errors).toHaveLength(1)
  })
})

describe('mock mode', () => {
  it('goes through the real states, and brings messages of every type every five seconds', async () => {
    const clock = new VirtualClock()
    const states: string[] = []
    const byType = new Map<string, number>()
    const client = new WebSocketClient({
      url: '/v1/socket',
      enableMockMode: true,
      userId: 'ada',
      onMessage: ({ type }) => byType.set(type, (byType.get(type) ?? 0) + 1),
      ports: { clock },
    })
    onTestFinished(() => client.close())
    client.tidings.connection.subscribe(() => states.push(client.tidings.connection.get().status))
    client.connect()
    // It is loaded in real time, whatever the clock says.
    await expect
      .poll(
        async () => {
          await clock.advance(10)
          return client.status
        },
        { timeout: 30_000 },
      )
      .toBe('connected')
    expect(states).toEqual(['connecting', 'connected'])
    await clock.advance(60_000)
    for (const type of [
      'study_metrics_update',
      'collaborative_session_update',
      'notification',
      'system_status',
    ])
      expect(byType.get(type), type).toBeGreaterThanOrEqual(11)
    expect(byType.get('study_session_start')).toBeUndefined()
  })
})

describe('without an option', () => {
  it('everything is as the academy has always had it', () => {
    expect(defaults).toEqual({
      server: 'tidings',
      userId: 'me',
      reconnect: true,
      reconnectAttempts: 5,
      reconnectInterval: 3_000,
      heartbeatInterval: 30_000,
      connectionTimeout: 10_000,
      enableQueue: true,
      enableMockMode: false,
      debug: false,
    })
  })

  it('nothing is invented: a client that has no server says so, and hears nothing', async () => {
    const messages: Message[] = []
    const { server, client, clock } = open({ onMessage: (message) => messages.push(message) })
    server.isThere = false
    client.connect()
    await clock.advance(300_000)
    expect(client.status).toBe('error')
    expect(messages).toEqual([])
  })
})

describe('debug', () => {
  it('logs a drop, each attempt and when it comes, a heartbeat, and what is refused or cleared', async () => {
    const lines: string[] = []
    const { server, client, clock } = open({ debug: true, ports: { log: (line) => lines.push(line) } })
    client.connect()
    server.pongMs = 37
    await clock.advance(30_100)
    server.cut()
    server.isThere = false
    await clock.advance(3_100)
    client.send('study_session_start', start)
    client.clearQueue()
    server.isThere = true
    client.reconnect()
    await clock.settle()
    server.say('system_status', { status: 'on fire' })
    client.on('system_status', () => {})
    await clock.settle()
    server.say('system_status', { status: 'on fire' })
    await clock.settle()
    const said = lines.join('\n')
    for (const step of [
      'connected: ready, round trip 37 ms',
      'reconnecting: network, 1 failed, next in 3000 ms',
      'reconnecting: network, 2 failed, next in 4500 ms',
      'queued study_session_start',
      'clearQueue(): 1 dropped',
      'reconnect()',
      'reconnecting: by-app',
    ])
      expect(said).toContain(step)
    expect(lines.at(-1)).toMatch(/invalid-data.*status/)
  })

  it('logs a message once, however many handlers hear it', async () => {
    const lines: string[] = []
    const { server, client, clock } = open({
      debug: true,
      onMessage: () => {},
      ports: { log: (line) => lines.push(line) },
    })
    client.on('system_status', () => {})
    client.on('system_status', () => {})
    client.connect()
    await clock.settle()
    server.say('system_status', check)
    server.say('system_status', check)
    await clock.settle()
    expect(lines.filter((line) => line.includes('received system_status'))).toHaveLength(2)
  })

  it('logs each step, and nothing by default', async () => {
    const lines: string[] = []
    const log = (line: string) => lines.push(line)
    const quiet = open({ ports: { log } })
    quiet.client.connect()
    await quiet.clock.settle()
    expect(lines).toEqual([])

    const { server, client, clock } = open({ debug: true, ports: { log } })
    client.on('system_status', () => {})
    client.connect()
    await clock.settle()
    server.say('system_status', check)
    client.send('study_session_start', start)
    await clock.settle()
    client.disconnect()
    await clock.settle()
    expect(lines.map((line) => line.replace('[biology-academy plain] ', ''))).toEqual([
      'plain client for ws://academy.test',
      'connect()',
      'connecting: first',
      'connected: ready',
      'received system_status (live)',
      'queued study_session_start',
      'unconfirmed study_session_start',
      'disconnect()',
      'disconnected: by-app',
    ])
  })
})
