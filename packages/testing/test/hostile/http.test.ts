// Backends that are none: bodies that lie about their length, their type or their end; keys used twice; text that
// would like to be markup, a log line or an event of its own.

import './prototypes.ts'
import { request as httpRequest } from 'node:http'
import { gzipSync } from 'node:zlib'
import { createLogger } from '@tidings/server'
import { describe, expect, it } from 'vitest'
import { eventsPath, KEY } from './contract.ts'
import { Target } from './target.ts'
import { range, until } from './until.ts'
import { OWN_GROWTH, Victim } from './victim.ts'
import type { Headers } from './wire.ts'

function post(body: string, headers: Headers = {}): string {
  const all: Headers = {
    host: 'x',
    authorization: `Bearer ${KEY}`,
    'content-type': 'application/json',
    'content-length': String(Buffer.byteLength(body)),
    connection: 'close',
    ...headers,
  }
  const lines = Object.entries(all).flatMap(([name, value]) =>
    value === undefined ? [] : [value].flat().map((each) => `${name}: ${each}\r\n`),
  )
  return `POST ${eventsPath('note/lobby')} HTTP/1.1\r\n${lines.join('')}\r\n${body}`
}

const said = JSON.stringify({ type: 'said', data: { text: 'x' } })
const chunk = (text: string) => `${Buffer.byteLength(text).toString(16)}\r\n${text}\r\n`
const chunked: Headers = { 'content-length': undefined, 'transfer-encoding': 'chunked' }

describe('bodies', () => {
  it.each([
    ['no length and no chunks', post('', { 'content-length': undefined }), 400],
    ['an empty body', post(''), 400],
    ['trailing garbage', post(`${said}x`), 400],
    ['two values', post(`${said}${said}`), 400],
    ['a byte order mark and nothing', post('\ufeff'), 400],
    ['JSON that is cut off', post(said.slice(0, -1)), 400],
    ['a comment', post(`/*x*/${said}`), 400],
    ['text', post('"said"'), 400],
    ['a number beyond all numbers', post('1e999'), 400],
    ['null', post('null'), 400],
    ['an empty list', post('[]'), 400],
    ['a list of lists', post(`[[${said}]]`), 400],
    ['a list with one that is wrong', post(`[${said},{"type":"said"}]`), 400],
    ['a hundred thousand events', post(`[${'{},'.repeat(100_000)}{}]`), 413],
    ['101 events', post(`[${Array.from({ length: 101 }, () => said).join()}]`), 413],
    ['lists a hundred thousand deep', post('['.repeat(100_000)), 400],
    ['seventy thousand keys', post(`{${Array.from({ length: 70_000 }, () => '"":0').join()}}`), [400, 413]],
    ['a form', post('type=said&data=x', { 'content-type': 'application/x-www-form-urlencoded' }), 415],
    ['plain text, as a form of another page sends it', post(said, { 'content-type': 'text/plain' }), 415],
    ['no type at all', post(said, { 'content-type': undefined }), 415],
    ['another alphabet', post(said, { 'content-type': 'application/json; charset=utf-16' }), 415],
    ['two types', post(said, { 'content-type': ['application/json', 'text/plain'] }), [201, 415]],
    [
      'gzip',
      post(gzipSync(said).toString('latin1'), {
        'content-encoding': 'gzip',
        'content-length': String(gzipSync(said).length),
      }),
      415,
    ],
    ['a length that is none', post(said, { 'content-length': 'abc' }), 400],
    ['a negative length', post(said, { 'content-length': '-5' }), 400],
    [
      'a length of its own and chunks',
      post(chunk(said) + chunk(''), { 'transfer-encoding': 'chunked' }),
      400,
    ],
    [
      'chunks that are gzip as well',
      post('', { ...chunked, 'transfer-encoding': 'gzip, chunked' }),
      [400, 408, 415],
    ],
    ['a chunk whose length is no number', post('xyz\r\n', chunked), 400],
    ['a chunk longer than memory', post(`ffffffffffffffff\r\n${said}`, chunked), [400, 408]],
    ['a length longer than memory', post(said, { 'content-length': '99999999999999' }), 413],
    ['bytes that are not UTF-8', post('"\xff\xfe"', { 'content-length': '4' }), 400],
  ])('[row 52] [HT2] [HT10] %s is refused, and nothing is stored', async (_what, bytes, status) => {
    const target = await Target.start({ limits: { helloTimeoutMs: 300 } })
    const raw = target.tcp()
    raw.write(Buffer.from(bytes, bytes.includes('\xff') || bytes.includes('\x1f') ? 'latin1' : 'utf8'))
    await raw.when(() => raw.text.includes('\r\n\r\n'), 'an answer')
    const answered = Number(/^HTTP\/1\.1 (\d+) /.exec(raw.text)?.[1])
    expect([status].flat()).toContain(answered)
    if (answered !== 201) expect((await target.read('note/lobby')).entries).toEqual([])
    expect(target.happenings.filter(({ name }) => name === 'fault')).toEqual([])
  })

  it('[row 12] [row 52] [HT10] 256 KB pass, by length and by chunks, and a byte more is 413', async () => {
    const target = await Target.start()
    const body = (length: number) => `${said}${' '.repeat(length - said.length)}`
    for (const [bytes, status] of [
      [post(body(262_144)), 201],
      [post(body(262_145)), 413],
      [post(chunk(body(262_144)) + chunk(''), chunked), 201],
      [post(chunk(body(200_000)) + chunk(' '.repeat(62_145)) + chunk(''), chunked), 413],
    ] as const) {
      expect(await target.exchange(bytes)).toMatch(new RegExp(`^HTTP/1.1 ${status} `))
    }
  })

  it('[row 52] [HT10] a body that comes a byte at a time is 408, and its socket is let go', async () => {
    const target = await Target.start({ limits: { helloTimeoutMs: 300 } })
    for (const headers of [{}, chunked]) {
      const raw = target.tcp()
      raw.write(post('', { ...headers, ...(headers !== chunked && { 'content-length': '1000' }) }))
      const dripping = setInterval(
        () => raw.socket.writable && raw.write(headers === chunked ? chunk('x') : 'x'),
        20,
      )
      await raw.when(() => raw.text.includes('HTTP/1.1'), 'an answer')
      expect(raw.text).toMatch(/^HTTP\/1\.1 408 /)
      await raw.when(() => false, 'the end of the connection')
      clearInterval(dripping)
    }
    await until(async () => (await target.sockets) === 0)
  })

  it('[row 52] a body without an end costs what one body may have', async () => {
    const victim = await Victim.start()
    const before = await victim.memory()
    const endless = range(1, 20).map(() => {
      const raw = victim.tcp()
      raw.write(post('', chunked))
      const part = Buffer.from(chunk('x'.repeat(64_000)))
      const pour = () => {
        for (let i = 0; i < 64 && raw.socket.writable; i++) if (!raw.socket.write(part)) break
      }
      raw.socket.on('drain', pour)
      pour()
      return raw
    })
    await Promise.all(endless.map((raw) => raw.when(() => raw.text.includes('HTTP/1.1 413'), '413')))
    expect((await victim.memory()).rss - before.rss).toBeLessThan(OWN_GROWTH)
    await Promise.all(endless.map(({ ended }) => ended))
  })

  it('[row 52] an Expect is answered or refused, and the next request of the socket is not mixed up with it', async () => {
    const target = await Target.start()
    const continued = target.tcp()
    continued.write(
      post('', { expect: '100-continue', 'content-length': String(said.length), connection: 'keep-alive' }),
    )
    await continued.when(() => continued.text.includes('\r\n\r\n'), 'an answer')
    if (continued.text.startsWith('HTTP/1.1 100')) continued.write(said)
    await continued.when(() => continued.text.includes('HTTP/1.1 201'), '201')
    const pipelined = await target.exchange(
      post(said, { connection: 'keep-alive' }),
      post('x', { connection: 'keep-alive' }),
      post(said),
    )
    expect([...pipelined.matchAll(/HTTP\/1\.1 (\d+)/g)].map(([, status]) => status)).toEqual([
      '201',
      '400',
      '201',
    ])
    expect((await target.read('note/lobby')).entries).toHaveLength(3)
  })

  it.each([
    'idempotency-key',
    'producer-id',
    'producer-epoch',
    'producer-seq',
    'last-event-id',
    'after',
    'limit',
  ])('[row 15] [row 52] nonsense as %s is a 400 that names it, or a value like any other', async (field) => {
    const target = await Target.start()
    const producer = { 'producer-id': 'p', 'producer-epoch': '0', 'producer-seq': '0' }
    for (const value of [
      '-1',
      '1.5',
      '1e3',
      '00',
      '9007199254740992',
      '99999999999999999999',
      'NaN',
      'Infinity',
      'null',
      '[]',
      '{}',
      '"',
      '""',
      ' ',
      '\\',
      'x'.repeat(300),
      '__proto__',
      'a, b',
      '%00',
      '\u00e9',
    ]) {
      const isQuery = field === 'after' || field === 'limit'
      const answer = isQuery
        ? await target.get(`${eventsPath('note/lobby')}?${field}=${encodeURIComponent(value)}`)
        : field === 'last-event-id'
          ? await target.get(eventsPath('note/lobby'), {
              accept: 'text/event-stream',
              'last-event-id': value,
            })
          : await target.post(
              'note/lobby',
              said,
              field === 'idempotency-key' ? { [field]: value } : { ...producer, [field]: value },
            )
      if (answer.headers.get('content-type') === 'text/event-stream') {
        await answer.body?.cancel()
        continue
      }
      expect([200, 201, 400, 403, 409], `${field}: ${value}`).toContain(answer.status)
      if (answer.status === 400)
        expect(await answer.json()).toMatchObject({ field: field === 'last-event-id' ? 'after' : field })
      else await answer.text()
    }
    expect(target.happenings.filter(({ name }) => name === 'fault')).toEqual([])
  })
})

// Text that would like to be more than text.
const EVIL = [
  '<script>alert(1)</script>',
  '[x](javascript:alert(1))',
  'javascript:alert(1)',
  '\u202egnp.exe',
  '\u001b[2J\u001b[31mroot#\u001b[0m',
  'x\n\ndata: {"offset":99}\n\nevent: reset\ndata: {}',
  'x\r\n\r\nid: 1\r\n',
  '{"level":"error","msg":"I am a line of my own"}\n{"x":1}',
  '\u2028alert(1)\u2029',
  '%0d%0aset-cookie:%20a=b',
  '{{constructor.constructor("return process")()}}',
  '\0\u0007\u0008\u009b31m',
  '"}],"live":true,"x":[{"',
  'x'.repeat(60_000),
]

describe('text that would like to be more', () => {
  it.each(EVIL)('[row 54] %j is the same text at every reader', async (text) => {
    const target = await Target.start()
    const raw = await target.welcomed({ subscribe: [{ id: 1, channel: 'note/lobby' }] })
    await raw.heard('live')
    const stream = target.tcp()
    stream.write(
      `GET ${eventsPath('note/lobby')} HTTP/1.1\r\nhost: x\r\naccept: text/event-stream\r\nauthorization: Bearer ${KEY}\r\n\r\n`,
    )
    await stream.when(() => stream.text.includes('id: '), 'the stream’s beginning')
    expect((await target.post('note/lobby', { type: 'said', data: { text } })).status).toBe(201)
    await raw.when(() => raw.offsets('note/lobby').length === 1, 'the entry')
    expect(raw.of('entries')[0]?.entries[0]?.data).toEqual({ text })
    const [entry] = (await target.read('note/lobby')).entries
    expect(entry?.data).toEqual({ text })
    await stream.when(() => /event: message\ndata: [^\n]*\n\n/.test(stream.bytes.toString()), 'the event')
    const events = stream.bytes
      .toString()
      .split('\r\n')
      .join('')
      .match(/^event: .*$/gm)
    expect(events).toEqual(['event: message'])
  })

  it('[row 54] whatever a peer is called, a log line stays one line, without payload, token or control characters', async () => {
    const lines: string[] = []
    const target = await Target.start({
      logger: createLogger('debug', (line) => void lines.push(line)),
      authenticate: ({ token }) =>
        token === undefined
          ? {}
          : token === 'bad'
            ? undefined
            : { user: (EVIL[Number(token)] ?? token).slice(0, 256) },
      authorize: ({ channel }) => channel !== 'note/closed',
    })
    for (const [i, text] of EVIL.entries()) {
      const raw = await target.welcomed({ token: String(i) })
      raw.say({ type: 'subscribe', id: 1, channel: text.slice(0, 255) })
      raw.say({ type: 'subscribe', id: 2, channel: 'note/closed' })
      raw.say({
        type: 'publish',
        id: 3,
        channel: 'note/lobby',
        event: text.slice(0, 128),
        data: 'secret payload',
        sequence: 1,
      })
      raw.say({
        type: 'call',
        id: 4,
        channel: 'note/lobby',
        name: text.slice(0, 128),
        data: 'secret payload',
      })
      raw.say({ type: text.slice(0, 200), id: 5 })
      await raw.heard('error', 5)
      raw.socket.destroy()
      await fetch(`${target.origin}${eventsPath('note/lobby')}`, {
        headers: {
          authorization: `Bearer secret-token-${i}`,
          cookie: 'session=secret-cookie',
          'user-agent': 'secret agent',
        },
      })
      await target.post(text.slice(0, 200).replace('\0', ''), {
        type: text.slice(0, 200),
        data: 'secret payload',
      })
    }
    target.server.reportFault(EVIL.join('\n'), new Error(EVIL.join('\n'), { cause: new Error(EVIL[5]) }))
    await until(() => lines.some((line) => line.includes('"fault"')))
    expect(lines.length).toBeGreaterThan(30)
    for (const line of lines) {
      expect(line.endsWith('\n')).toBe(true)
      expect(() => JSON.parse(line)).not.toThrow()
      expect(line.slice(0, -1)).not.toMatch(/[\p{Cc}\p{Zl}\p{Zp}\u202a-\u202e]/u)
      expect(line).not.toContain('secret')
      expect(line.length).toBeLessThan(12_000)
    }
  })

  it('[row 54] what a peer is told about its own nonsense is short, and is JSON', async () => {
    const target = await Target.start()
    const raw = await target.welcomed()
    for (const [i, text] of EVIL.entries()) {
      raw.say({
        type: 'publish',
        id: i,
        channel: 'note/lobby',
        event: text.slice(0, 128),
        data: 1,
        sequence: 1,
      })
      const answer = await target.post('note/lobby', { type: text, data: 1 })
      expect(answer.headers.get('content-type')).toBe('application/problem+json')
      expect(answer.headers.get('x-content-type-options')).toBe('nosniff')
      expect((await answer.text()).length).toBeLessThan(2_000)
    }
    await raw.heard('error', EVIL.length)
  })
})

describe('what is asked twice', () => {
  it('[row 52] a thousand requests that are given up in the middle leave no socket, and store whole events or none', async () => {
    const target = await Target.start()
    const bytes = post(`[${said},${said}]`)
    for (let i = 0; i < 1_000; i += 50) {
      await Promise.all(
        range(i, i + 49).map(async (n) => {
          const raw = target.tcp()
          const length = 1 + ((n * 7) % bytes.length)
          await new Promise((resolve) => raw.socket.write(bytes.slice(0, length), resolve))
          raw.socket.resetAndDestroy()
          await raw.ended
        }),
      )
    }
    await until(async () => (await target.sockets) === 0)
    const { entries } = await target.read('note/lobby')
    expect(entries.length % 2).toBe(0)
    expect(target.happenings.filter(({ name }) => name === 'fault')).toEqual([])
  })

  it('an answer that its asker does not read costs nothing but its socket', async () => {
    const victim = await Victim.start()
    const body = JSON.stringify(
      Array.from({ length: 4 }, () => ({ type: 'said', data: { text: 'x'.repeat(60_000) } })),
    )
    for (let i = 0; i < 3; i++)
      await fetch(`${victim.origin}${eventsPath('note/lobby')}`, {
        method: 'POST',
        headers: { authorization: `Bearer ${KEY}`, 'content-type': 'application/json' },
        body,
      })
    const before = await victim.memory()
    // A hundred questions down one socket, and nobody there to hear the answers.
    const question = `GET ${eventsPath('note/lobby')}?limit=1000 HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${KEY}\r\n\r\n`
    const deaf = range(1, 10).map(() => {
      const sent = victim.tcp()
      sent.socket.pause()
      sent.write(question.repeat(100))
      return sent
    })
    await until(() => deaf.every(({ socket }) => socket.bytesWritten === question.length * 100))
    await fetch(`${victim.origin}/healthz`)
    const held = await victim.memory()
    expect(held.rss - before.rss).toBeLessThan(OWN_GROWTH)
    expect(held.mostBuffered).toBeLessThan(1024 * 1024)
    for (const raw of deaf) raw.socket.destroy()
  })
})

it('[row 6] a request line that is no path of ours is answered or refused, whatever it says', async () => {
  const target = await Target.start()
  for (const path of [
    '*',
    '/',
    '//',
    '/v1',
    '/v1/',
    '/v1/channels',
    '/v1/channels/',
    '/v1/channels//events',
    `/${'a'.repeat(8_000)}`,
    '/v1/channels/note%2Flobby/events/',
    '/v1/channels/note%2Flobby/events;x',
    'http://evil.example/v1/channels/note%2Flobby/events',
    '/v1/channels/note%2Flobby/events#x',
    '/v1/channels/note%2Flobby/events?',
    '/v1/channels/note%2Flobby/events?after=start&after=now',
    '/v1/%2e%2e/metrics',
    '/..%2f..%2fetc/passwd',
    '/healthz?x',
    '/metrics/',
  ]) {
    const status = await new Promise<number>((resolve, reject) => {
      const sent = httpRequest(
        { host: '127.0.0.1', port: target.port, path, headers: { authorization: `Bearer ${KEY}` } },
        (response) => {
          response.resume().on('end', () => resolve(response.statusCode ?? 0))
        },
      )
      sent.on('error', reject).end()
    })
    expect([200, 400, 404], path).toContain(status)
  }
  expect(target.happenings.filter(({ name }) => name === 'fault')).toEqual([])
})
