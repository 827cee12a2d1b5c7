// Peers that are hostile before they are anybody: connections, upgrades, the first frame.

import './prototypes.ts'
import { describe, expect, it } from 'vitest'
import { PROTOTYPE_NAMES } from './prototypes.ts'
import type { Raw } from './raw.ts'
import { Target } from './target.ts'
import { until } from './until.ts'
import { frame, upgradeRequest } from './wire.ts'

/** Writes one byte every few milliseconds until there are none, or the connection is over. */
async function drip(raw: Raw, bytes: string | Buffer): Promise<void> {
  for (const byte of Buffer.from(bytes)) {
    if (raw.isOver) return
    raw.socket.write(Buffer.of(byte))
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
}

/** Time that the server's own look-outs take at most beyond a deadline, in milliseconds. */
const LOOK_MS = 2_500

describe('connections that say nothing, or not enough', () => {
  it('[row 1] two hundred silent connections are closed by the header timeout, and none is left', async () => {
    const target = await Target.start({ headersTimeoutMs: 300 })
    const silent = Array.from({ length: 200 }, () => target.tcp())
    await until(async () => (await target.sockets) === 200)
    await Promise.all(silent.map(({ ended }) => ended))
    await until(async () => (await target.sockets) === 0)
    expect(await target.isWell()).toBe(true)
  })

  it('[row 1] without a setting of its own the server gives a silent peer ten seconds at most', async () => {
    const target = await Target.start()
    expect(target.http.headersTimeout).toBeLessThanOrEqual(10_000)
    expect(target.http.headersTimeout).toBeGreaterThan(0)
  })

  it('[row 2] an upgrade that arrives a byte at a time is closed by the header timeout, however alive it is', async () => {
    const target = await Target.start({ headersTimeoutMs: 300 })
    const raw = target.tcp()
    const began = performance.now()
    const all = upgradeRequest(target.port, { 'x-padding': 'x'.repeat(2_000) })
    await drip(raw, all)
    await raw.ended
    expect(performance.now() - began).toBeLessThan(300 + LOOK_MS)
    expect(raw.text).not.toContain('101')
  })

  it('[row 3] [CN3] an upgrade and then silence is closed with 4408', async () => {
    const target = await Target.start({ limits: { helloTimeoutMs: 300 } })
    const began = performance.now()
    const silent = await Promise.all(Array.from({ length: 50 }, () => target.upgraded()))
    expect(new Set(await Promise.all(silent.map((raw) => raw.closed())))).toEqual(new Set([4408]))
    expect(performance.now() - began).toBeLessThan(300 + LOOK_MS)
  })

  it.each([
    [
      'a hello a byte at a time',
      frame(1, JSON.stringify({ type: 'hello', producer: 'p'.repeat(64), token: 't'.repeat(900) })),
    ],
    ['pings without end', Buffer.concat(Array.from({ length: 150 }, () => frame(9, '')))],
    [
      'a message that never ends',
      Buffer.concat([
        frame(1, '{', { fin: false }),
        ...Array.from({ length: 60 }, () => frame(0, ' ', { fin: false })),
      ]),
    ],
  ])('[row 3] [CN3] %s does not put the hello’s deadline off', async (_what, bytes) => {
    const target = await Target.start({ limits: { helloTimeoutMs: 300 } })
    const raw = await target.upgraded()
    const began = performance.now()
    const dripping = drip(raw, bytes)
    expect(await raw.closed()).toBe(4408)
    expect(performance.now() - began).toBeLessThan(300 + LOOK_MS)
    raw.socket.destroy()
    await dripping
  })

  it('[row 3] [CN3] an authenticate that never answers does not put it off either', async () => {
    const target = await Target.start({
      limits: { helloTimeoutMs: 300 },
      authenticate: () => new Promise(() => {}),
    })
    const raw = await target.upgraded()
    raw.say({ type: 'hello', producer: 'p' })
    expect(await raw.closed()).toBe(4408)
  })

  it('[row 3] a peer that never answers the closing handshake loses its socket all the same', async () => {
    const target = await Target.start({ limits: { helloTimeoutMs: 300 } })
    const raw = await target.upgraded()
    expect(await raw.closed()).toBe(4408)
    await raw.ended
    await until(async () => (await target.sockets) === 0)
  })
})

describe('pages of somebody else', () => {
  it('[row 4] [AU2] two Origin headers are not one that is allowed', async () => {
    const target = await Target.start()
    for (const pair of [
      ['https://app.example.com', 'https://evil.example'],
      ['https://evil.example', 'https://app.example.com'],
      ['https://app.example.com', 'https://app.example.com'],
    ]) {
      expect(await target.exchange(upgradeRequest(target.port, { origin: pair }))).toMatch(/^HTTP\/1\.1 403 /)
    }
    expect(await target.isWell()).toBe(true)
  })

  it.each([
    'null',
    '',
    'https://app.example.com.evil.example',
    'https://xapp.example.com',
    'https://app.example.com:443',
    'http://app.example.com',
    'https://APP.example.com',
    'https://app.example.com\t.evil.example',
  ])('[row 4] [AU2] over HTTP, too, a page of %j is refused before anything is done', async (origin) => {
    const target = await Target.start()
    const body = JSON.stringify({ type: 'said', data: { text: 'x' } })
    const head = `POST /v1/channels/note%2Flobby/events HTTP/1.1\r\nhost: 127.0.0.1:${target.port}\r\norigin: ${origin}\r\nauthorization: Bearer the-key-of-the-tests-backend\r\ncontent-type: application/json\r\nconnection: close\r\ncontent-length: ${body.length}\r\n\r\n`
    const answer = await target.exchange(head + body)
    expect(answer).toMatch(/^HTTP\/1\.1 403 /)
    expect(answer.toLowerCase()).not.toContain('access-control-allow-origin')
    expect((await target.read('note/lobby')).entries).toEqual([])
  })

  it('[row 4] [AU2] without an Origin nobody is known by a cookie', async () => {
    const target = await Target.start()
    const raw = await target.welcomed({}, { cookie: 'session=ada' })
    expect(raw.of('welcome')[0]).not.toHaveProperty('user')
    const page = await target.welcomed({}, { cookie: 'session=ada', origin: 'https://app.example.com' })
    expect(page.of('welcome')[0]).toHaveProperty('user', 'ada')
  })

  it('[row 4] [AU2] the default server lets no foreign page in', async () => {
    const target = await Target.start({ origins: undefined })
    expect(await target.exchange(upgradeRequest(target.port, { origin: 'https://app.example.com' }))).toMatch(
      /^HTTP\/1\.1 403 /,
    )
  })
})

describe('upgrades that no library would send', () => {
  it('[row 5] headers by the thousand, or 15 KB of commas, are refused within a moment', async () => {
    const target = await Target.start()
    const many = Object.fromEntries(Array.from({ length: 2_000 }, (_, i) => [`h${i}`, '']))
    for (const headers of [
      many,
      { 'sec-websocket-protocol': ','.repeat(15_000) },
      { 'sec-websocket-protocol': ' ,'.repeat(7_000) },
      { 'sec-websocket-protocol': `${' '.repeat(14_000)}x` },
      { 'sec-websocket-key': 'x'.repeat(15_000) },
      { cookie: '='.repeat(15_000), origin: 'https://app.example.com', 'sec-websocket-version': '12' },
    ]) {
      const began = performance.now()
      expect(await target.exchange(upgradeRequest(target.port, headers))).toMatch(
        /^HTTP\/1\.1 (400|426|431) /,
      )
      expect(performance.now() - began).toBeLessThan(500)
    }
    expect(await target.isWell()).toBe(true)
  })

  it('[row 5] extensions are not even looked at, whatever they say', async () => {
    const target = await Target.start()
    for (const extensions of [
      'permessage-deflate',
      'permessage-deflate; '.repeat(700),
      `a;${'b;'.repeat(7_000)}`,
      'x"y',
      ',',
    ]) {
      const began = performance.now()
      const raw = await target.welcomed({}, { 'sec-websocket-extensions': extensions })
      expect(performance.now() - began).toBeLessThan(500)
      expect(raw.text.toLowerCase()).not.toContain('sec-websocket-extensions')
    }
  })

  it.each(PROTOTYPE_NAMES)(
    '[row 5] [row 14] %s in every header that anybody parses is text',
    async (name) => {
      const target = await Target.start()
      const raw = await target.welcomed(
        { token: name },
        {
          origin: 'https://app.example.com',
          cookie: `${name}=${name}; session=${name}; ${name}`,
          'sec-websocket-protocol': `tidings.v1.json, ${name}`,
          'sec-websocket-extensions': `${name}, ${name}; ${name}, x; ${name}=1`,
          'accept-language': name,
          authorization: `Bearer ${name}`,
          [name]: name,
        },
      )
      expect(raw.of('welcome')[0]).toHaveProperty('user', name)
      const headers = {
        [name]: name,
        accept: name,
        'last-event-id': name,
        'x-forwarded-for': name,
        cookie: `${name}=1`,
      }
      expect((await target.get('/v1/channels/note%2Flobby/events', headers)).status).toBe(200)
      for (const field of ['idempotency-key', 'producer-id']) {
        const answer = await target.post(
          'note/lobby',
          { type: 'said', data: { text: 'x' } },
          { [field]: name, ...(field === 'producer-id' && { 'producer-epoch': '0', 'producer-seq': '0' }) },
        )
        expect(answer.status).toBe(201)
      }
    },
  )

  it.each([
    ['another version', { 'sec-websocket-version': '12' }, 'GET /v1/socket HTTP/1.1', /^HTTP\/1\.1 426 /],
    ['no key', { 'sec-websocket-key': undefined }, 'GET /v1/socket HTTP/1.1', /^HTTP\/1\.1 400 /],
    [
      'two keys',
      { 'sec-websocket-key': ['dGhlIHNhbXBsZSBub25jZQ==', 'dGhlIHNhbXBsZSBub25jZQ=='] },
      'GET /v1/socket HTTP/1.1',
      /^HTTP\/1\.1 400 /,
    ],
    ['no upgrade header', { upgrade: undefined }, 'GET /v1/socket HTTP/1.1', /^HTTP\/1\.1 (400|426) /],
    ['a negative length', { 'content-length': '-1' }, 'GET /v1/socket HTTP/1.1', /^HTTP\/1\.1 400 /],
    ['two lengths', { 'content-length': ['1', '2'] }, 'GET /v1/socket HTTP/1.1', /^HTTP\/1\.1 400 /],
    [
      'a length and chunks',
      { 'content-length': '4', 'transfer-encoding': 'chunked' },
      'GET /v1/socket HTTP/1.1',
      /^HTTP\/1\.1 400 /,
    ],
    ['a method of its own', {}, 'HACK /v1/socket HTTP/1.1', /^HTTP\/1\.1 400 /],
    ['version 9 of HTTP', {}, 'GET /v1/socket HTTP/9.9', /^HTTP\/1\.1 400 /],
    ['NUL in the target', {}, 'GET /v1/sock\0et HTTP/1.1', /^HTTP\/1\.1 400 /],
  ])(
    '[row 6] [CN1] with %s an upgrade is refused, and the server lives',
    async (_what, headers, line, expected) => {
      const target = await Target.start()
      const raw = target.tcp()
      raw.write(upgradeRequest(target.port, headers as never, line))
      await until(() => raw.text.includes('\r\n') || raw.isOver)
      expect(raw.text).toMatch(expected)
      expect(await target.isWell()).toBe(true)
    },
  )

  it('[row 6] by HTTP/1.0, with or without a body, an upgrade is answered somehow, and the server lives', async () => {
    const target = await Target.start()
    for (const headers of [{}, { 'content-length': '5' }]) {
      const raw = target.tcp()
      raw.write(`${upgradeRequest(target.port, headers, 'GET /v1/socket HTTP/1.0')}hello`)
      await until(() => raw.text.includes('\r\n\r\n') || raw.isOver)
      raw.socket.destroy()
    }
    expect(await target.isWell()).toBe(true)
  })

  it('[row 6] what follows the upgrade in the same segment is taken for frames, and closes as such', async () => {
    const target = await Target.start()
    const raw = target.tcp()
    raw.write(`${upgradeRequest(target.port)}GET / HTTP/1.1\r\nhost: x\r\n\r\n`)
    await until(() => raw.isOver || raw.closeCode !== undefined)
    expect(raw.closeCode).toBe(1002)
    const polite = target.tcp()
    polite.write(
      Buffer.concat([Buffer.from(upgradeRequest(target.port)), frame(1, '{"type":"hello","producer":"p"}')]),
    )
    await polite.heard('welcome')
  })
})

describe('strangers who do not wait for their welcome', () => {
  const publish = {
    type: 'publish',
    id: 1,
    channel: 'note/lobby',
    event: 'said',
    data: { text: 'x' },
    sequence: 1,
  }
  const subscribe = { type: 'subscribe', id: 1, channel: 'note/lobby', after: 'start' }

  it.each([
    ['a publish', publish],
    ['a subscribe', subscribe],
    ['a call', { type: 'call', id: 1, channel: 'note/lobby', name: 'shout', data: { text: 'x' } }],
    ['an auth', { type: 'auth', token: 'ada' }],
    ['an empty list, then a publish', [[], publish]],
    ['a hello that is none', { type: 'hello', producer: '' }],
    ['nonsense', 'nonsense'],
  ])('[row 17] [CN3] %s before the hello closes, and does nothing', async (_what, first) => {
    const target = await Target.start()
    await target.fill('note/lobby', 1)
    const raw = await target.upgraded()
    raw.say(first)
    raw.say({ type: 'hello', producer: 'p', subscribe: [{ ...subscribe, type: undefined }] })
    raw.say(publish)
    expect(await raw.closed()).toBe(4400)
    expect(raw.said.map(({ type }) => type)).toEqual(['error'])
    expect((await target.read('note/lobby')).entries).toHaveLength(1)
  })

  it.each([
    ['in one message', [[{ type: 'hello', producer: 'p' }, publish, subscribe]]],
    ['one after the other', [{ type: 'hello', producer: 'p' }, publish, subscribe]],
  ])(
    '[row 17] [CN3] what is sent while the hello is still looked at, %s, is never carried out',
    async (_what, frames) => {
      let letIn = (_identity: object) => {}
      const target = await Target.start({ authenticate: () => new Promise((resolve) => (letIn = resolve)) })
      const raw = await target.upgraded()
      for (const each of frames) raw.say(each)
      expect(await raw.closed()).toBe(4400)
      letIn({ user: 'ada' })
      expect((await target.read('note/lobby')).entries).toEqual([])
      expect(raw.of('welcome')).toEqual([])
    },
  )

  it('[row 17] [AU1] what follows refused credentials is not heard', async () => {
    const target = await Target.start()
    for (const authenticate of ['bad', undefined]) {
      const failing =
        authenticate === undefined
          ? await Target.start({ authenticate: () => Promise.reject(new Error('the database is gone')) })
          : target
      const raw = await failing.upgraded()
      raw.say({ type: 'hello', producer: 'p', token: 'bad' })
      for (let i = 0; i < 100; i++) raw.say(publish)
      expect([4401, 4400, 4500]).toContain(await raw.closed())
      expect((await failing.read('note/lobby')).entries).toEqual([])
    }
  })

  it('[row 17] ten thousand frames before the hello cost one refusal', async () => {
    const target = await Target.start()
    const raw = await target.upgraded()
    raw.write(Buffer.concat(Array.from({ length: 10_000 }, () => frame(1, JSON.stringify(publish)))))
    expect(await raw.closed()).toBe(4400)
    expect(target.happenings.filter(({ name }) => name === 'refused')).toHaveLength(1)
    expect((await target.read('note/lobby')).entries).toEqual([])
  })

  it('[row 17] [CN3] strangers beyond the limit of one address are refused before the upgrade', async () => {
    const target = await Target.start({ limits: { strangersPerAddress: 20 } })
    await Promise.all(Array.from({ length: 20 }, () => target.upgraded()))
    const answers = await Promise.all(
      Array.from({ length: 30 }, () => target.exchange(upgradeRequest(target.port))),
    )
    for (const answer of answers) expect(answer).toMatch(/^HTTP\/1\.1 429 /)
  })
})
