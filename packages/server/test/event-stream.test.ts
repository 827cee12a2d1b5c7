// Following a channel by server-sent events, over a real socket.

import { TidingsError } from '@tidings/core'
import { memoryBroker } from '@tidings/server/memory'
import { describe, expect, it } from 'vitest'
import { Rim, until } from './rim.ts'

const said = (text: string) => ({ type: 'said', data: { text } })

describe('an event stream', () => {
  it('[HT6] sends what is published from now on, each with its position', async () => {
    const rim = await Rim.start()
    await rim.post(said('before'))
    const stream = await rim.stream()
    expect(stream.status).toBe(200)
    expect(stream.headers).toMatchObject({
      'content-type': 'text/event-stream',
      'cache-control': 'no-store',
      'x-accel-buffering': 'no',
    })
    const { position } = (await rim.post(said('after'))).json
    await until(() => stream.data('message').length === 1)
    expect(stream.data('message')).toEqual([
      { offset: 2, tag: expect.any(String), event: 'said', data: { text: 'after' }, at: expect.any(Number) },
    ])
    expect(stream.lastId).toBe(position)
  })

  it('[HT6] tells its position before the first event', async () => {
    const rim = await Rim.start()
    const { position } = (await rim.post(said('before'))).json
    const stream = await rim.stream()
    await until(() => stream.lastId !== '')
    expect(stream.lastId).toBe(position)
    expect(stream.data('message')).toEqual([])
    expect(stream.text).toMatch(/^retry: \d+\n/)
  })

  it('[HT6] begins at the oldest entry, or after a position, where it is asked to', async () => {
    const rim = await Rim.start()
    const first = (await rim.post(said('a'))).json.position
    await rim.post([said('b'), said('c')])
    const fromStart = await rim.stream('?after=start')
    await until(() => fromStart.data('message').length === 3)
    const rest = await rim.stream(`?after=${first}`)
    await until(() => rest.data('message').length === 2)
    expect(rest.data('message').map(({ data }) => data.text)).toEqual(['b', 'c'])
  })

  it('[HT6] goes on after Last-Event-ID without a hole, whatever the address says', async () => {
    const rim = await Rim.start()
    const stream = await rim.stream('?after=start')
    await rim.post([said('a'), said('b')])
    await until(() => stream.data('message').length === 2)
    stream.destroy()
    await rim.post([said('c'), said('d')])
    const again = await rim.stream('?after=start', { 'last-event-id': stream.lastId })
    await until(() => again.data('message').length === 2)
    await rim.post(said('e'))
    await until(() => again.data('message').length === 3)
    expect(again.data('message').map(({ offset }) => offset)).toEqual([3, 4, 5])
    expect(again.data('reset')).toEqual([])
  })

  it('[HT6] says reset first, with the reason and where it goes on from', async () => {
    const rim = await Rim.start()
    const { position } = (await rim.post(said('a'))).json
    const stream = await rim.stream('', { 'last-event-id': 'other:5:tag' })
    await rim.post(said('b'))
    await until(() => stream.data('message').length === 1)
    expect(stream.data('reset')).toEqual([{ reason: 'epoch', position }])
    expect(stream.text.indexOf('event: reset')).toBeLessThan(stream.text.indexOf('event: message'))
  })

  it('[HT6] refuses a position that is none: 400', async () => {
    const rim = await Rim.start()
    expect(await rim.read('', { accept: 'text/event-stream', 'last-event-id': 'nonsense' })).toMatchObject({
      status: 400,
      json: { code: 'bad-position' },
    })
  })

  it.each([
    ['text/event-stream', true],
    ['application/json, text/event-stream;q=0.5', true],
    ['TEXT/EVENT-STREAM', true],
    ['text/event-stream;q=0', false],
    ['*/*', false],
    ['text/html', false],
  ])('[HT6] takes Accept: %s for a stream: %s', async (accept, isStream) => {
    const rim = await Rim.start()
    const reply = await rim.stream('', { accept })
    expect(reply.headers['content-type']).toBe(isStream ? 'text/event-stream' : 'application/json')
  })

  it('[HT6] sends a comment at least every 15 s', async () => {
    const rim = await Rim.start()
    const stream = await rim.stream()
    await rim.clock.advance(15_000)
    await until(() => stream.text.endsWith('\n\n:\n\n'))
    await rim.clock.advance(15_000)
    await until(() => stream.text.endsWith(':\n\n:\n\n'))
  })

  it('[SB7] gets every entry once, in order, though it stops reading for a while', async () => {
    const rim = await Rim.start({ limits: { highWaterBytes: 20_000 } })
    const stream = await rim.stream()
    stream.pause()
    for (let i = 0; i < 60; i++) await rim.post(Array.from({ length: 100 }, () => said('x'.repeat(2_000))))
    await until(() => rim.happenings.some(({ name }) => name === 'fellBehind'))
    stream.resume()
    await until(() => stream.text.includes('"offset":6000,') && stream.text.endsWith('\n\n'))
    expect(stream.data('message').map(({ offset }) => offset)).toEqual(
      Array.from({ length: 6_000 }, (_, i) => i + 1),
    )
  })

  it('lets a reader go that has taken nothing for a minute', async () => {
    const rim = await Rim.start({ limits: { highWaterBytes: 10_000 } })
    const stream = await rim.stream()
    stream.pause()
    for (let i = 0; i < 100; i++) await rim.post(Array.from({ length: 100 }, () => said('x'.repeat(1_500))))
    for (let i = 0; i < 5; i++) await rim.clock.advance(15_000)
    await until(() => rim.happenings.length > 0 && rim.server.connections === 0)
    expect((await rim.server.metrics()).split('\n')).toContain('tidings_event_streams 0')
  })

  it('lets go of everything when the reader leaves', async () => {
    const rim = await Rim.start()
    const timers = rim.clock.pendingTimers
    const stream = await rim.stream()
    expect((await rim.server.metrics()).split('\n')).toContain('tidings_event_streams 1')
    stream.destroy()
    await until(() => rim.clock.pendingTimers === timers)
    expect((await rim.server.metrics()).split('\n')).toContain('tidings_event_streams 0')
    await rim.post(said('x'))
  })

  it('answers 503 when the log cannot be read, rather than a stream of nothing', async () => {
    const broker = memoryBroker()
    broker.head = () => Promise.reject(new TidingsError('unavailable', 'The log is out of reach.'))
    const rim = await Rim.start({ broker })
    expect(await rim.read('', { accept: 'text/event-stream' })).toMatchObject({
      status: 503,
      json: { code: 'unavailable' },
    })
  })
})

describe('the right to a stream', () => {
  it('[AU4] ends with the token', async () => {
    const rim = await Rim.start()
    const stream = await rim.stream('', { authorization: 'Bearer slow:ada' })
    await rim.clock.advance(45_000)
    expect(stream.isOver).toBe(false)
    await rim.clock.advance(15_000)
    await until(() => stream.isOver)
    expect(stream.data('ended')).toMatchObject([{ code: 'token-expired', status: 401 }])
  })

  it('[AU6] is asked for again every 60 s', async () => {
    const rim = await Rim.start()
    const stream = await rim.stream('', { authorization: 'Bearer user:ada' })
    rim.forbidden.add('note/lobby')
    await rim.clock.advance(60_000)
    await until(() => stream.isOver)
    expect(stream.data('ended')).toMatchObject([{ code: 'forbidden' }])
    await rim.post(said('secret'))
    expect(stream.data('message')).toEqual([])
  })

  it('[AU6] ends at once when it is revoked', async () => {
    const rim = await Rim.start()
    const ada = await rim.stream('', { authorization: 'Bearer user:ada' })
    const bob = await rim.stream('', { authorization: 'Bearer user:bob' })
    expect(rim.server.revoke({ user: 'ada' })).toBe(1)
    await until(() => ada.isOver)
    expect(ada.data('ended')).toMatchObject([{ code: 'revoked' }])
    expect(bob.isOver).toBe(false)
  })

  it('[AU6] is let go of when it is revoked before the log has answered', async () => {
    const broker = memoryBroker()
    const head = broker.head.bind(broker)
    let answer = () => {}
    const asked = new Promise<void>((resolve) => {
      answer = resolve
    })
    broker.head = (channel) => asked.then(() => head(channel))
    const rim = await Rim.start({ broker })
    const opening = rim.stream('', { authorization: 'Bearer user:ada' })
    await until(() => rim.server.revoke({ user: 'ada' }) === 1)
    answer()
    const stream = await opening
    await until(() => stream.isOver)
    expect(stream.data('ended')).toMatchObject([{ code: 'revoked' }])
    const metrics = (await rim.server.metrics()).split('\n')
    expect(metrics).toContain('tidings_subscriptions_live 0')
    expect(metrics).toContain('tidings_subscriptions_catching_up 0')
  })

  it('[AU1] comes from the session’s cookie on a page of the server’s own: EventSource sends nothing else', async () => {
    const rim = await Rim.start({ authorize: ({ identity }) => identity.user === 'ada' })
    const headers = { authorization: undefined, cookie: 'session=ada' }
    const own = await rim.stream('', { ...headers, 'sec-fetch-site': 'same-origin' })
    expect(own.status).toBe(200)
    const foreign = await rim.stream('', { ...headers, 'sec-fetch-site': 'cross-site' })
    expect(foreign.status).toBe(403)
  })
})

describe('a server that goes away', () => {
  it('[CN9] ends its streams, each with a time of its own to come back', async () => {
    const rim = await Rim.start()
    const streams = await Promise.all(Array.from({ length: 20 }, () => rim.stream()))
    const closing = rim.server.close({ drainMs: 10_000 })
    await until(() => streams.every(({ isOver }) => isOver))
    await rim.clock.advance(1_000)
    await closing
    const delays = streams.map((stream) => stream.data('ended')[0].retryAfterMs)
    expect(new Set(delays).size).toBeGreaterThan(10)
    expect(Math.max(...delays)).toBeLessThanOrEqual(10_000)
    for (const [i, stream] of streams.entries()) expect(stream.text).toContain(`retry: ${delays[i]}\n`)
  })
})
