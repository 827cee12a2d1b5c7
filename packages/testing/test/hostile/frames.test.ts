// Peers that are let in and then send what no client sends: bytes, frames of WebSocket, frames of the protocol.

import './prototypes.ts'
import { connect } from 'node:net'
import { constants, deflateRawSync, gzipSync } from 'node:zlib'
import { clientFrames, decodeMessage } from '@tidings/core'
import { describe, expect, it } from 'vitest'
import { eventsPath, KEY } from './contract.ts'
import { PROTOTYPE_NAMES } from './prototypes.ts'
import { Raw } from './raw.ts'
import { Target } from './target.ts'
import { range, until } from './until.ts'
import { OWN_GROWTH, Victim } from './victim.ts'
import { frame, upgradeRequest } from './wire.ts'

const publish = (sequence: number, data: unknown, event = 'said') => ({
  ...{ type: 'publish', id: sequence, channel: 'note/lobby', event, data, sequence },
})

describe('text that is none', () => {
  it.each([
    ['a binary frame', [frame(2, '{"type":"ping"}')], 1003],
    ['an empty binary frame', [frame(2, '')], 1003],
    ['a byte that UTF-8 does not know', [frame(1, Buffer.from('7b22ff227d', 'hex'))], 1007],
    ['half a surrogate pair in bytes', [frame(1, Buffer.from('22eda08022', 'hex'))], 1007],
    ['an overlong slash', [frame(1, Buffer.from('22c0af22', 'hex'))], 1007],
    ['a character cut in two by the end', [frame(1, Buffer.from('22e282', 'hex'))], 1007],
    ['text that goes on in binary', [frame(1, '{', { fin: false }), frame(2, '}')], 1002],
    ['a continuation of nothing', [frame(0, '{}')], 1002],
    ['a ping in fragments', [frame(9, 'x', { fin: false })], 1002],
    ['a close reason that is not UTF-8', [frame(8, Buffer.from('03e8ff', 'hex'))], 1007],
    ['a close frame of one byte', [frame(8, 'x')], 1002],
    [
      'a length that no number holds',
      [Buffer.concat([Buffer.from('81ffffffffffffffffff', 'hex'), Buffer.alloc(4)])],
      1009,
    ],
  ])('[row 7] [row 8] [CN2] %s closes, and nothing is stored', async (_what, bytes, code) => {
    const target = await Target.start()
    const raw = await target.welcomed()
    for (const each of bytes) raw.write(each)
    raw.say(publish(1, { text: 'after it' }))
    expect(await raw.closed()).toBe(code)
    expect((await target.read('note/lobby')).entries).toEqual([])
    expect(await target.isWell()).toBe(true)
  })

  it('[row 7] half a surrogate pair, NUL and other oddities written as JSON come back as they were', async () => {
    const target = await Target.start()
    const raw = await target.welcomed({ subscribe: [{ id: 1, channel: 'note/lobby' }] })
    await raw.heard('live')
    const odd = [
      '\\ud800',
      '\\udc00\\ud800',
      '\\u0000',
      '\\u2028\\u2029',
      '\\ufeff',
      '\\uffff',
      '\\u202e',
      '\\u001b[31m',
    ]
    for (const [i, text] of odd.entries())
      raw.say(
        `{"type":"publish","id":${i},"channel":"note/lobby","event":"said","data":{"text":"${text}"},"sequence":${i + 1}}`,
      )
    await raw.heard('ack', odd.length)
    await until(() => raw.offsets('note/lobby').length === odd.length)
    const heard = raw.of('entries').flatMap(({ entries }) => entries.map(({ data }) => data))
    const meant = odd.map((text) => ({ text: JSON.parse(`"${text}"`) }))
    expect(heard).toEqual(meant)
    expect((await target.read('note/lobby')).entries.map(({ data }) => data)).toEqual(meant)
  })

  it('[row 8] a frame of every opcode and every flag either passes or closes with a code of its own', async () => {
    const target = await Target.start()
    for (const opcode of range(0, 15)) {
      for (const flags of range(0, 15)) {
        const raw = await target.upgraded()
        raw.write(frame(opcode, '{}', { fin: (flags & 8) > 0, rsv: flags & 7 }))
        raw.socket.end()
        await raw.ended
        expect([undefined, 1000, 1002, 1003, 1005, 1006, 1007, 4400]).toContain(raw.closeCode)
      }
    }
    expect(await target.isWell()).toBe(true)
  })
})

describe('more than anybody needs', () => {
  it('[row 9] 64 MiB of zeros, compressed, is refused by frame and by body, and costs nothing', async () => {
    const victim = await Victim.start()
    const zeros = Buffer.alloc(64 * 1024 * 1024)
    // As permessage-deflate sends it: raw, without the empty block at its end.
    const bomb = deflateRawSync(zeros, { finishFlush: constants.Z_SYNC_FLUSH }).subarray(0, -4)
    expect(bomb.length).toBeLessThan(100_000)
    const before = await victim.memory()
    for (let i = 0; i < 20; i++) {
      const raw = await victim.upgraded({
        'sec-websocket-extensions': 'permessage-deflate; client_max_window_bits',
      })
      raw.write(frame(1, bomb, { rsv: 4 }))
      expect([1002, 1009]).toContain(await raw.closed())
      const small = await victim.upgraded({ 'sec-websocket-extensions': 'permessage-deflate' })
      small.write(frame(1, bomb.subarray(0, 60_000), { rsv: 4 }))
      expect(await small.closed()).toBe(1002)
    }
    const packed = gzipSync(zeros)
    for (const encoding of ['gzip', 'deflate', 'br', 'zstd', 'identity, gzip', 'GZIP']) {
      const answer = await fetch(`${victim.origin}${eventsPath('note/lobby')}`, {
        method: 'POST',
        headers: {
          authorization: `Bearer ${KEY}`,
          'content-type': 'application/json',
          'content-encoding': encoding,
        },
        body: packed,
      })
      expect(answer.status).toBe(415)
    }
    expect((await victim.memory()).rss - before.rss).toBeLessThan(OWN_GROWTH)
  })

  it('[row 9] 64 MiB of zeros cost as little where messages may come compressed', async () => {
    const victim = await Victim.start({ compression: true })
    const bomb = deflateRawSync(Buffer.alloc(64 * 1024 * 1024), { finishFlush: constants.Z_SYNC_FLUSH })
    const before = await victim.memory()
    for (let i = 0; i < 20; i++) {
      const raw = await victim.upgraded({ 'sec-websocket-extensions': 'permessage-deflate' })
      // Within what a message may have, until it is inflated.
      raw.write(frame(1, bomb.subarray(0, 60_000), { rsv: 4 }))
      expect(await raw.closed()).toBe(1009)
    }
    expect((await victim.memory()).rss - before.rss).toBeLessThan(OWN_GROWTH)
  })

  it('[row 10] a thousand sockets with a message in pieces that never ends cost little, and one piece too many closes', async () => {
    const victim = await Victim.start()
    const before = await victim.memory()
    const piece = frame(0, 'x', { fin: false })
    const sockets = await Promise.all(
      range(1, 1_000).map(async () => {
        const raw = await victim.upgraded()
        raw.write(Buffer.concat([frame(1, '{', { fin: false }), ...Array.from({ length: 60 }, () => piece)]))
        return raw
      }),
    )
    await until(async () => (await victim.memory()).connections === 1_000)
    const held = await victim.memory()
    expect(held.rss - before.rss).toBeLessThan(OWN_GROWTH + 1_000 * 64 * 1024)
    for (const raw of sockets) raw.write(Buffer.concat(Array.from({ length: 10 }, () => piece)))
    expect(new Set(await Promise.all(sockets.map((raw) => raw.closed())))).toEqual(new Set([1008]))
    for (const raw of sockets) raw.socket.destroy()
    await until(async () => (await victim.memory()).connections === 0)
    expect((await victim.memory()).rss - before.rss).toBeLessThan(2 * OWN_GROWTH)
  })

  it('[row 10] one message that trickles in byte by byte is bounded, too', async () => {
    const victim = await Victim.start()
    const before = await victim.memory()
    const raws = await Promise.all(range(1, 20).map(() => victim.upgraded()))
    const text = frame(1, ' '.repeat(60_000))
    await Promise.all(
      raws.map(async (raw) => {
        for (let i = 0; i < 5_000 && raw.closeCode === undefined && !raw.isOver; i++) {
          raw.write(text.subarray(i, i + 1))
          await new Promise((resolve) => setImmediate(resolve))
        }
      }),
    )
    expect((await victim.memory()).rss - before.rss).toBeLessThan(OWN_GROWTH)
  })

  it('[row 11] a flood of pings by a peer that does not read ends it, at no cost', async () => {
    const victim = await Victim.start()
    const before = await victim.memory()
    const flood = Buffer.concat(Array.from({ length: 8_000 }, () => frame(9, 'x'.repeat(125))))
    const floods = range(1, 10).map(() => {
      // Never listened to: the window fills, and the pongs pile up at the server.
      const socket = connect({ port: victim.port, host: '127.0.0.1' })
      socket.on('error', () => {})
      socket.write(upgradeRequest(victim.port))
      for (let i = 0; i < 20; i++) socket.write(flood)
      return socket
    })
    await until(() => floods.every(({ bytesWritten }) => bytesWritten > 0))
    await until(async () => (await victim.memory()).connections === 0, 'the floods’ end', 20_000)
    expect((await victim.memory()).rss - before.rss).toBeLessThan(OWN_GROWTH)
    for (const socket of floods) socket.destroy()
  })

  it.each([
    ['a message', 65_536, 1009],
    ['a message in fragments', 65_536, 1009],
    ['a hello', 16_384, 1009],
  ])(
    '[row 12] [CN3] [CN6] %s of exactly %i bytes passes, and one more closes with %i',
    async (what, limit, code) => {
      const target = await Target.start()
      const isHello = what === 'a hello'
      const text = (length: number) => {
        const empty = JSON.stringify({ type: isHello ? 'hello' : 'ping', producer: 'p', x: '' })
        return `${empty.slice(0, -2)}${'x'.repeat(length - empty.length)}"}`
      }
      const bytes = (length: number) => {
        const all = text(length)
        if (what !== 'a message in fragments') return frame(1, all)
        return Buffer.concat([frame(1, all.slice(0, 40_000), { fin: false }), frame(0, all.slice(40_000))])
      }
      const fits = isHello ? await target.upgraded() : await target.welcomed()
      fits.write(bytes(limit))
      await fits.heard(isHello ? 'welcome' : 'pong')
      const long = isHello ? await target.upgraded() : await target.welcomed()
      long.write(bytes(limit + 1))
      expect(await long.closed()).toBe(code)
    },
  )

  it.each([
    [
      'channel',
      255,
      (text: string) => ({ type: 'subscribe', id: 1, channel: `note/${text.slice(5)}` }),
      'subscribed',
    ],
    ['event', 128, (text: string) => ({ ...publish(1, {}), event: text }), 'unknown-event'],
    [
      'after',
      96,
      (text: string) => ({ type: 'subscribe', id: 1, channel: 'note/a', after: text }),
      'bad-position',
    ],
    ['token', 8_192, (text: string) => ({ type: 'auth', token: text }), ''],
  ])(
    '[row 12] [CN5] a %s of %i characters is looked at, and one more is no frame',
    async (_field, limit, made, answer) => {
      const target = await Target.start({ authenticate: () => ({ user: 'ada' }) })
      const raw = await target.welcomed()
      raw.say(made('x'.repeat(limit)))
      raw.say({ type: 'ping' })
      await raw.heard('pong')
      if (answer) await until(() => JSON.stringify(raw.said).includes(answer))
      else expect(raw.of('error')).toEqual([])
      raw.say(made('x'.repeat(limit + 1)))
      await until(() => raw.of('error').some(({ code }) => code === 'bad-frame'))
      expect(raw.closeCode).toBeUndefined()
    },
  )

  it.each([
    ['lists in lists', '['.repeat(60_000)],
    ['objects in objects', '{"a":'.repeat(12_000)],
    ['both, closed properly', `${'[{"a":'.repeat(8_000)}1${'}]'.repeat(8_000)}`],
    ['a ping whose field nests', `{"type":"ping","x":${'['.repeat(33)}${']'.repeat(33)}}`],
    ['more keys than a message may hold', `{"type":"ping","x":[${'1,'.repeat(17_000)}1]}`],
    ['a quote that never ends', `"${'[{'.repeat(30_000)}`],
    ['nothing but backslashes', `"${'\\'.repeat(60_001)}`],
    ['nothing', ''],
    ['white space', ' '.repeat(60_000)],
    ['a number of sixty thousand digits', `{"type":"ping","id":${'9'.repeat(60_000)}`],
  ])('[row 13] [CN5] %s is refused in a moment, and the connection lives', async (_what, text) => {
    const target = await Target.start()
    const raw = await target.welcomed()
    const began = performance.now()
    decodeMessage(text)
    expect(performance.now() - began).toBeLessThan(50)
    raw.say(text)
    await raw.heard('error')
    raw.say({ type: 'ping' })
    await raw.heard('pong')
    expect(raw.of('error')[0]).toMatchObject({ code: 'bad-frame' })
  })

  it('[row 13] of a key that occurs twice the last one counts, everywhere alike', async () => {
    const target = await Target.start()
    const raw = await target.welcomed()
    raw.say(
      '{"type":"subscribe","type":"publish","id":1,"channel":"note/x","channel":"note/lobby","event":"said","data":{"text":"first"},"data":{"text":"last"},"sequence":1}',
    )
    await raw.heard('ack')
    expect((await target.read('note/x')).entries).toEqual([])
    expect((await target.read('note/lobby')).entries).toMatchObject([{ data: { text: 'last' } }])
    expect(
      await (
        await target.post('note/lobby', '{"type":"gone","type":"said","data":1,"data":{"text":"http"}}')
      ).json(),
    ).toMatchObject({ firstOffset: 2 })
  })
})

describe('names that every object has', () => {
  it.each(PROTOTYPE_NAMES)(
    '[row 14] %s is a channel, a user and a key of data like any other',
    async (name) => {
      const target = await Target.start()
      const channel = `note/${name}`
      const raw = await target.welcomed({
        producer: name,
        token: name,
        subscribe: [{ id: 1, channel, presence: 'members' }],
      })
      await raw.heard('live')
      raw.say({ type: 'enter', id: 2, channel, state: { name } })
      await raw.heard('presenceChange')
      expect(raw.of('presenceChange')[0]).toMatchObject({ joined: [{ user: name, state: { name } }] })
      const data = `{"${name}":{"admin":true},"nested":[{"${name}":1}]}`
      raw.say(`{"type":"publish","id":3,"channel":"${channel}","event":"noted","data":${data},"sequence":1}`)
      await raw.heard('ack')
      await until(() => raw.offsets(channel).length === 1)
      expect(raw.text).toContain(`"data":${data}`)
      const answer = await target.get(eventsPath(channel))
      expect(await answer.text()).toContain(`"data":${data}`)
      expect(await (await target.get(`/v1/channels/note%2F${name}/presence`)).json()).toMatchObject({
        total: 1,
      })
    },
  )

  it.each(PROTOTYPE_NAMES)('[row 14] [PB6] %s is no event, signal, call or kind of channel', async (name) => {
    const target = await Target.start()
    const raw = await target.welcomed()
    raw.say({ type: 'publish', id: 1, channel: 'note/lobby', event: name, data: {}, sequence: 1 })
    raw.say({ type: 'call', id: 2, channel: 'note/lobby', name, data: {} })
    raw.say({ type: 'signal', channel: 'note/lobby', name, data: {} })
    raw.say({ type: 'subscribe', id: 3, channel: name })
    raw.say({ type: 'subscribe', id: 4, channel: `${name}/lobby` })
    raw.say({ type: name, id: 5 })
    await raw.heard('error', 6)
    expect(
      raw
        .of('error')
        .map(({ id, code }) => [id, code])
        .sort(),
    ).toEqual(
      [
        [1, 'unknown-event'],
        [2, 'unknown-event'],
        [3, 'unknown-channel'],
        [4, 'unknown-channel'],
        [5, 'bad-frame'],
        [undefined, 'unknown-event'],
      ].sort(),
    )
    const posted = await target.post('note/lobby', { type: name, data: {} })
    expect([posted.status, ((await posted.json()) as { code: string }).code]).toEqual([422, 'unknown-event'])
    expect((await target.get(`/v1/${name}`)).status).toBe(404)
    expect((await target.get(`/v1/channels/note%2Flobby/${name}`)).status).toBe(404)
    expect((await target.get(`/v1/channels/note%2Flobby/events?${name}=1&${name}[x]=2`)).status).toBe(200)
  })
})

// A good frame of each kind, whose every field is then spoilt in every way.
const good: Readonly<Record<string, object>> = {
  hello: {
    producer: 'p',
    token: 'ada',
    subscribe: [{ id: 1, channel: 'note/a', after: 'now', state: 0, presence: 'counts' }],
  },
  auth: { token: 'ada' },
  subscribe: { id: 2, channel: 'note/a', after: 'start', state: 1, presence: 'members' },
  unsubscribe: { id: 3, channel: 'note/a' },
  publish: {
    id: 4,
    channel: 'note/a',
    event: 'said',
    data: { text: 'x' },
    sequence: 1,
    previous: 0,
    producerEpoch: 0,
  },
  signal: { channel: 'note/a', name: 'typing', data: { at: 1 } },
  enter: { id: 5, channel: 'note/a', state: { name: 'n' } },
  leave: { channel: 'note/a' },
  call: { id: 6, channel: 'note/a', name: 'shout', data: { text: 'x' } },
  ping: { id: 7 },
  lane: { lane: 1, frames: [{ type: 'hello', producer: 'p' }] },
  laneClosed: { lane: 1 },
  laneRead: { lane: 1, mark: 1 },
}
const SPOILT = [
  'null',
  '[]',
  '{}',
  'true',
  '-1',
  '1.5',
  '1e400',
  '9007199254740993',
  '"NaN"',
  '""',
  '"\\u0000"',
  `"${'9'.repeat(300)}"`,
  '[{}]',
  '{"length":1e9}',
  '{"toString":1}',
  '-0',
]

describe('frames with something else in every field', () => {
  const first = ['hello', 'lane', 'laneClosed', 'laneRead']
  const spoilt = (type: string) =>
    Object.keys({ ...good[type], type }).flatMap((field) =>
      SPOILT.map((value) => JSON.stringify({ type, ...good[type], [field]: '•' }).replace('"•"', value)),
    )
  const fast = { framesPerSecond: 100_000, frameBurst: 100_000 }

  it('[row 15] there is one of each kind', () => {
    expect(Object.keys(good)).toEqual(Object.keys(clientFrames))
  })

  it.each(first)(
    '[row 15] [CN3] [LN1] %s as the first frame: an answer, or a close with its reason',
    async (type) => {
      const target = await Target.start({ limits: fast })
      const wish = { id: 1, channel: 'note/a', after: 'now', state: 0, presence: 'counts' }
      const wishes = Object.keys(wish).flatMap((field) =>
        SPOILT.map((value) =>
          JSON.stringify({ ...good.hello, type, subscribe: [{ ...wish, [field]: '•' }] }).replace(
            '"•"',
            value,
          ),
        ),
      )
      for (const text of [...spoilt(type), ...(type === 'hello' ? wishes : [])]) {
        const raw = await target.upgraded()
        raw.say(text)
        raw.say({ type: 'ping' })
        await raw.when(() => raw.closeCode !== undefined || raw.of('pong').length === 1, text)
        expect([undefined, 4400, 4401], text).toContain(raw.closeCode)
        expect(() => raw.said, text).not.toThrow()
        raw.socket.destroy()
      }
      expect(target.happenings.filter(({ name }) => name === 'fault')).toEqual([])
    },
  )

  it.each(Object.keys(good).filter((type) => !first.includes(type)))(
    '[row 15] [CN5] %s: an answer or an error, and the connection lives',
    async (type) => {
      const target = await Target.start({ limits: fast })
      const texts = spoilt(type)
      // Nine malformed messages a minute are borne, and another person's token is not.
      const codes = type === 'auth' ? [undefined, 4401] : [undefined]
      for (let i = 0; i < texts.length; i += 9) {
        const raw = await target.welcomed({ token: 'ada' })
        for (const text of texts.slice(i, i + 9)) raw.say(text)
        raw.say({ type: 'ping' })
        await raw.when(() => raw.of('pong').length > 0 || raw.closeCode !== undefined, 'an answer')
        expect(codes).toContain(raw.closeCode)
        expect(raw.of('error').every(({ code }) => code !== 'internal')).toBe(true)
        raw.socket.destroy()
      }
      expect(target.happenings.filter(({ name }) => name === 'fault')).toEqual([])
    },
  )

  it.each([
    ['an unknown type', '{"type":"teleport","id":1}', 'bad-frame'],
    [
      'a type of the server’s',
      '{"type":"welcome","connection":"x","you":"y","heartbeatMs":1,"now":1}',
      'bad-frame',
    ],
    ['no type', '{"id":1}', 'bad-frame'],
    ['a list in a list', '[[{"type":"ping"}]]', 'bad-frame'],
    ['text', '"ping"', 'bad-frame'],
    ['a version of its own', '{"type":"ping","version":9,"v":"2"}', undefined],
    ['an empty list', '[]', undefined],
  ])(
    '[row 16] [CN5] [CN7] %s is an error or ignored, and the connection lives',
    async (_what, text, code) => {
      const target = await Target.start()
      const raw = await target.welcomed()
      raw.say(text)
      raw.say({ type: 'ping', marker: true })
      await raw.heard('pong')
      expect(raw.of('error').map((error) => error.code)).toEqual(code === undefined ? [] : [code])
      expect(raw.closeCode).toBeUndefined()
    },
  )

  it('[row 16] a subprotocol is for the life of the connection: what a frame says about it changes nothing', async () => {
    const target = await Target.start()
    const raw = await target.welcomed({ protocol: 'tidings.v2.json', version: 2, heartbeatMs: 1, limits: {} })
    raw.say({ type: 'ping', codec: 'cbor' })
    await raw.heard('pong')
    expect(raw.of('welcome')[0]).toHaveProperty('heartbeatMs', 25_000)
    raw.say({ type: 'hello', producer: 'another' })
    expect(await raw.closed()).toBe(4400)
  })
})

it('a peer that resets its connection at any byte leaves nothing behind', async () => {
  const target = await Target.start()
  const all = Buffer.concat([
    Buffer.from(upgradeRequest(target.port)),
    frame(1, '{"type":"hello","producer":"p","subscribe":[{"id":1,"channel":"note/a"}]}'),
    frame(1, JSON.stringify({ ...publish(1, { text: 'x' }), channel: 'note/a' })),
    frame(9, 'ping'),
  ])
  for (let length = 0; length < all.length; length += 3) {
    const raw = new Raw(target.port)
    raw.write(all.subarray(0, length))
    await until(() => raw.socket.bytesWritten === length && !raw.socket.connecting)
    raw.socket.resetAndDestroy()
  }
  await until(async () => (await target.sockets) === 0)
  expect(target.server.connections).toBe(0)
  expect(target.happenings.filter(({ name }) => name === 'fault')).toEqual([])
  expect(await target.isWell()).toBe(true)
})
