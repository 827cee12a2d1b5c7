// Publishing and reading over HTTP, against the whole server on a real socket.

import { Agent } from 'node:http'
import { connect } from 'node:net'
import { gzipSync } from 'node:zlib'
import { TidingsError } from '@tidings/core'
import { memoryBroker } from '@tidings/server/memory'
import { describe, expect, it } from 'vitest'
import { eventsPath, KEY, NOTE_KEY, note, Rim, until } from './rim.ts'

const said = (text: string) => ({ type: 'said', data: { text } })

describe('publishing', () => {
  it('[HT2] appends an event and answers 201 with its position', async () => {
    const rim = await Rim.start()
    const reply = await rim.post(said('hello'))
    expect(reply.status).toBe(201)
    expect(reply.json).toEqual({ position: expect.stringMatching(/^\w+:1:\w+$/), firstOffset: 1, count: 1 })
    expect((await rim.read()).json.entries).toMatchObject([
      { offset: 1, event: 'said', data: { text: 'hello' } },
    ])
  })

  it('[HT2] appends a list, all or none', async () => {
    const rim = await Rim.start()
    const reply = await rim.post([said('a'), said('b'), said('c')])
    expect(reply.json).toMatchObject({ position: expect.stringMatching(/^\w+:3:/), firstOffset: 1, count: 3 })
    const refused = await rim.post([said('d'), { type: 'said', data: { text: '' } }, said('e')])
    expect(refused).toMatchObject({ status: 422, json: { code: 'invalid-data', field: '[1].data.text' } })
    expect((await rim.read()).json.entries).toHaveLength(3)
  })

  it('[HT2] takes a hundred events at most, and at least one', async () => {
    const rim = await Rim.start()
    expect((await rim.post(Array.from({ length: 100 }, () => said('x')))).json.count).toBe(100)
    expect(await rim.post(Array.from({ length: 101 }, () => said('x')))).toMatchObject({
      status: 413,
      json: { code: 'too-large' },
    })
    expect(await rim.post([])).toMatchObject({ status: 400, json: { code: 'bad-request' } })
    expect((await rim.read('?limit=1000')).json.entries).toHaveLength(100)
  })

  it.each([
    ['null', 400, undefined],
    ['"text"', 400, undefined],
    ['7', 400, undefined],
    ['{}', 400, 'type'],
    ['{"type":7,"data":{}}', 400, 'type'],
    ['{"type":"","data":{}}', 400, 'type'],
    ['{"type":"said"}', 400, 'data'],
    ['{"__proto__":{"type":"said","data":{"text":"x"}}}', 400, 'type'],
    ['[1]', 400, '[0]'],
    ['[{"type":"said","data":{"text":"x"}},{"type":null}]', 400, '[1].type'],
    ['{"type":"shouted","data":{}}', 422, 'type'],
    ['{"type":"constructor","data":{}}', 422, 'type'],
    ['{"type":"__proto__","data":{}}', 422, 'type'],
    ['{"type":"said","data":{"text":7}}', 422, 'data.text'],
    ['{"type":"said","data":null}', 422, 'data'],
  ])('[HT1] names what is wrong with %s', async (body, status, field) => {
    const rim = await Rim.start()
    const reply = await rim.post(body)
    expect(reply.status).toBe(status)
    expect(reply.headers['content-type']).toBe('application/problem+json')
    expect(reply.json).toMatchObject({
      status,
      title: expect.any(String),
      detail: expect.any(String),
      advice: expect.any(String),
    })
    expect(reply.json.field).toBe(field)
    expect((await rim.read()).json.entries).toEqual([])
  })

  it('[HT2] ignores keys beside type and data', async () => {
    const rim = await Rim.start()
    expect((await rim.post({ ...said('x'), by: 'somebody', offset: 9 })).status).toBe(201)
    expect((await rim.read()).json.entries[0]).not.toHaveProperty('by')
  })

  it('[HT10] refuses what is not JSON: 400', async () => {
    const rim = await Rim.start()
    const bodies = ['', '{', '{"type":"said","data":{"text":"x"}} trailing', "{'type':'said'}", '\u0000']
    for (const body of bodies)
      expect(await rim.post(body)).toMatchObject({ status: 400, json: { code: 'bad-request' } })
    const invalid = Buffer.from([
      ...Buffer.from('{"type":"said","data":{"text":"'),
      0xff,
      0xfe,
      ...Buffer.from('"}}'),
    ])
    expect(await rim.post(invalid)).toMatchObject({ status: 400, json: { detail: 'The body is not UTF-8.' } })
  })

  it('[HT10] refuses nesting without parsing it', async () => {
    const rim = await Rim.start()
    const deep = `{"type":"said","data":${'['.repeat(100_000)}${']'.repeat(100_000)}}`
    expect(await rim.post(deep)).toMatchObject({ status: 400, json: { code: 'bad-request' } })
  })

  it('[HT10] refuses another content type: 415', async () => {
    const rim = await Rim.start()
    for (const type of [
      'text/plain',
      'application/x-www-form-urlencoded',
      'application/json; charset=latin1',
      'application/jsonp',
      ',',
    ]) {
      expect(await rim.post(said('x'), { 'content-type': type })).toMatchObject({
        status: 415,
        json: { code: 'unsupported-media-type' },
      })
    }
    expect((await rim.post(said('x'), { 'content-type': 'Application/JSON; Charset="UTF-8"' })).status).toBe(
      201,
    )
  })

  it('[HT10] refuses packed bodies: a bomb costs nothing', async () => {
    const rim = await Rim.start()
    const bomb = gzipSync(Buffer.alloc(10_000_000, 0x20))
    const reply = await rim.post(bomb, { 'content-encoding': 'gzip' })
    expect(reply).toMatchObject({ status: 415, json: { field: 'content-encoding' } })
  })

  it('[HT10] takes a body of the limit, and refuses one byte more: 413', async () => {
    const rim = await Rim.start({ limits: { bodyBytes: 200, messageBytes: 100, helloBytes: 100 } })
    const empty = JSON.stringify(said('')).length
    expect((await rim.post(said('x'.repeat(200 - empty)))).status).toBe(201)
    expect(await rim.post(said('x'.repeat(201 - empty)))).toMatchObject({
      status: 413,
      json: { code: 'too-large' },
    })
  })

  it('[HT10] lets the sender of a body that is far too large read the answer, and goes on with the connection', async () => {
    const rim = await Rim.start()
    const agent = new Agent({ keepAlive: true, maxSockets: 1 })
    const headers = {
      authorization: `Bearer ${KEY}`,
      'content-type': 'application/json',
      'transfer-encoding': 'chunked',
    }
    const big = await rim.ask(eventsPath('note/lobby'), {
      method: 'POST',
      agent,
      headers,
      body: 'x'.repeat(2_000_000),
    })
    expect(big.status).toBe(413)
    expect((await rim.ask('/healthz', { agent })).status).toBe(200)
    agent.destroy()
  })

  it('[HT10] ends the connection of somebody who sends without end', async () => {
    const rim = await Rim.start()
    const socket = connect(rim.port, '127.0.0.1')
    let heard = ''
    socket.on('data', (chunk) => {
      heard += chunk.toString()
    })
    let isClosed = false
    socket.on('error', () => {})
    socket.on('close', () => {
      isClosed = true
    })
    socket.write(
      `POST ${eventsPath('note/lobby')} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${KEY}\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n`,
    )
    const chunk = `${(65_536).toString(16)}\r\n${'x'.repeat(65_536)}\r\n`
    const pump = () => {
      while (!isClosed && socket.write(chunk)) {}
    }
    socket.on('drain', pump)
    pump()
    await until(() => isClosed)
    expect(heard).toContain('HTTP/1.1 413')
    expect(socket.bytesWritten).toBeLessThan(30_000_000)
  })

  it('[HT10] gives up on a body that does not arrive within 10 s: 408', async () => {
    const rim = await Rim.start()
    const socket = connect(rim.port, '127.0.0.1')
    let heard = ''
    socket.on('data', (chunk) => {
      heard += chunk.toString()
    })
    socket.write(
      `POST ${eventsPath('note/lobby')} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${KEY}\r\ncontent-type: application/json\r\ncontent-length: 50\r\n\r\n{"type"`,
    )
    await until(() => rim.clock.pendingTimers > 1)
    await rim.clock.advance(9_999)
    expect(heard).toBe('')
    await rim.clock.advance(1)
    await until(() => heard.includes('request-timeout'))
    expect(heard).toMatch(/^HTTP\/1\.1 408 /)
    await until(() => socket.closed)
  })

  it('publishes nothing when the connection breaks in the middle of the body', async () => {
    const rim = await Rim.start()
    const socket = connect(rim.port, '127.0.0.1')
    socket.write(
      `POST ${eventsPath('note/lobby')} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${KEY}\r\ncontent-type: application/json\r\ncontent-length: 50\r\n\r\n{"type"`,
    )
    await until(() => rim.clock.pendingTimers > 1)
    socket.destroy()
    await until(() => rim.happenings.some(({ name }) => name === 'refused'))
    expect((await rim.read()).json.entries).toEqual([])
  })

  it('[PB8] says 503 with unavailable when the log cannot be written, and goes on once it can', async () => {
    const broker = memoryBroker()
    const append = broker.append.bind(broker)
    let isBroken = true
    broker.append = (request) =>
      isBroken ? Promise.reject(new TidingsError('unavailable', 'The disk is full.')) : append(request)
    const rim = await Rim.start({ broker })
    expect(await rim.post(said('x'))).toMatchObject({
      status: 503,
      json: { code: 'unavailable', detail: 'The disk is full.' },
    })
    isBroken = false
    expect((await rim.post(said('x'))).json.firstOffset).toBe(1)
  })

  it('keeps the details of an unforeseen failure to itself, and counts it', async () => {
    const broker = memoryBroker()
    broker.append = () => Promise.reject(new Error('the secret path /home/ada'))
    const rim = await Rim.start({ broker })
    const reply = await rim.post(said('x'))
    expect(reply).toMatchObject({ status: 500, json: { code: 'internal' } })
    expect(reply.text).not.toContain('ada')
    expect(rim.happenings).toContainEqual(expect.objectContaining({ name: 'fault' }))
  })
})

describe('writes that are sent again', () => {
  it('[HT3] appends once for one key and body, plain or quoted', async () => {
    const rim = await Rim.start()
    const first = await rim.post(said('x'), { 'idempotency-key': 'order-1' })
    expect(first.status).toBe(201)
    const again = await rim.post(said('x'), { 'idempotency-key': '"order-1"' })
    expect(again.status).toBe(200)
    expect(again.json).toEqual({ ...first.json, duplicate: true })
    expect((await rim.read()).json.entries).toHaveLength(1)
  })

  it('[row 29] [HT3] appends once for a hundred at the same time', async () => {
    const rim = await Rim.start()
    const replies = await Promise.all(
      Array.from({ length: 100 }, () => rim.post(said('x'), { 'idempotency-key': 'k' })),
    )
    expect(replies.filter(({ status }) => status === 201)).toHaveLength(1)
    expect(new Set(replies.map(({ json }) => json.position)).size).toBe(1)
  })

  it('[row 30] [HT3] refuses another body under the same key: 409', async () => {
    const rim = await Rim.start()
    await rim.post(said('x'), { 'idempotency-key': 'k' })
    expect(await rim.post(said('y'), { 'idempotency-key': 'k' })).toMatchObject({
      status: 409,
      json: { code: 'conflict' },
    })
    expect((await rim.read()).json.entries).toHaveLength(1)
  })

  it('[HT3] takes keys of backends, and of each user, for their own', async () => {
    const rim = await Rim.start()
    const headers = (name: string) => ({ 'idempotency-key': 'k', authorization: `Bearer ${name}` })
    expect((await rim.post(said('x'), headers('user:ada'))).status).toBe(201)
    expect((await rim.post(said('y'), headers('user:bob'))).status).toBe(201)
    expect((await rim.post(said('z'), headers(KEY))).status).toBe(201)
    expect((await rim.post(said('x'), headers('user:ada'))).status).toBe(200)
  })

  it.each(['constructor', '__proto__', 'toString', '"with \\"quotes\\" and \\\\"'])(
    '[HT3] takes the key %s as text',
    async (key) => {
      const rim = await Rim.start()
      expect((await rim.post(said('x'), { 'idempotency-key': key })).status).toBe(201)
      expect((await rim.post(said('x'), { 'idempotency-key': key })).status).toBe(200)
    },
  )

  it.each(['', 'a b', '"open', 'a, b', '"a";p=1', 'ä'])('[HT3] refuses the key %j', async (key) => {
    const rim = await Rim.start()
    expect(await rim.post(said('x'), { 'idempotency-key': key })).toMatchObject({
      status: 400,
      json: { field: 'idempotency-key' },
    })
  })

  it('[HT3] takes a key of 255 characters, and none of 256', async () => {
    const rim = await Rim.start()
    expect((await rim.post(said('x'), { 'idempotency-key': 'a'.repeat(255) })).status).toBe(201)
    expect((await rim.post(said('x'), { 'idempotency-key': 'a'.repeat(256) })).status).toBe(400)
  })

  const producer = (epoch: number, seq: number, id = 'worker') => ({
    'producer-id': id,
    'producer-epoch': epoch,
    'producer-seq': seq,
  })

  it('[HT4] appends a producer’s numbers once each, from 0', async () => {
    const rim = await Rim.start()
    const first = await rim.post(said('a'), producer(0, 0))
    expect(first.status).toBe(201)
    expect((await rim.post(said('b'), producer(0, 1))).status).toBe(201)
    const again = await rim.post(said('a'), producer(0, 0))
    expect(again).toMatchObject({ status: 200, json: { position: first.json.position, duplicate: true } })
    expect((await rim.read()).json.entries).toHaveLength(2)
  })

  it('[HT4] answers a gap by 409 with the number expected and the number received', async () => {
    const rim = await Rim.start()
    await rim.post(said('a'), producer(0, 0))
    const gap = await rim.post(said('c'), producer(0, 2))
    expect(gap).toMatchObject({ status: 409, json: { code: 'sequence-gap' } })
    expect(gap.headers).toMatchObject({ 'producer-expected-seq': '1', 'producer-received-seq': '2' })
  })

  it('[HT4] fences an old epoch off: 403 with the newest', async () => {
    const rim = await Rim.start()
    await rim.post(said('a'), producer(0, 0))
    expect((await rim.post(said('b'), producer(3, 0))).status).toBe(201)
    const fenced = await rim.post(said('c'), producer(0, 1))
    expect(fenced).toMatchObject({ status: 403, json: { code: 'fenced' } })
    expect(fenced.headers['producer-epoch']).toBe('3')
  })

  it('[AU7] takes the same producer of another user for another producer', async () => {
    const rim = await Rim.start()
    for (const user of ['ada', 'bob']) {
      expect(
        (await rim.post(said('a'), { ...producer(0, 0), authorization: `Bearer user:${user}` })).status,
      ).toBe(201)
    }
  })

  it.each([
    [{ 'producer-id': 'w' }, 'producer-epoch'],
    [{ 'producer-id': 'w', 'producer-epoch': '0' }, 'producer-seq'],
    [{ 'producer-epoch': '0', 'producer-seq': '0' }, 'producer-id'],
    [{ ...producer(0, 0), 'producer-seq': '-1' }, 'producer-seq'],
    [{ ...producer(0, 0), 'producer-seq': '1e3' }, 'producer-seq'],
    [{ ...producer(0, 0), 'producer-epoch': '9007199254740992' }, 'producer-epoch'],
    [{ ...producer(0, 0), 'producer-epoch': '01' }, 'producer-epoch'],
    [{ ...producer(0, 0), 'idempotency-key': 'k' }, 'idempotency-key'],
  ])('[HT4] refuses the producer headers %j', async (headers, field) => {
    const rim = await Rim.start()
    expect(await rim.post(said('a'), headers)).toMatchObject({ status: 400, json: { field } })
  })
})

describe('history', () => {
  it('[HT5] answers the oldest entries kept, and goes on after a position', async () => {
    const rim = await Rim.start()
    for (const text of ['a', 'b', 'c']) await rim.post(said(text))
    const first = await rim.read('?limit=2')
    expect(first.json).toMatchObject({
      isComplete: false,
      entries: [{ data: { text: 'a' } }, { data: { text: 'b' } }],
    })
    const rest = await rim.read(`?after=${first.json.position}`)
    expect(rest.json).toMatchObject({ isComplete: true, entries: [{ offset: 3, data: { text: 'c' } }] })
    expect((await rim.read(`?after=${rest.json.position}`)).json).toEqual({
      position: rest.json.position,
      isComplete: true,
      entries: [],
    })
    expect((await rim.read('?after=now')).json).toEqual({
      position: rest.json.position,
      isComplete: true,
      entries: [],
    })
    expect(first.headers['cache-control']).toBe('no-store')
  })

  it('[HT5] answers a position that cannot be honoured by 410 with the reason', async () => {
    const rim = await Rim.start()
    await rim.post(said('a'))
    const { position } = (await rim.read()).json
    const [epoch, offset, tag] = position.split(':')
    const cases = [
      [`other:1:${tag}`, 'epoch'],
      [`${epoch}:9:${tag}`, 'ahead'],
      [`${epoch}:${offset}:wrong`, 'fork'],
    ]
    for (const [after, reason] of cases) {
      expect(await rim.read(`?after=${after}`)).toMatchObject({
        status: 410,
        json: { code: 'reset', reason, position },
      })
    }
  })

  it.each([
    'nonsense',
    '1',
    'e:-1:t',
    'e:1e9:t',
    'e:1:',
    'e:0:t',
    'e:9007199254740993:t',
    '',
    '../../etc',
    '__proto__',
  ])('[HT5] refuses the position %j: 400', async (after) => {
    const rim = await Rim.start()
    const reply = await rim.read(`?after=${encodeURIComponent(after)}`)
    expect(reply).toMatchObject({ status: 400, json: { code: 'bad-position', field: 'after' } })
  })

  it.each(['-1', '1001', 'ten', '1.5', '', '99999'])('[HT5] refuses the limit %j: 400', async (limit) => {
    const rim = await Rim.start()
    expect(await rim.read(`?limit=${limit}`)).toMatchObject({ status: 400, json: { field: 'limit' } })
  })

  it('[HT5] takes a limit of 0 for a question about the position alone, from which nothing is skipped', async () => {
    const rim = await Rim.start()
    await rim.post(said('a'))
    const head = (await rim.read()).json.position
    const ask = async (after: string) => (await rim.read(`?limit=0&after=${after}`)).json
    expect(await ask('now')).toEqual({ position: head, isComplete: true, entries: [] })
    expect(await ask(head)).toEqual({ position: head, isComplete: true, entries: [] })
    const before = expect.stringMatching(/^\w+:0:$/)
    expect(await ask('start')).toEqual({ position: before, isComplete: false, entries: [] })
    expect(await rim.read('?limit=0&after=x:1:y')).toMatchObject({ status: 410, json: { reason: 'epoch' } })
  })
})

describe('addresses and methods', () => {
  it('[HT1] takes the channel as one percent-encoded segment, and says so where it is not one', async () => {
    const rim = await Rim.start()
    const reply = await rim.ask('/v1/channels/note/lobby/events', {
      headers: { authorization: `Bearer ${KEY}` },
    })
    expect(reply).toMatchObject({ status: 404, json: { code: 'not-found' } })
    expect(reply.json.detail).toContain('/v1/channels/note%2Flobby/events')
  })

  it.each([
    'note',
    'note%2F',
    '%2Fnote',
    'note%2Fa%2Fb',
    'note%2F..',
    'note%2F%00',
    'note%2Fa%20b',
    'note%2F%2A',
    '__proto__',
    'constructor',
    'other%2Fx',
    'note%2F%C3%A9',
  ])('[HT1] knows no channel %s: 404', async (segment) => {
    const rim = await Rim.start()
    const reply = await rim.ask(`/v1/channels/${segment}/events`, {
      headers: { authorization: `Bearer ${KEY}` },
    })
    expect(reply).toMatchObject({ status: 404, json: { code: 'unknown-channel' } })
  })

  it('[HT1] knows no channel of more than 255 characters: 404', async () => {
    const rim = await Rim.start()
    expect((await rim.read('', {}, `note/${'x'.repeat(250)}`)).status).toBe(200)
    expect((await rim.read('', {}, `note/${'x'.repeat(251)}`)).status).toBe(404)
  })

  it('[HT1] refuses a channel whose encoding is broken: 400', async () => {
    const rim = await Rim.start()
    const reply = await rim.ask('/v1/channels/note%2Fa%ZZ/events', {
      headers: { authorization: `Bearer ${KEY}` },
    })
    expect(reply).toMatchObject({ status: 400, json: { field: 'channel' } })
  })

  it.each([
    ['PUT', '/v1/channels/note%2Flobby/events', 'GET, HEAD, POST, OPTIONS'],
    ['DELETE', '/v1/channels/note%2Flobby/presence', 'GET, HEAD, OPTIONS'],
    ['POST', '/healthz', 'GET, HEAD, OPTIONS'],
    ['PATCH', '/metrics', 'GET, HEAD, OPTIONS'],
  ])('[HT10] refuses %s at %s: 405 with Allow', async (method, path, allow) => {
    const rim = await Rim.start()
    const reply = await rim.ask(path, { method, headers: { authorization: `Bearer ${KEY}` } })
    expect(reply).toMatchObject({ status: 405, json: { code: 'method-not-allowed' } })
    expect(reply.headers.allow).toBe(allow)
  })

  it.each([
    '/v1',
    '/v1/',
    '/v1/nothing',
    '/v1/channels/note%2Flobby',
    '/v1/channels/note%2Flobby/events/',
    '/v1/../etc',
    '//',
  ])('[HT1] has nothing at %s: 404', async (path) => {
    const rim = await Rim.start()
    expect(await rim.ask(path)).toMatchObject({ status: 404, json: { code: 'not-found' } })
  })

  it('answers HEAD as GET without a body, also for a stream', async () => {
    const rim = await Rim.start()
    const headers = { authorization: `Bearer ${KEY}` }
    expect(await rim.ask(eventsPath('note/lobby'), { method: 'HEAD', headers })).toMatchObject({
      status: 200,
      text: '',
    })
    const stream = await rim.ask(eventsPath('note/lobby'), {
      method: 'HEAD',
      headers: { ...headers, accept: 'text/event-stream' },
    })
    expect(stream).toMatchObject({ status: 200, text: '', headers: { 'content-type': 'text/event-stream' } })
  })

  it('[CN1] tells a plain GET of the socket’s address to upgrade: 426', async () => {
    const rim = await Rim.start()
    const reply = await rim.ask('/v1/socket')
    expect(reply).toMatchObject({
      status: 426,
      json: { code: 'unsupported-version' },
      headers: { upgrade: 'websocket' },
    })
  })

  it('understands a target with scheme and host, as proxies send it', async () => {
    const rim = await Rim.start()
    expect(
      await rim.raw(`GET http://x.example/healthz HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n`),
    ).toContain('HTTP/1.1 200')
  })
})

describe('presence', () => {
  it('[HT7] answers who is here', async () => {
    const rim = await Rim.start()
    const headers = { authorization: `Bearer ${KEY}` }
    const path = '/v1/channels/note%2Flobby/presence'
    expect((await rim.ask(path, { headers })).json).toEqual({ total: 0, members: [] })
    const ada = await rim.welcomed('user:ada')
    ada.send({ type: 'enter', id: 1, channel: 'note/lobby', state: { name: 'Ada' } })
    await until(() => ada.text.includes('entered'))
    expect((await rim.ask(path, { headers })).json).toEqual({
      total: 1,
      members: [{ id: expect.any(String), user: 'ada', state: { name: 'Ada' } }],
    })
  })
})

describe('who asks', () => {
  it('[HT9] refuses a wrong key, and whoever gives none to publish: 401', async () => {
    const rim = await Rim.start()
    for (const authorization of [
      'Bearer wrong',
      `Bearer ${KEY}x`,
      `Bearer ${KEY.slice(1)}`,
      'Basic YTpi',
      'Bearer',
      `${KEY}`,
      `Bearer ${KEY} x`,
      '',
    ]) {
      const reply = await rim.post(said('x'), { authorization })
      expect(reply).toMatchObject({ status: 401, json: { code: 'unauthenticated', field: 'authorization' } })
      expect(reply.headers['www-authenticate']).toContain('Bearer')
    }
    const reply = await rim.ask(eventsPath('note/lobby'), {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(said('x')),
    })
    expect(reply.status).toBe(401)
    expect((await rim.read()).json.entries).toEqual([])
  })

  it('[HT9] lets a user publish and read by token, and refuses one who may not: 403', async () => {
    const rim = await Rim.start()
    expect((await rim.post(said('x'), { authorization: 'Bearer user:ada' })).status).toBe(201)
    expect((await rim.read('', { authorization: 'bearer  user:ada' })).status).toBe(200)
    for (const reply of [
      await rim.post(said('x'), { authorization: 'Bearer user:mallory' }),
      await rim.read('', { authorization: 'Bearer user:mallory' }),
    ]) {
      expect(reply).toMatchObject({ status: 403, json: { code: 'forbidden' } })
    }
  })

  it('[AU3] says nothing about channels to somebody who may not', async () => {
    const rim = await Rim.start()
    expect((await rim.read('', { authorization: 'Bearer wrong' }, 'no/such/channel')).status).toBe(401)
  })

  it('[HT9] compares the channels of a key by segments', async () => {
    const rim = await Rim.start()
    const headers = { authorization: `Bearer ${NOTE_KEY}` }
    expect((await rim.post(said('x'), headers, 'note/one')).status).toBe(201)
    expect((await rim.read('', headers, 'note/one')).status).toBe(200)
    for (const channel of ['note/two', 'note/on', 'note/one1', 'note/sub']) {
      expect(await rim.post(said('x'), headers, channel)).toMatchObject({
        status: 403,
        json: { code: 'forbidden' },
      })
      expect((await rim.read('', headers, channel)).status).toBe(403)
    }
  })

  it('[HT9] believes no other header about who somebody is', async () => {
    const rim = await Rim.start()
    const reply = await rim.ask(eventsPath('note/lobby'), {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'x-user-id': 'ada',
        'x-forwarded-user': 'ada',
        'remote-user': 'ada',
        cookie: 'session=ada',
      },
      body: JSON.stringify(said('x')),
    })
    expect(reply.status).toBe(401)
  })

  it('[AU2] counts cookies of an allowed origin, and of a page of the server’s own', async () => {
    const rim = await Rim.start()
    const post = (headers: Record<string, string>) =>
      rim.ask(eventsPath('note/lobby'), {
        method: 'POST',
        headers: { 'content-type': 'application/json', cookie: 'a=b; session=ada', ...headers },
        body: JSON.stringify(said('x')),
      })
    expect((await post({ origin: 'https://app.example.com' })).status).toBe(201)
    expect((await post({ origin: `http://${rim.host}` })).status).toBe(201)
    expect((await post({ 'sec-fetch-site': 'same-origin' })).status).toBe(201)
    expect((await post({ 'sec-fetch-site': 'cross-site' })).status).toBe(401)
    expect((await post({})).status).toBe(401)
  })

  it.each([
    'null',
    'https://app.example.com.evil.com',
    'https://evil-app.example.com',
    'https://app.example.com:443',
    'https://app.example.com:8443',
    'http://app.example.com',
    'HTTPS://APP.EXAMPLE.COM',
    'https://app.example.com/',
    'https://app.example.com, https://app.example.com',
    'https://user@app.example.com',
    'https://аpp.example.com',
    '',
  ])('[AU2] refuses a page of %j: 403', async (origin) => {
    const rim = await Rim.start()
    const reply = await rim.read('', { origin: Buffer.from(origin).toString('latin1') })
    expect(reply).toMatchObject({ status: 403, json: { code: 'origin-refused' } })
    expect(reply.headers).not.toHaveProperty('access-control-allow-origin')
  })

  it('lets pages of allowed origins ask first, and read the answer', async () => {
    const rim = await Rim.start()
    const origin = 'https://app.example.com'
    const preflight = await rim.ask(eventsPath('note/lobby'), {
      method: 'OPTIONS',
      headers: {
        origin,
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'content-type',
      },
    })
    expect(preflight.status).toBe(204)
    expect(preflight.headers).toMatchObject({
      'access-control-allow-origin': origin,
      'access-control-allow-methods': 'GET, HEAD, POST, OPTIONS',
      vary: 'origin',
    })
    expect(preflight.headers['access-control-allow-headers']).toContain('idempotency-key')
    const refused = await rim.post(said(''), { origin })
    expect(refused).toMatchObject({ status: 422, headers: { 'access-control-allow-origin': origin } })
    const foreign = await rim.ask(eventsPath('note/lobby'), {
      method: 'OPTIONS',
      headers: { origin: 'https://evil.com' },
    })
    expect(foreign.status).toBe(403)
  })

  it('makes guessing slow: an address that was wrong too often is not told any more', async () => {
    const rim = await Rim.start({ limits: { failureBurst: 3 } })
    for (let i = 0; i < 3; i++)
      expect((await rim.post(said('x'), { authorization: `Bearer guess${i}` })).status).toBe(401)
    const limited = await rim.post(said('x'))
    expect(limited).toMatchObject({ status: 429, json: { code: 'rate-limited', retryAfterMs: 1_000 } })
    expect(limited.headers['retry-after']).toBe('1')
    await rim.clock.advance(1_000)
    expect((await rim.post(said('x'))).status).toBe(201)
  })

  it('limits how fast one key may ask, and not the others', async () => {
    const rim = await Rim.start({ limits: { requestBurst: 2, requestsPerSecond: 1 } })
    expect((await rim.read()).status).toBe(200)
    expect((await rim.read()).status).toBe(200)
    expect(await rim.read()).toMatchObject({ status: 429, headers: { 'retry-after': '1' } })
    expect((await rim.read('', { authorization: 'Bearer user:ada' })).status).toBe(200)
    await rim.clock.advance(1_000)
    expect((await rim.read()).status).toBe(200)
  })
})

describe('hostile requests', () => {
  it('closes a connection whose headers do not come', async () => {
    const rim = await Rim.start()
    expect(rim.http.headersTimeout).toBe(10_000)
    rim.http.headersTimeout = 200
    const [silent, slow] = await Promise.all([rim.raw(''), rim.raw('GET /healthz HTTP/1.1\r\nx: ')])
    expect(silent).toMatch(/^(HTTP\/1\.1 408|$)/)
    expect(slow).toMatch(/^HTTP\/1\.1 408/)
  })

  it('survives two thousand headers, and refuses more than 16 KB of them: 431', async () => {
    const rim = await Rim.start()
    const many = Array.from({ length: 2_000 }, () => 'a:b\r\n').join('')
    expect(await rim.raw(`GET /healthz HTTP/1.1\r\nhost: x\r\nconnection: close\r\n${many}\r\n`)).toMatch(
      /^HTTP\/1.1 (200|431) /,
    )
    const large = Array.from({ length: 2_000 }, (_, i) => `header-${i}: value\r\n`).join('')
    expect(await rim.raw(`GET /healthz HTTP/1.1\r\nhost: x\r\n${large}\r\n`)).toContain('HTTP/1.1 431')
    expect((await rim.ask('/healthz')).status).toBe(200)
  })

  it('takes headers with names of the prototype for headers', async () => {
    const rim = await Rim.start()
    const reply = await rim.raw(
      `GET ${eventsPath('note/lobby')} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n__proto__: x\r\nconstructor: y\r\ntoString: z\r\nhasOwnProperty: w\r\nauthorization: Bearer ${KEY}\r\n\r\n`,
    )
    expect(reply).toContain('HTTP/1.1 200')
    expect(({} as Record<string, unknown>).x).toBeUndefined()
  })

  it('refuses what is not HTTP, and answers HTTP/1.0', async () => {
    const rim = await Rim.start()
    expect(await rim.raw('NONSENSE\r\n\r\n')).toContain('HTTP/1.1 400')
    expect(
      await rim.raw(
        `POST ${eventsPath('note/lobby')} HTTP/1.1\r\nhost: x\r\ncontent-length: 1\r\ntransfer-encoding: chunked\r\n\r\n`,
      ),
    ).toContain('400')
    expect(await rim.raw('GET /healthz HTTP/1.0\r\n\r\n')).toContain(' 200 ')
    expect((await rim.ask('/healthz')).status).toBe(200)
  })

  it('answers a GET that brings a body, and does not wait for it', async () => {
    const rim = await Rim.start()
    expect(
      await rim.raw(
        `GET /healthz HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-length: 1000000\r\n\r\nx`,
      ),
    ).toContain('HTTP/1.1 200')
  })

  it('leaves no socket behind after a thousand broken requests', async () => {
    const rim = await Rim.start({ limits: { failureBurst: 10_000 } })
    const agent = new Agent({ keepAlive: true, maxSockets: 20 })
    for (let round = 0; round < 50; round++) {
      const broken = ['{', '[]', '{"type":1}', 'x'.repeat(5_000)]
      await Promise.all(
        Array.from({ length: 20 }, (_, i) =>
          rim.ask(eventsPath('note/lobby'), {
            agent,
            method: 'POST',
            headers: {
              authorization: i % 2 ? `Bearer ${KEY}` : 'Bearer wrong',
              'content-type': i % 3 ? 'application/json' : 'text/plain',
            },
            body: broken[i % 4] as string,
          }),
        ),
      )
    }
    agent.destroy()
    await until(() => rim.clock.pendingTimers <= 1)
    const open = await new Promise<number>((resolve) =>
      rim.http.getConnections((_error, count) => resolve(count)),
    )
    expect(open).toBeLessThanOrEqual(20)
    expect((await rim.post(said('x'))).status).toBe(201)
  })
})

describe('for those who watch', () => {
  it('[HT8] is healthy while it lives, and ready while the log can be reached and nobody drains', async () => {
    const broker = memoryBroker()
    let problem: string | undefined
    broker.problem = () => problem
    const rim = await Rim.start({ broker })
    expect(await rim.ask('/healthz')).toMatchObject({ status: 200, json: { status: 'ok' } })
    expect(await rim.ask('/readyz')).toMatchObject({ status: 200, json: { status: 'ready' } })
    problem = 'The disk is full.'
    expect(await rim.ask('/readyz')).toMatchObject({
      status: 503,
      json: { code: 'unavailable', detail: 'The disk is full.' },
    })
    expect((await rim.ask('/healthz')).status).toBe(200)
    expect((await rim.ask('/metrics')).text).toContain('tidings_broker_up 0')
    problem = undefined
    const stream = await rim.stream()
    expect(stream.status).toBe(200)
    const dialled = await rim.welcomed()
    const closing = rim.server.close({ drainMs: 10_000 })
    expect(await rim.ask('/readyz')).toMatchObject({ status: 503, json: { code: 'draining' } })
    expect((await rim.ask('/healthz')).status).toBe(200)
    dialled.webSocket.close()
    await rim.clock.advance(10_000)
    await closing
  })

  it('[HT8] counts in Prometheus’ format, without names from outside', async () => {
    const rim = await Rim.start()
    await rim.post(said('x'))
    await rim.post(said('x'), { authorization: 'Bearer wrong' })
    const ada = await rim.welcomed('user:ada')
    ada.send({ type: 'subscribe', id: 1, channel: 'note/lobby' })
    await until(() => ada.text.includes('"live"'))
    const reply = await rim.ask('/metrics')
    expect(reply.headers['content-type']).toContain('text/plain; version=0.0.4')
    for (const line of [
      'tidings_connections 1',
      'tidings_subscriptions_live 1',
      'tidings_subscriptions_catching_up 0',
      'tidings_entries_appended_total 1',
      'tidings_refusals_total{what="POST",code="unauthenticated"} 1',
      'tidings_publish_seconds_count 1',
      'tidings_verdicts_total{verdict="fresh"} 1',
    ]) {
      expect(reply.text.split('\n')).toContain(line)
    }
    expect(reply.text).toContain('nodejs_eventloop_lag_seconds')
    expect(reply.text).not.toContain('lobby')
    expect(reply.text).not.toContain('ada')
    expect(await rim.server.metrics()).toContain('tidings_connections 1')
  })
})

describe('metrics', () => {
  const TOKEN = 'a-token-for-the-scraper-01'
  const bearer = (token: string) => ({ authorization: `Bearer ${token}` })

  it('[HT8] are for the machine itself, unless a proxy passes the request on', async () => {
    const rim = await Rim.start()
    expect((await rim.ask('/metrics')).status).toBe(200)
    for (const name of ['x-forwarded-for', 'forwarded', 'x-real-ip', 'via']) {
      const reply = await rim.ask('/metrics', { headers: { [name]: '127.0.0.1' } })
      expect(reply.status).toBe(403)
      expect(reply.json.detail).toContain('TIDINGS_METRICS_TOKEN')
      expect(reply.text).not.toContain('tidings_connections')
    }
  })

  it('[HT8] behind a proxy that is trusted, it counts where the request came from', async () => {
    const rim = await Rim.start({ trustedProxies: ['127.0.0.1'] })
    expect((await rim.ask('/metrics', { headers: { 'x-forwarded-for': '203.0.113.7' } })).status).toBe(403)
  })

  it('[HT8] with a token are for whoever brings it, from anywhere', async () => {
    const rim = await Rim.start({ metrics: { token: TOKEN } })
    const from = { 'x-forwarded-for': '203.0.113.7' }
    const ask = async (headers: Record<string, string>) =>
      (await rim.ask('/metrics', { headers: { ...from, ...headers } })).status
    expect(await ask(bearer(TOKEN))).toBe(200)
    for (const wrong of [{}, bearer(`${TOKEN}x`), bearer(KEY), { authorization: TOKEN }])
      expect(await ask(wrong as Record<string, string>)).toBe(401)
  })

  it('[HT8] may be public', async () => {
    const rim = await Rim.start({ metrics: 'public' })
    expect((await rim.ask('/metrics', { headers: { 'x-forwarded-for': '203.0.113.7' } })).status).toBe(200)
  })

  it('a token that no header can carry is refused at the start', async () => {
    await expect(Rim.start({ metrics: { token: 'with a space' } })).rejects.toThrow(/token for metrics/)
  })
})

describe('in an application', () => {
  it('publishes by the contract’s types, once for one key', async () => {
    const rim = await Rim.start()
    const ref = note({ room: 'lobby' })
    const first = await rim.server.publish(ref, 'said', { text: 'x' }, { idempotencyKey: 'k' })
    expect(first.isDuplicate).toBe(false)
    expect(await rim.server.publish(ref, 'said', { text: 'x' }, { idempotencyKey: 'k' })).toEqual({
      ...first,
      isDuplicate: true,
    })
    expect(await rim.server.position(ref)).toEqual(first.position)
    // Over HTTP the same key is another one: the two know different things of what was sent.
    const overHttp = await rim.post({ type: 'said', data: { text: 'x' } }, { 'idempotency-key': 'k' })
    expect(overHttp.status).toBe(201)
    expect(await rim.server.publish(ref, 'said', { text: 'x' }, { idempotencyKey: 'k' })).toMatchObject({
      isDuplicate: true,
    })
    await expect(
      rim.server.publish(ref, 'said', { text: 'y' }, { idempotencyKey: 'k' }),
    ).rejects.toMatchObject({ code: 'conflict' })
    expect(await rim.server.position(ref)).toMatchObject({ offset: 2 })
    expect(rim.server.presence(ref)).toEqual({ total: 0, members: [] })
    await expect(rim.server.publish(ref, 'said', { text: '' })).rejects.toMatchObject({
      code: 'invalid-data',
      field: 'data.text',
    })
  })
})
