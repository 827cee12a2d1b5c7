// How a client gets its connection, keeps it, and gets it back: one strategy for each kind of failure.

import { TidingsError } from '@tidings/core'
import { seededChance } from '@tidings/core/testing'
import { describe, expect, test } from 'vitest'
import { hall, world } from './world.ts'

describe('at rest', () => {
  test('a client does nothing until it is used', async () => {
    const { client, server, clock, lifecycle } = world()
    client.channel(hall)
    await clock.settle()
    expect(server.connections).toHaveLength(0)
    expect(clock.pendingTimers).toBe(0)
    expect(lifecycle.listeners.size).toBe(0)
    expect(client.connection.get()).toEqual({
      status: 'disconnected',
      reason: 'idle',
      attempt: 0,
      retryAt: undefined,
    })
  })

  test.for([
    ['connect', ({ client }) => client.connect()],
    ['a subscription', ({ client }) => client.channel(hall).hold()],
    ['a write', ({ client }) => client.channel(hall).publish('said', { text: 'x' })],
  ] satisfies [string, (of: ReturnType<typeof world>) => unknown][])('%s makes it dial', async ([, use]) => {
    const it = world()
    use(it)
    expect(it.client.connection.get()).toMatchObject({ status: 'connecting', reason: 'first' })
    await it.server.settle()
    expect(it.client.connection.get()).toMatchObject({ status: 'connected', reason: 'ready', attempt: 0 })
    expect(it.server.connections).toHaveLength(1)
  })

  test('after disconnect() only connect() and reconnect() dial', async () => {
    const { client, server, clock } = world()
    client.connect()
    await server.settle()
    client.disconnect()
    await server.settle()
    expect(server.last.closedWith).toBe(1000)
    expect(client.connection.get()).toMatchObject({ status: 'disconnected', reason: 'by-app' })
    expect(clock.pendingTimers).toBe(0)
    const leave = client.channel(hall).hold()
    await server.settle()
    expect(server.connections).toHaveLength(1)
    client.connect()
    await server.settle()
    expect(client.connection.get().status).toBe('connected')
    client.disconnect()
    client.reconnect()
    await server.settle()
    expect(server.connections).toHaveLength(3)
    expect(client.connection.get().status).toBe('connected')
    leave()
  })

  test('close() is for good and can be called twice', async () => {
    const { client, server, clock, lifecycle } = world()
    client.connect()
    await server.settle()
    const told: unknown[] = []
    client.connection.subscribe(() => told.push(client.connection.get().reason))
    client.close()
    client.close()
    expect(told).toEqual(['closed'])
    client.connect()
    client.reconnect()
    client.disconnect()
    client.channel(hall).hold()
    await server.advance(100_000, 10_000)
    expect(told).toEqual(['closed'])
    expect(client.connection.get()).toMatchObject({ status: 'disconnected', reason: 'closed' })
    expect(server.connections).toHaveLength(1)
    expect(clock.pendingTimers).toBe(0)
    expect(lifecycle.listeners.size).toBe(0)
    expect(() => client.channel(hall).publish('said', { text: 'x' })).toThrow('The client was closed')
  })
})

describe('the first frame', () => {
  test('[CN1] [CN3] hello carries token, producer and what is wanted, with their subprotocol', async () => {
    const { client, server } = world({ token: () => 'secret' })
    client.channel(hall).hold()
    await server.settle()
    expect(server.last.url).toBe('ws://server.test/v1/socket')
    expect(server.last.protocols).toEqual(['tidings.v1.json'])
    expect(server.last.received).toEqual([
      { type: 'hello', producer: 'p', token: 'secret', subscribe: [{ id: 1, channel: 'plain/a' }] },
    ])
  })

  test('its writer has a secret name, drawn once', async () => {
    const { client, server } = world({ chance: seededChance(1) })
    client.connect()
    await server.settle()
    client.reconnect()
    await server.settle()
    const [first, second] = server.connections
    expect(first?.hello?.producer).toMatch(/^\w{22}$/)
    expect(second?.hello?.producer).toBe(first?.hello?.producer)
  })

  test('an empty token stands for none', async () => {
    const { client, server } = world({ token: async () => '' })
    client.connect()
    await server.settle()
    expect(server.last.hello).toEqual({ type: 'hello', producer: 'p' })
  })
})

describe('network gone', () => {
  test('waits up to 1, 2, 4 … 30 s, drawn anew each time', async () => {
    const waits: number[] = []
    const { client, server, clock } = world({
      chance: { fraction: () => 0.5, token: () => 'x' },
      breaker: { failures: 99 },
    })
    server.mode = 'refuse'
    client.connect()
    for (let i = 0; i < 7; i++) {
      await server.settle()
      const state = client.connection.get()
      expect(state).toMatchObject({ status: 'reconnecting', reason: 'network', attempt: i + 1 })
      waits.push((state.retryAt ?? 0) - clock.now())
      await clock.advance(waits.at(-1) ?? 0)
    }
    expect(waits).toEqual([500, 1_000, 2_000, 4_000, 8_000, 15_000, 15_000])
  })

  test('factor and first delay are settable', async () => {
    const { client, server, clock } = world({
      chance: { fraction: () => 1, token: () => 'x' },
      backoff: { firstMs: 3_000, factor: 1.5 },
    })
    server.mode = 'refuse'
    client.connect()
    await server.settle()
    expect((client.connection.get().retryAt ?? 0) - clock.now()).toBe(3_000)
    await clock.advance(3_000)
    await server.settle()
    expect((client.connection.get().retryAt ?? 0) - clock.now()).toBe(4_500)
  })

  test('gives up after maxAttempts, until reconnect()', async () => {
    const { client, server, clock } = world({ maxAttempts: 5 })
    server.mode = 'refuse'
    client.connect()
    await server.advance(120_000, 1_000)
    expect(server.connections).toHaveLength(6)
    expect(client.connection.get()).toMatchObject({ status: 'error', reason: 'gave-up', retryAt: undefined })
    expect(clock.pendingTimers).toBe(0)
    client.connect()
    await server.settle()
    expect(server.connections).toHaveLength(6)
    server.mode = 'open'
    client.reconnect()
    await server.settle()
    expect(client.connection.get()).toMatchObject({ status: 'connected', attempt: 0 })
  })

  test('maxAttempts 0 means no second attempt', async () => {
    const { client, server } = world({ maxAttempts: 0 })
    client.connect()
    await server.settle()
    server.last.pair.cut()
    expect(client.connection.get()).toMatchObject({ status: 'error', reason: 'gave-up' })
  })

  test('offline: does not dial until the device is online, then at once', async () => {
    const { client, server, clock, lifecycle } = world()
    client.connect()
    await server.settle()
    lifecycle.online = false
    server.last.pair.cut()
    expect(client.connection.get()).toEqual({
      status: 'reconnecting',
      reason: 'offline',
      attempt: 1,
      retryAt: undefined,
    })
    expect(clock.pendingTimers).toBe(0)
    await server.advance(600_000, 60_000)
    expect(server.connections).toHaveLength(1)
    lifecycle.hint('visible')
    await server.settle()
    expect(server.connections).toHaveLength(1)
    lifecycle.hint('online')
    await server.settle()
    expect(server.connections).toHaveLength(2)
    expect(client.connection.get().status).toBe('connected')
  })

  test('offline from the start, and offline while it waits', async () => {
    const { client, server, clock, lifecycle } = world()
    lifecycle.online = false
    client.connect()
    expect(client.connection.get()).toMatchObject({ status: 'reconnecting', reason: 'offline', attempt: 0 })
    server.mode = 'refuse'
    lifecycle.hint('online')
    await server.settle()
    expect(client.connection.get()).toMatchObject({ reason: 'network', attempt: 1 })
    lifecycle.hint('offline')
    expect(client.connection.get()).toMatchObject({ reason: 'offline', attempt: 1, retryAt: undefined })
    expect(clock.pendingTimers).toBe(0)
  })

  test('reconnect() dials even when the device says that it is offline', async () => {
    const { client, server, lifecycle } = world()
    lifecycle.online = false
    client.connect()
    client.reconnect()
    await server.settle()
    expect(client.connection.get().status).toBe('connected')
  })

  test('a server that never says welcome costs connectTimeoutMs', async () => {
    const { client, server } = world({ connectTimeoutMs: 5_000 })
    server.mode = 'wait'
    client.connect()
    await server.advance(4_999)
    expect(client.connection.get()).toMatchObject({ status: 'connecting', reason: 'first' })
    await server.advance(1)
    expect(client.connection.get()).toMatchObject({ status: 'reconnecting', reason: 'network', attempt: 1 })
  })

  test('the failures are forgotten after stableAfterMs, and no sooner', async () => {
    const { client, server } = world({ stableAfterMs: 30_000 })
    server.mode = 'refuse'
    client.connect()
    await server.settle()
    server.mode = 'open'
    await server.advance(1_000)
    expect(client.connection.get()).toMatchObject({ status: 'connected', attempt: 1 })
    await server.advance(4_000, 1_000)
    server.last.pair.cut()
    expect(client.connection.get()).toMatchObject({ attempt: 2 })
    await server.advance(2_000)
    await server.advance(60_000, 1_000)
    expect(client.connection.get()).toMatchObject({ status: 'connected', attempt: 0 })
    server.last.pair.cut()
    expect(client.connection.get()).toMatchObject({ attempt: 1 })
  })
})

describe('failures are forgiven', () => {
  test('one for every 5 s connected: a server that crashes every 12 s is never waited for longer than at first', async () => {
    const { client, server, clock } = world()
    client.connect()
    await server.settle()
    const waits: number[] = []
    for (let crash = 0; crash < 12; crash++) {
      await server.advance(12_000, 1_000)
      server.mode = 'refuse'
      server.last.pair.cut()
      const wentAt = clock.monotonic()
      // Back after half a second, as a process that is restarted.
      await server.advance(500)
      server.mode = 'open'
      while (client.connection.get().status !== 'connected') await server.advance(100)
      waits.push(clock.monotonic() - wentAt)
    }
    expect(Math.max(...waits)).toBeLessThan(4_000)
  })

  test('[row 46] but none for less: a link that breaks every 4 s is dialled less and less often', async () => {
    const { client, server } = world()
    client.connect()
    for (let second = 0; second < 300; second++) {
      if (second % 4 === 3 && client.connection.get().status === 'connected') server.last.pair.cut()
      await server.advance(1_000, 1_000)
    }
    expect(server.connections.length).toBeLessThan(25)
    expect(client.connection.get().attempt).toBeGreaterThan(9)
  })
})

describe('server gone', () => {
  test.for([1001, 1011, 1012, 4500, 4408])('closed with %i: backoff, reason "server"', async (code) => {
    const { client, server } = world()
    client.connect()
    await server.settle()
    server.last.close(code)
    expect(client.connection.get()).toMatchObject({ status: 'reconnecting', reason: 'server', attempt: 1 })
    await server.advance(1_000)
    expect(client.connection.get().status).toBe('connected')
  })

  test('[CN9] draining: leaves at once, and comes back when it was told, not before', async () => {
    const { client, server, clock, lifecycle } = world()
    client.connect()
    await server.settle()
    server.last.send({ type: 'drain', retryAfterMs: 7_000 })
    await server.settle()
    expect(client.connection.get()).toMatchObject({
      status: 'reconnecting',
      reason: 'draining',
      retryAt: clock.now() + 7_000,
    })
    expect(server.last.closedWith).toBe(1000)
    lifecycle.hint('visible')
    lifecycle.hint('online')
    await server.advance(6_999)
    expect(server.connections).toHaveLength(1)
    await server.advance(1)
    expect(server.connections).toHaveLength(2)
  })

  test('[CN9] what was written before a drain still leaves with the old connection', async () => {
    const { client, server } = world()
    client.connect()
    await server.settle()
    server.last.send({ type: 'drain', retryAfterMs: 1_000 })
    client.channel(hall).publish('said', { text: 'last words' })
    server.last.pair.flush()
    await server.settle()
    expect(server.last.framesOf('publish')).toHaveLength(1)
    expect(server.connections).toHaveLength(1)
  })

  test('[CN11] rate-limited: waits as long as the error before the close says', async () => {
    const { client, server, clock } = world()
    client.connect()
    await server.settle()
    server.last.send({ type: 'error', code: 'rate-limited', message: 'Too fast.', retryAfterMs: 20_000 })
    server.last.close(4429)
    expect(client.connection.get()).toMatchObject({ reason: 'rate-limited', retryAt: clock.now() + 20_000 })
  })

  test('the breaker: after failures in a row, one probe in each pause', async () => {
    const { client, server, lifecycle } = world({ breaker: { failures: 3, pauseMs: 60_000 } })
    server.mode = 'refuse'
    client.connect()
    await server.advance(10_000)
    expect(server.connections).toHaveLength(3)
    expect(client.connection.get()).toMatchObject({ reason: 'breaker', attempt: 3 })
    await server.advance(300_000, 1_000)
    expect(server.connections.length).toBeGreaterThanOrEqual(7)
    expect(server.connections.length).toBeLessThanOrEqual(8)
    lifecycle.hint('visible')
    await server.settle()
    const dials = server.connections.length
    server.mode = 'open'
    lifecycle.hint('online')
    await server.settle()
    expect(server.connections).toHaveLength(dials + 1)
    expect(client.connection.get().status).toBe('connected')
  })
})

describe('refused credentials', () => {
  test.for([4401, 4402, 4403])(
    'closed with %i: a fresh token at once, then backoff, then an error',
    async (code) => {
      const asked: string[] = []
      const { client, server, clock } = world({ token: ({ reason }) => `t${asked.push(reason)}` })
      server.intercept = (frame, connection) => {
        if (frame.type === 'hello') connection.close(code)
        return frame.type === 'hello'
      }
      client.connect()
      await server.settle()
      expect(asked).toEqual(['connect', 'refused'])
      expect(client.connection.get()).toMatchObject({
        status: 'reconnecting',
        reason: 'refused-credentials',
        attempt: 2,
      })
      await server.advance(3_000)
      expect(asked).toEqual(['connect', 'refused', 'refused'])
      expect(client.connection.get()).toMatchObject({ status: 'error', reason: 'refused-credentials' })
      expect(clock.pendingTimers).toBe(0)
      server.intercept = () => false
      client.reconnect()
      await server.settle()
      expect(asked.at(-1)).toBe('connect')
      expect(client.connection.get().status).toBe('connected')
    },
  )

  test('a proxy that loses close codes does not turn a refusal into a network failure', async () => {
    const { client, server } = world({ token: () => 't' })
    server.intercept = (frame, connection) => {
      if (frame.type !== 'hello' || server.connections.length > 1) return false
      connection.send({ type: 'error', code: 'unauthenticated', message: 'Who are you?' })
      queueMicrotask(() => {
        connection.pair.flush()
        connection.pair.cut()
      })
      return true
    }
    client.connect()
    await server.settle()
    expect(server.connections).toHaveLength(2)
    expect(client.connection.get().status).toBe('connected')
  })

  test('a token that is refused again and again after the welcome does not make a hot loop', async () => {
    const { client, server } = world({ token: () => 't' })
    client.connect()
    for (let i = 0; i < 3; i++) {
      await server.advance(2_000)
      server.last.close(4403)
    }
    expect(client.connection.get()).toMatchObject({ status: 'error', reason: 'refused-credentials' })
  })

  test('a token that cannot be had is tried again with backoff, and reported', async () => {
    let isDown = true
    const { client, server, errors } = world({
      token: () => (isDown ? Promise.reject(new Error('The token server is down.')) : 'token'),
    })
    client.connect()
    await server.settle()
    expect(server.connections).toHaveLength(0)
    expect(client.connection.get()).toMatchObject({ status: 'reconnecting', reason: 'network', attempt: 1 })
    expect(errors).toHaveLength(1)
    isDown = false
    await server.advance(1_000)
    expect(client.connection.get().status).toBe('connected')
  })

  test('a token function that throws "not signed in" ends the attempts', async () => {
    const error = new TidingsError('unauthenticated', 'Nobody is signed in.')
    const { client, server, clock, errors } = world({
      token() {
        throw error
      },
    })
    client.connect()
    await server.settle()
    expect(client.connection.get()).toMatchObject({ status: 'error', reason: 'refused-credentials', error })
    expect(server.connections).toHaveLength(0)
    expect(clock.pendingTimers).toBe(0)
    expect(errors).toEqual([])
  })

  test.for([
    ['close', { status: 'disconnected', reason: 'closed' }, 0, 1],
    ['disconnect', { status: 'disconnected', reason: 'by-app' }, 0, 1],
    ['reconnect', { status: 'reconnecting', reason: 'by-app' }, 1, 2],
  ] as const)(
    '%s() by whoever hears that a token is not wanted any more counts',
    async ([call, state, timers, tokens]) => {
      let asked = 0
      const it = world({
        token: ({ signal }) => {
          if (++asked === 1) signal.addEventListener('abort', () => it.client[call]())
          return new Promise(() => {})
        },
      })
      it.client.connect()
      await it.clock.advance(10_000)
      expect(it.client.connection.get()).toMatchObject(state)
      expect(it.clock.pendingTimers).toBe(timers)
      expect(asked).toBe(tokens)
    },
  )

  test('a token that takes too long is given up, and its signal aborted', async () => {
    const signals: AbortSignal[] = []
    const { client, server } = world({
      connectTimeoutMs: 2_000,
      token: ({ signal }) => new Promise(() => void signals.push(signal)),
    })
    client.connect()
    await server.advance(2_000)
    expect(client.connection.get()).toMatchObject({ status: 'reconnecting', reason: 'network' })
    expect(signals[0]?.aborted).toBe(true)
  })

  test('a token that arrives after disconnect() dials nobody', async () => {
    let give = (_: string) => {}
    const { client, server } = world({ token: () => new Promise<string>((resolve) => (give = resolve)) })
    client.connect()
    await server.settle()
    client.disconnect()
    give('late')
    await server.settle()
    expect(server.connections).toHaveLength(0)
  })

  test('[AU4] asked for a fresh token, it sends one over the same connection', async () => {
    const asked: string[] = []
    const { client, server } = world({ token: ({ reason }) => `t${asked.push(reason)}` })
    client.connect()
    await server.settle()
    server.last.send({ type: 'refresh', expiresAt: 1 }, { type: 'refresh', expiresAt: 1 })
    await server.settle()
    expect(asked).toEqual(['connect', 'expiring'])
    expect(server.last.framesOf('auth')).toEqual([{ type: 'auth', token: 't2' }])
    expect(server.connections).toHaveLength(1)
  })

  test('[AU4] a renewal that fails is reported and leaves the connection alone', async () => {
    let isDown = false
    const { client, server, errors } = world({
      token: () => (isDown ? Promise.reject(new Error('down')) : 't'),
    })
    client.connect()
    await server.settle()
    isDown = true
    server.last.send({ type: 'refresh', expiresAt: 1 })
    await server.settle()
    expect(errors).toHaveLength(1)
    expect(client.connection.get().status).toBe('connected')
  })
})

describe('policy and version', () => {
  test.for([
    [4400, 'policy', 'bad-frame'],
    [1003, 'policy', 'bad-frame'],
    [1009, 'policy', 'too-large'],
    [4426, 'version', 'unsupported-version'],
  ] as const)('[CN10] closed with %i: no second try until reconnect()', async ([code, reason, error]) => {
    const { client, server, clock, lifecycle } = world()
    client.connect()
    await server.settle()
    server.last.close(code, 'because')
    expect(client.connection.get()).toMatchObject({
      status: 'error',
      reason,
      error: { code: error, message: 'because' },
    })
    expect(clock.pendingTimers).toBe(0)
    lifecycle.hint('visible')
    lifecycle.hint('online')
    client.channel(hall).hold()
    await server.advance(100_000, 10_000)
    expect(server.connections).toHaveLength(1)
    client.reconnect()
    await server.settle()
    expect(client.connection.get().status).toBe('connected')
  })

  test('a close with 1008 says that a message came in too many pieces, not that nothing may: dialled again, and the write arrives', async () => {
    const { client, server } = world()
    client.connect()
    await server.settle()
    const write = client.channel(hall).publish('said', { text: 'kept' })
    server.last.close(1008, 'too many fragments')
    expect(client.connection.get()).toMatchObject({ status: 'reconnecting', reason: 'server', attempt: 1 })
    await server.advance(2_000)
    expect(server.connections).toHaveLength(2)
    expect(write.status.get().name).toBe('accepted')
  })

  test('the error frame before the close says more than the close', async () => {
    const { client, server } = world()
    server.intercept = (frame, connection) => {
      if (frame.type !== 'hello') return false
      connection.send({ type: 'error', code: 'origin-refused', message: 'Not from https://evil.test.' })
      connection.close(1008)
      return true
    }
    client.connect()
    await server.settle()
    expect(client.connection.get()).toMatchObject({ status: 'error', reason: 'policy' })
  })

  test('an address that is none is an error at the first dial, not before', async () => {
    const { client, server } = world({
      dial() {
        throw new SyntaxError('no such address')
      },
    })
    expect(client.connection.get().status).toBe('disconnected')
    client.connect()
    await server.settle()
    expect(client.connection.get()).toMatchObject({
      status: 'error',
      reason: 'policy',
      error: { code: 'bad-request' },
    })
  })
})

describe('alive or not', () => {
  test('[CN8] silence is answered by a ping, a pong measures the round trip', async () => {
    const { client, server, clock } = world()
    client.connect()
    await server.settle()
    await clock.advance(25_000)
    await clock.settle()
    server.last.pair.flushTo('server')
    expect(server.last.framesOf('ping')).toHaveLength(1)
    await clock.advance(40)
    server.last.pair.flushTo('client')
    expect(client.connection.get()).toMatchObject({ status: 'connected', latencyMs: 40 })
  })

  test('[CN8] a client that hears much but says nothing still pings, or the server would take it for dead', async () => {
    const { client, server } = world()
    client.channel(hall).hold()
    for (let i = 0; i < 60; i++) {
      await server.advance(1_000)
      server.append(hall.name, 'said', { text: 'x' })
    }
    expect(server.last.framesOf('ping').length).toBeGreaterThanOrEqual(2)
    expect(server.connections).toHaveLength(1)
  })

  test('[CN8] whoever writes and hears all the time needs no ping', async () => {
    const { client, server } = world()
    const channel = client.channel(hall)
    for (let i = 0; i < 30; i++) {
      channel.publish('said', { text: 'x' })
      await server.advance(2_000, 1_000)
    }
    expect(server.last.framesOf('ping')).toHaveLength(0)
  })

  test('a link that answers nothing is dead after 8 s more, and dialled anew at once', async () => {
    const { client, server } = world()
    client.connect()
    await server.settle()
    server.intercept = (frame) => frame.type === 'ping'
    await server.advance(25_000 + 7_900)
    expect(client.connection.get().status).toBe('connected')
    const states: unknown[] = []
    client.connection.subscribe(() => states.push(client.connection.get().reason))
    await server.advance(200)
    expect(states).toEqual(['silent', 'ready'])
    expect(server.connections).toHaveLength(2)
  })

  test('any traffic counts as an answer', async () => {
    const { client, server } = world()
    client.channel(hall).hold()
    await server.settle()
    server.intercept = (frame) => frame.type === 'ping'
    for (let i = 0; i < 20; i++) {
      await server.advance(5_000, 1_000)
      server.append(hall.name, 'said', { text: 'x' })
    }
    expect(server.connections).toHaveLength(1)
  })

  test.for(['visible', 'resumed', 'online'] as const)(
    '%s: a connection that does not answer within 2 s is replaced',
    async (hint) => {
      const { client, server, lifecycle } = world()
      client.connect()
      await server.settle()
      server.intercept = (frame) => frame.type === 'ping'
      lifecycle.hint(hint)
      await server.advance(1_900)
      expect(server.last.framesOf('ping')).toHaveLength(1)
      expect(server.connections).toHaveLength(1)
      await server.advance(200)
      expect(server.connections).toHaveLength(2)
      expect(client.connection.get()).toMatchObject({ status: 'connected', attempt: 1 })
    },
  )

  test.for(['visible', 'resumed', 'online'] as const)('%s: a connection that answers stays', async (hint) => {
    const { client, server, lifecycle } = world()
    client.connect()
    await server.settle()
    lifecycle.hint(hint)
    await server.advance(10_000)
    expect(server.connections).toHaveLength(1)
  })

  test('visible while it waits: dials at once', async () => {
    const { client, server, lifecycle } = world({ chance: { fraction: () => 0.9, token: () => 'x' } })
    server.mode = 'refuse'
    client.connect()
    await server.settle()
    server.mode = 'open'
    lifecycle.hint('visible')
    await server.settle()
    expect(client.connection.get().status).toBe('connected')
  })

  test('hidden and frozen change nothing', async () => {
    const { client, server, lifecycle } = world()
    client.connect()
    await server.settle()
    lifecycle.hint('hidden')
    lifecycle.hint('frozen')
    await server.advance(10_000)
    expect(server.last.framesOf('ping')).toHaveLength(0)
  })

  test('offline while connected: asks the link itself', async () => {
    const { client, server, lifecycle } = world()
    client.connect()
    await server.settle()
    server.intercept = (frame) => frame.type === 'ping'
    lifecycle.hint('offline')
    await server.advance(3_000)
    expect(client.connection.get()).toMatchObject({ status: 'reconnecting', reason: 'offline' })
    expect(server.connections).toHaveLength(1)
  })

  test('a clock that jumped is a device that slept: the link is asked with the short deadline', async () => {
    const { client, server, clock } = world()
    client.connect()
    await server.settle()
    server.intercept = (frame) => frame.type === 'ping'
    clock.jump(3_600_000)
    await server.advance(25_000)
    expect(server.connections).toHaveLength(1)
    await server.advance(2_100)
    expect(server.connections).toHaveLength(2)
  })
})

describe('old connections', () => {
  test('nothing that a socket says after it was left is heard', async () => {
    const { client, server, errors } = world()
    const channel = client.channel(hall)
    const seen: unknown[] = []
    channel.on('said', ({ text }) => seen.push(text))
    await server.settle()
    const old = server.last
    client.reconnect()
    await server.settle()
    const { handlers } = old
    handlers.opened()
    handlers.received(
      '{"type":"entries","channel":"plain/a","epoch":"e1","entries":[{"offset":1,"tag":"t","event":"said","data":{"text":"ghost"},"at":1}]}',
    )
    handlers.received('not even JSON')
    handlers.closed(4400, 'late')
    await server.settle()
    expect(seen).toEqual([])
    expect(errors).toEqual([])
    expect(client.connection.get().status).toBe('connected')
    expect(server.connections).toHaveLength(2)
  })

  test('reconnect() replaces a good connection, and says who asked', async () => {
    const { client, server } = world()
    client.connect()
    await server.settle()
    const states: unknown[] = []
    client.connection.subscribe(() => states.push(client.connection.get()))
    client.reconnect()
    await server.settle()
    expect(states).toMatchObject([
      { status: 'reconnecting', reason: 'by-app', attempt: 0 },
      { status: 'connected' },
    ])
    expect(server.connections.map(({ isOpen }) => isOpen)).toEqual([false, true])
  })

  test('frames of a turn leave as one message', async () => {
    const { client, server } = world()
    const channel = client.channel(hall)
    channel.hold()
    await server.settle()
    for (let i = 0; i < 20; i++) channel.publish('said', { text: `${i}` })
    await server.settle()
    expect(server.last.framesOf('publish')).toHaveLength(20)
    expect(server.last.messages).toBe(2)
  })

  test('[CN6] messages stay far below the limit of the server', async () => {
    const { client, server } = world()
    client.connect()
    await server.settle()
    const channel = client.channel(hall)
    for (let i = 0; i < 60; i++) channel.publish('said', { text: '€'.repeat(2_000) })
    await server.settle()
    expect(server.last.framesOf('publish')).toHaveLength(60)
    expect(server.last.messages).toBeGreaterThan(7)
  })
})
