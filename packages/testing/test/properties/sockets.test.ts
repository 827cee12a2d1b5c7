// No bytes on a socket, and no body, header or target over HTTP, make the server throw, hang or forget its manners.

import '../hostile/prototypes.ts'
import { request as httpRequest } from 'node:http'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { eventsPath, KEY } from '../hostile/contract.ts'
import { PROTOTYPE_NAMES } from '../hostile/prototypes.ts'
import { Target } from '../hostile/target.ts'
import { until } from '../hostile/until.ts'
import { frame, upgradeRequest } from '../hostile/wire.ts'

const faults = (target: Target) => target.happenings.filter(({ name }) => name === 'fault')

/** Changes some bytes of what would be right: turns them, doubles them, cuts them out. */
const mutated = (bytes: Buffer) =>
  fc
    .array(
      fc.record({
        at: fc.nat(bytes.length - 1),
        how: fc.constantFrom('turn', 'double', 'cut', 'insert'),
        by: fc.nat(255),
      }),
      { minLength: 1, maxLength: 6 },
    )
    .map((changes) => {
      let changed = Buffer.from(bytes)
      for (const { at, how, by } of changes) {
        const i = Math.min(at, Math.max(0, changed.length - 1))
        if (how === 'turn' && changed.length > 0) changed[i] = (changed[i] as number) ^ (by || 1)
        if (how === 'double') changed = Buffer.concat([changed.subarray(0, i), changed.subarray(i)])
        if (how === 'cut')
          changed = Buffer.concat([changed.subarray(0, i), changed.subarray(i + 1 + (by % 8))])
        if (how === 'insert')
          changed = Buffer.concat([changed.subarray(0, i), Buffer.from([by]), changed.subarray(i)])
      }
      return changed
    })

const hello = JSON.stringify({
  type: 'hello',
  producer: 'p',
  token: 'ada',
  subscribe: [{ id: 1, channel: 'note/a', after: 'start' }],
})
const publish = JSON.stringify({
  type: 'publish',
  id: 2,
  channel: 'note/a',
  event: 'said',
  data: { text: 'x' },
  sequence: 1,
})
const call = JSON.stringify({ type: 'call', id: 3, channel: 'note/a', name: 'shout', data: { text: 'x' } })

describe('bytes on a WebSocket', () => {
  it('of every kind are answered by frames of the table, or by a close', async () => {
    const target = await Target.start()
    const right = Buffer.concat([
      frame(1, hello),
      frame(1, publish),
      frame(9, 'ping'),
      frame(1, `[${call},{"type":"ping"}]`),
      frame(8, Buffer.from([3, 232])),
    ])
    const bytes = fc.oneof(
      mutated(right),
      fc.uint8Array({ maxLength: 300 }).map((each) => Buffer.from(each)),
    )
    await fc.assert(
      fc.asyncProperty(
        bytes,
        fc.array(fc.integer({ min: 1, max: 60 }), { maxLength: 8 }),
        async (each, cuts) => {
          const raw = await target.upgraded()
          let at = 0
          for (const length of cuts) {
            raw.write(each.subarray(at, at + length))
            at += length
          }
          raw.write(each.subarray(at))
          raw.socket.end()
          await raw.ended
          // Throws on a frame that the server's own table refuses.
          expect(raw.said.every(({ type }) => typeof type === 'string')).toBe(true)
          expect(raw.of('error').every(({ code }) => code !== 'internal')).toBe(true)
        },
      ),
      { numRuns: 600 },
    )
    expect(faults(target)).toEqual([])
    await until(() => target.server.connections === 0)
    expect(await target.isWell()).toBe(true)
  })

  it('in messages of any frames, in any order, after a welcome, leave the connection or close it with a reason', async () => {
    const target = await Target.start({ limits: { framesPerSecond: 100_000, frameBurst: 100_000 } })
    const name = fc.oneof(
      fc.constantFrom('note/a', 'note/b', 'tally/a', 'brief/a', ...PROTOTYPE_NAMES),
      fc.string({ maxLength: 6 }),
    )
    const id = fc.nat(6)
    const value = fc.oneof(
      fc.jsonValue({ maxDepth: 2 }),
      fc.constantFrom<unknown>({ text: 'x' }, { n: 1 }, { n: 13 }, { name: 'x' }, { at: 1 }),
    )
    const said = fc.oneof(
      fc.record(
        {
          type: fc.constant('subscribe'),
          id,
          channel: name,
          after: fc.oneof(fc.constantFrom('now', 'start', 'e:1:t'), fc.string({ maxLength: 5 })),
          presence: fc.constantFrom('members', 'counts'),
        },
        { requiredKeys: ['type', 'id', 'channel'] },
      ),
      fc.record({ type: fc.constant('unsubscribe'), id, channel: name }),
      fc.record(
        {
          type: fc.constant('publish'),
          id,
          channel: name,
          event: fc.constantFrom('said', 'added', 'noted', 'gone'),
          data: value,
          sequence: fc.nat(9),
          previous: fc.nat(9),
          producerEpoch: fc.nat(2),
        },
        { requiredKeys: ['type', 'id', 'channel', 'event', 'data', 'sequence'] },
      ),
      fc.record({
        type: fc.constant('signal'),
        channel: name,
        name: fc.constantFrom('typing', 'gone'),
        data: value,
      }),
      fc.record({ type: fc.constant('enter'), id, channel: name, state: value }),
      fc.record({ type: fc.constant('leave'), channel: name }),
      fc.record({
        type: fc.constant('call'),
        id,
        channel: name,
        name: fc.constantFrom('shout', 'gone'),
        data: value,
      }),
      fc.record({ type: fc.constant('ping') }),
      fc.record({ type: fc.constant('auth'), token: fc.constantFrom('ada', 'bob', 'bad') }),
    )
    await fc.assert(
      fc.asyncProperty(fc.array(fc.array(said, { maxLength: 6 }), { maxLength: 6 }), async (messages) => {
        const raw = await target.welcomed({ token: 'ada' })
        for (const message of messages) raw.say(message)
        raw.say({ type: 'ping', last: true })
        const pings = 1 + messages.flat().filter(({ type }) => type === 'ping').length
        await raw.when(
          () => raw.of('pong').length === pings || raw.closeCode !== undefined,
          'an answer to everything',
        )
        expect([undefined, 4400, 4401]).toContain(raw.closeCode)
        expect(raw.of('error').every(({ code }) => code !== 'internal')).toBe(true)
        raw.socket.destroy()
      }),
      { numRuns: 200 },
    )
    expect(faults(target)).toEqual([])
    expect(await target.isWell()).toBe(true)
  })

  it('of broken upgrades are answered or cut, and leave no socket', async () => {
    const target = await Target.start({ headersTimeoutMs: 500 })
    await fc.assert(
      fc.asyncProperty(
        mutated(
          Buffer.from(
            upgradeRequest(target.port, { cookie: 'session=ada; a=b', origin: 'https://app.example.com' }),
          ),
        ),
        async (bytes) => {
          const raw = target.tcp()
          raw.write(bytes)
          await new Promise((resolve) => setImmediate(resolve))
          raw.socket.end()
          await raw.ended
          if (raw.bytes.length > 0) expect(raw.text).toMatch(/^HTTP\/1\.1 (101|4\d\d|503) /)
        },
      ),
      { numRuns: 400 },
    )
    await until(async () => (await target.sockets) === 0)
    expect(faults(target)).toEqual([])
  })
})

describe('requests over HTTP', () => {
  it('of any bytes are answered with a status, or cut, and leave no socket', async () => {
    const target = await Target.start({ headersTimeoutMs: 500, limits: { helloTimeoutMs: 500 } })
    const body = JSON.stringify([{ type: 'said', data: { text: 'x' } }])
    const right = Buffer.from(
      `POST ${eventsPath('note/a')} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${KEY}\r\ncontent-type: application/json\r\nidempotency-key: k\r\nconnection: close\r\ncontent-length: ${body.length}\r\n\r\n${body}`,
    )
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(
          mutated(right),
          fc.uint8Array({ maxLength: 200 }).map((each) => Buffer.from(each)),
        ),
        async (bytes) => {
          const raw = target.tcp()
          raw.write(bytes)
          await new Promise((resolve) => setImmediate(resolve))
          raw.socket.end()
          await raw.ended
          if (raw.bytes.length > 0) expect(raw.text).toMatch(/^HTTP\/1\.1 ([2-4]\d\d|503) /)
        },
      ),
      { numRuns: 400 },
    )
    await until(async () => (await target.sockets) === 0)
    expect(faults(target)).toEqual([])
  })

  it('with any headers, target and body get one answer, in JSON that says what was wrong', async () => {
    const target = await Target.start()
    const header = fc.constantFrom(
      'idempotency-key',
      'producer-id',
      'producer-epoch',
      'producer-seq',
      'last-event-id',
      'accept',
      'origin',
      'cookie',
      'content-encoding',
      'x-forwarded-for',
      'sec-fetch-site',
      'authorization',
      ...PROTOTYPE_NAMES,
    )
    const value = fc.oneof(
      fc.constantFrom(
        '',
        '0',
        '1',
        '-1',
        'text/event-stream',
        'null',
        '"',
        'Bearer x',
        'identity',
        'gzip',
        'a=b; c',
        'same-origin',
        '*/*',
      ),
      fc.string({
        unit: fc
          .integer({ min: 32, max: 255 })
          .filter((code) => code !== 127)
          .map((code) => String.fromCharCode(code)),
        maxLength: 30,
      }),
    )
    const path = fc
      .array(
        fc.oneof(
          fc.constantFrom(
            'v1',
            'channels',
            'note%2Fa',
            'events',
            'presence',
            'socket',
            '..',
            '%00',
            '%',
            '',
            '%C0%AF',
            'healthz',
          ),
          fc.string({ unit: fc.constantFrom(...'abc%/.?#&=;:@~'), maxLength: 5 }),
        ),
        { maxLength: 6 },
      )
      .map((segments) => `/${segments.join('/')}`)
    const query = fc
      .array(
        fc.tuple(
          fc.constantFrom('after', 'limit', '__proto__', 'x'),
          fc.string({ unit: fc.constantFrom(...'0123456789-:estart%&+'), maxLength: 8 }),
        ),
        { maxLength: 3 },
      )
      .map((pairs) => pairs.map(([key, each]) => `${key}=${each}`).join('&'))
    const events = eventsPath('note/a')
    const asked = fc.record({
      method: fc.constantFrom('GET', 'POST', 'HEAD', 'OPTIONS', 'PUT', 'DELETE'),
      path: fc
        .tuple(fc.oneof(path, fc.constant(events), fc.constant(events)), query)
        .map(([each, more]) => (more ? `${each}?${more}` : each)),
      headers: fc.dictionary(header, value, { maxKeys: 4 }),
      body: fc.oneof(
        fc.string({ maxLength: 50 }),
        fc.jsonValue().map((each) => JSON.stringify(each)),
        fc.constant('{"type":"said","data":{"text":"x"}}'),
      ),
    })
    await fc.assert(
      fc.asyncProperty(asked, async ({ method, path: target_, headers, body }) => {
        const { status, type, text } = await answerOf(target.port, { method, path: target_, headers, body })
        expect(status).toBeGreaterThanOrEqual(200)
        expect(status).not.toBe(500)
        if (status >= 400 && method !== 'HEAD' && target_.startsWith('/v1/')) {
          expect(type).toBe('application/problem+json')
          expect(JSON.parse(text)).toMatchObject({
            status,
            code: expect.any(String),
            detail: expect.any(String),
            advice: expect.any(String),
          })
        }
      }),
      { numRuns: 600 },
    )
    expect(faults(target)).toEqual([])
    expect(await target.isWell()).toBe(true)
  })
})

interface Asked {
  readonly method: string
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

/** The head of the answer, and its body unless it is a stream. */
function answerOf(
  port: number,
  { method, path, headers, body }: Asked,
): Promise<{ status: number; type: string; text: string }> {
  return new Promise((resolve, reject) => {
    const all = {
      authorization: `Bearer ${KEY}`,
      'content-type': 'application/json',
      ...headers,
      'content-length': Buffer.byteLength(body),
    }
    const sent = httpRequest(
      { host: '127.0.0.1', port, method, path, headers: all, agent: false },
      (response) => {
        const type = response.headers['content-type'] ?? ''
        const chunks: Buffer[] = []
        const finish = () =>
          resolve({ status: response.statusCode ?? 0, type, text: Buffer.concat(chunks).toString() })
        if (type === 'text/event-stream') {
          response.destroy()
          return finish()
        }
        response
          .on('data', (chunk) => chunks.push(chunk))
          .on('end', finish)
          .on('error', reject)
      },
    )
    sent.on('error', (error) => reject(new Error(`${method} ${path}: ${error.message}`)))
    sent.end(body)
  })
}
