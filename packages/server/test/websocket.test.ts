// Upgrades and sockets: what is let in, what is turned away, and what a hostile peer can do, over real connections.

import { randomBytes } from 'node:crypto'
import { connect, type Socket } from 'node:net'
import { describe, expect, it } from 'vitest'
import { Rim, until, untilDone } from './rim.ts'

const upgrade = (
  rim: Rim,
  extra: Readonly<Record<string, string | undefined>> = {},
  line = 'GET /v1/socket HTTP/1.1',
) => {
  const headers: Record<string, string | undefined> = {
    host: rim.host,
    connection: 'Upgrade',
    upgrade: 'websocket',
    'sec-websocket-version': '13',
    'sec-websocket-key': randomBytes(16).toString('base64'),
    'sec-websocket-protocol': 'tidings.v1.json',
    ...extra,
  }
  const lines = Object.entries(headers).filter(([, value]) => value !== undefined)
  return `${[line, ...lines.map(([name, value]) => `${name}: ${value}`)].join('\r\n')}\r\n\r\n`
}

/** An upgraded connection that speaks bytes. */
async function rawSocket(rim: Rim): Promise<{ socket: Socket; heard: () => Buffer }> {
  const socket = connect(rim.port, '127.0.0.1')
  const chunks: Buffer[] = []
  socket.on('data', (chunk) => chunks.push(chunk))
  socket.on('error', () => {})
  socket.write(upgrade(rim))
  await until(() => Buffer.concat(chunks).includes('\r\n\r\n'))
  const head = Buffer.concat(chunks).indexOf('\r\n\r\n') + 4
  return { socket, heard: () => Buffer.concat(chunks).subarray(head) }
}

/** A masked frame, as clients send them; the mask is zero. */
function frame(
  opcode: number,
  payload: string | Buffer,
  { fin = true, rsv = 0, masked = true, length = Buffer.byteLength(payload) } = {},
): Buffer {
  const head = Buffer.alloc(length < 126 ? 2 : length < 65_536 ? 4 : 10)
  head[0] = (fin ? 0x80 : 0) | (rsv << 4) | opcode
  head[1] = (masked ? 0x80 : 0) | (length < 126 ? length : length < 65_536 ? 126 : 127)
  if (head.length === 4) head.writeUInt16BE(length, 2)
  if (head.length === 10) head.writeBigUInt64BE(BigInt(length), 2)
  return Buffer.concat([head, masked ? Buffer.alloc(4) : Buffer.alloc(0), Buffer.from(payload)])
}

/** The code of the close frame that ends what was heard. */
function closeCode(bytes: Buffer): number | undefined {
  for (let i = 0; i < bytes.length; ) {
    const length = (bytes[i + 1] as number) & 0x7f
    const start = length === 126 ? i + 4 : length === 127 ? i + 10 : i + 2
    const size =
      length === 126
        ? bytes.readUInt16BE(i + 2)
        : length === 127
          ? Number(bytes.readBigUInt64BE(i + 2))
          : length
    if (((bytes[i] as number) & 0x0f) === 8) return bytes.readUInt16BE(start)
    i = start + size
  }
  return undefined
}

describe('an upgrade', () => {
  it('[CN1] is accepted with the subprotocol, also among others', async () => {
    const rim = await Rim.start()
    const dialled = rim.dial({}, ['other.v9', 'tidings.v1.json', 'tidings.v2.cbor'])
    await dialled.opened
    expect(dialled.webSocket.protocol).toBe('tidings.v1.json')
    expect(dialled.webSocket.extensions).toBe('')
  })

  it('[CN1] is refused without a subprotocol that the server speaks: 426', async () => {
    const rim = await Rim.start()
    for (const protocols of [[], ['tidings.v2.json'], ['TIDINGS.V1.JSON']]) {
      const reply = await rim.dial({}, protocols).refused
      expect(reply).toMatchObject({ status: 426, json: { code: 'unsupported-version' } })
      expect(reply.headers).toMatchObject({
        'sec-websocket-protocol': 'tidings.v1.json',
        'sec-websocket-version': '13',
      })
    }
  })

  it.each([
    'null',
    'https://app.example.com.evil.com',
    'https://evil-app.example.com',
    'http://app.example.com',
    'https://app.example.com:8443',
    'HTTPS://APP.EXAMPLE.COM',
    'https://app.example.com/',
    'http://localhost',
    'file://',
  ])('[AU2] of a page of %s is refused: 403', async (origin) => {
    const rim = await Rim.start()
    const reply = await rim.dial({ origin }).refused
    expect(reply).toMatchObject({ status: 403, json: { code: 'origin-refused', field: 'origin' } })
    expect(reply.headers['content-type']).toBe('application/problem+json')
    expect(rim.happenings).toContainEqual(
      expect.objectContaining({
        name: 'refused',
        what: 'upgrade',
        code: 'origin-refused',
        detail: `Pages of ${origin} may not use this server: its list of origins (TIDINGS_ORIGINS) does not name them.`,
      }),
    )
  })

  it('[AU2] is accepted from a listed origin, from the server’s own, and from what is no browser', async () => {
    const rim = await Rim.start()
    for (const options of [{ origin: 'https://app.example.com' }, { origin: `http://${rim.host}` }, {}]) {
      await rim.dial(options).opened
    }
  })

  it('[AU2] lets cookies count from an allowed origin alone', async () => {
    const rim = await Rim.start()
    const cookie = 'a=1; session=ada; session=bob; __proto__=x'
    const known = await rim.welcomed(undefined, { origin: 'https://app.example.com', headers: { cookie } })
    expect(JSON.parse(known.text)).toMatchObject({ type: 'welcome', user: 'ada' })
    const unknown = await rim.welcomed(undefined, { headers: { cookie } })
    expect(JSON.parse(unknown.text)).not.toHaveProperty('user')
    expect(({} as Record<string, unknown>).x).toBeUndefined()
  })

  it.each([
    ['another version', { 'sec-websocket-version': '8' }, 426],
    ['no version', { 'sec-websocket-version': undefined }, 426],
    ['a version twice', { 'sec-websocket-version': '13, 13' }, 426],
    ['no key', { 'sec-websocket-key': undefined }, 400],
    ['a key that is none', { 'sec-websocket-key': 'short' }, 400],
    ['16 KB of commas as subprotocol', { 'sec-websocket-protocol': ','.repeat(12_000) }, 426],
    ['a broken list of subprotocols', { 'sec-websocket-protocol': 'tidings.v1.json,,' }, 400],
  ])('with %s is refused', async (_what, headers, status) => {
    const rim = await Rim.start()
    expect(await rim.raw(upgrade(rim, headers))).toMatch(new RegExp(`^HTTP/1.1 ${status} `))
    await rim.dial().opened
  })

  it('survives names of the prototype among the extensions', async () => {
    const rim = await Rim.start()
    const dialled = rim.dial({
      headers: { 'sec-websocket-extensions': 'constructor, __proto__, toString; hasOwnProperty' },
    })
    await dialled.opened
  })

  it('survives two thousand headers', async () => {
    const rim = await Rim.start()
    const many = Object.fromEntries(Array.from({ length: 2_000 }, (_, i) => [`a${i}`, '']))
    expect(await rim.raw(upgrade(rim, many))).toMatch(/^HTTP\/1.1 431 /)
    await rim.dial().opened
  })

  it('by another method, or to another address, is refused', async () => {
    const rim = await Rim.start()
    expect(await rim.raw(upgrade(rim, {}, 'POST /v1/socket HTTP/1.1'))).toMatch(/^HTTP\/1.1 405 /)
    expect(await rim.raw(upgrade(rim, {}, 'GET /v1/socket/ HTTP/1.1'))).toMatch(/^HTTP\/1.1 404 /)
    expect(await rim.raw(upgrade(rim, {}, 'GET /chat HTTP/1.1'))).toMatch(/^HTTP\/1.1 404 /)
  })

  it('to HTTP/2 in clear is passed over: the request is answered as it is', async () => {
    const rim = await Rim.start()
    const request =
      'GET /healthz HTTP/1.1\r\nhost: x\r\nconnection: upgrade, http2-settings, close\r\nupgrade: h2c\r\nhttp2-settings: AAMAAABk\r\n\r\n'
    expect(await rim.raw(request)).toMatch(/^HTTP\/1.1 200 /)
  })

  it('that comes while the server drains is refused, with a time to come back: 503', async () => {
    const rim = await Rim.start()
    await rim.welcomed()
    const closing = rim.server.close({ drainMs: 10_000 })
    const reply = await rim.dial().refused
    expect(reply).toMatchObject({ status: 503, json: { code: 'draining', retryAfterMs: expect.any(Number) } })
    expect(reply.headers).toHaveProperty('retry-after')
    await rim.clock.advance(12_000)
    await closing
  })
})

describe('strangers', () => {
  it('[CN3] are at most 20 of one address', async () => {
    const rim = await Rim.start()
    const strangers = Array.from({ length: 20 }, () => rim.dial())
    await Promise.all(strangers.map(({ opened }) => opened))
    expect(await rim.dial().refused).toMatchObject({ status: 429, json: { code: 'too-many-connections' } })
    strangers[0]?.send({ type: 'hello', producer: 'p' })
    await until(() => strangers[0]?.text.includes('welcome') ?? false)
    await rim.dial().opened
    strangers[1]?.webSocket.close()
    await strangers[1]?.closed
    await rim.dial().opened
  })

  it('[CN3] are closed after 10 s with 4408', async () => {
    const rim = await Rim.start()
    const stranger = rim.dial()
    await stranger.opened
    await rim.clock.advance(11_000)
    expect(await stranger.closed).toEqual({ code: 4408, reason: 'hello-timeout' })
  })

  it('[CN3] who say anything but hello are closed with 4400', async () => {
    const rim = await Rim.start()
    const stranger = rim.dial()
    await stranger.opened
    for (let i = 0; i < 10_000; i++) stranger.send({ type: 'ping' })
    expect((await stranger.closed).code).toBe(4400)
  })

  it('that were refused too often get no answer any more', async () => {
    const rim = await Rim.start({ limits: { failureBurst: 3 } })
    for (let i = 0; i < 3; i++) expect((await rim.dial({ origin: 'null' }).refused).status).toBe(403)
    expect(await rim.raw(upgrade(rim, { origin: 'null' }))).toBe('')
    await rim.dial().opened
  })

  it('[AU1] with a bad token are closed with 4401', async () => {
    const rim = await Rim.start()
    const stranger = rim.dial()
    await stranger.opened
    stranger.send({ type: 'hello', producer: 'p', token: 'nonsense' })
    expect(await stranger.closed).toEqual({ code: 4401, reason: 'unauthenticated' })
  })
})

describe('a connection', () => {
  it('[CN2] that sends bytes is closed with 1003', async () => {
    const rim = await Rim.start()
    const dialled = await rim.welcomed()
    dialled.webSocket.send(Buffer.from('{"type":"ping"}'))
    expect((await dialled.closed).code).toBe(1003)
  })

  it('[CN8] whose platform sends pings of its own is not silent', async () => {
    const rim = await Rim.start()
    const [quiet, pinging] = [await rim.welcomed(), await rim.welcomed()]
    for (let i = 0; i < 6; i++) {
      await rim.clock.advance(15_000)
      const answered = new Promise((resolve) => pinging.webSocket.once('pong', resolve))
      pinging.webSocket.ping()
      await answered
    }
    expect((await quiet.closed).code).toBe(4409)
    pinging.send({ type: 'ping' })
    await until(() => pinging.text.includes('"pong"'))
  })

  it('[CN6] may send 64 KB at once, and not a byte more: 1009', async () => {
    const rim = await Rim.start()
    const fits = await rim.welcomed()
    const ping = (length: number) => `{"type":"ping","x":"${'x'.repeat(length - 22)}"}`
    fits.send(ping(65_536))
    await until(() => fits.text.includes('pong'))
    fits.send(ping(65_537))
    expect((await fits.closed).code).toBe(1009)
  })

  it('[CN6] is closed by the announced length, before the bytes are there', async () => {
    const rim = await Rim.start()
    const { socket, heard } = await rawSocket(rim)
    socket.write(frame(1, '', { length: 2 ** 40 }))
    await until(() => closeCode(heard()) !== undefined)
    expect(closeCode(heard())).toBe(1009)
  })

  it('[CN6] may bring its messages byte by byte, the longest too', async () => {
    const rim = await Rim.start()
    const { socket, heard } = await rawSocket(rim)
    socket.setNoDelay(true)
    const hello = frame(1, JSON.stringify({ type: 'hello', producer: 'p', padding: 'x'.repeat(12_000) }))
    for (const byte of hello) {
      socket.write(Buffer.of(byte))
      await new Promise((resolve) => setImmediate(resolve))
    }
    await untilDone(
      until(() => heard().length > 0),
      rim.clock,
    )
    expect(heard().toString()).toContain('"type":"welcome"')
  })

  it('that never finishes a message of tiny pieces is closed with 1008', async () => {
    const rim = await Rim.start()
    const { socket, heard } = await rawSocket(rim)
    socket.write(frame(1, 'x', { fin: false }))
    for (let i = 0; i < 100; i++) socket.write(frame(0, 'x', { fin: false }))
    await until(() => closeCode(heard()) !== undefined)
    expect(closeCode(heard())).toBe(1008)
  })

  it.each([
    ['an unmasked frame', frame(1, 'x', { masked: false }), 1002],
    ['reserved bits', frame(1, 'x', { rsv: 4 }), 1002],
    ['an unknown opcode', frame(3, 'x'), 1002],
    ['a long control frame', frame(9, 'x'.repeat(126)), 1002],
    ['text that is not UTF-8', frame(1, Buffer.from([0xff, 0xfe])), 1007],
    ['a close code that may not be sent', frame(8, Buffer.from([0x03, 0xed])), 1002],
  ])('that sends %s is closed', async (_what, bytes, code) => {
    const rim = await Rim.start()
    const { socket, heard } = await rawSocket(rim)
    socket.write(bytes)
    await until(() => closeCode(heard()) !== undefined)
    expect(closeCode(heard())).toBe(code)
    expect((await rim.ask('/healthz')).status).toBe(200)
  })

  it('that floods pings without reading the pongs is ended', async () => {
    const rim = await Rim.start()
    const { socket } = await rawSocket(rim)
    socket.pause()
    await until(() => rim.server.connections === 1)
    socket.write(Buffer.concat(Array.from({ length: 1_000 }, () => frame(9, 'x'.repeat(125)))))
    await until(() => rim.server.connections === 0)
    socket.destroy()
  })

  it('that is reset in the middle leaves nothing behind', async () => {
    const rim = await Rim.start()
    const { socket } = await rawSocket(rim)
    await until(() => rim.server.connections === 1)
    socket.write(frame(1, 'x', { fin: false }))
    socket.resetAndDestroy()
    await until(() => rim.server.connections === 0)
    expect(rim.happenings).toContainEqual(expect.objectContaining({ name: 'connectionClosed', code: 1006 }))
  })

  it('[CN2] that goes on sending after the server closed it is not heard', async () => {
    const rim = await Rim.start()
    const dialled = await rim.welcomed('user:ada')
    dialled.webSocket.send(Buffer.from('bytes'))
    const late = {
      type: 'publish',
      id: 1,
      channel: 'note/lobby',
      event: 'said',
      data: { text: 'late' },
      sequence: 1,
    }
    dialled.send(late)
    expect((await dialled.closed).code).toBe(1003)
    expect((await rim.read()).json.entries).toEqual([])
  })

  it('[SB7] that stops reading gets every entry once, in order, when it reads on', async () => {
    const rim = await Rim.start({ limits: { highWaterBytes: 20_000 } })
    const reader = await rim.welcomed()
    reader.send({ type: 'subscribe', id: 1, channel: 'note/lobby', after: 'start' })
    await until(() => reader.text.includes('"live"'))
    reader.webSocket.pause()
    for (let i = 0; i < 60; i++)
      await rim.post(Array.from({ length: 100 }, () => ({ type: 'said', data: { text: 'x'.repeat(2_000) } })))
    await until(() => rim.happenings.some(({ name }) => name === 'fellBehind'))
    reader.webSocket.resume()
    await until(() => /"live".*:6000:/.test(reader.latest))
    const frames = reader.text
      .trim()
      .split('\n')
      .flatMap((line) => [JSON.parse(line)].flat())
    const offsets = frames
      .filter(({ type }) => type === 'entries')
      .flatMap(({ entries }) => entries.map(({ offset }: { offset: number }) => offset))
    expect(offsets).toEqual(Array.from({ length: 6_000 }, (_, i) => i + 1))
  })

  it('[CN9] is told to leave when the server closes, and is closed with 4503 in the end', async () => {
    const rim = await Rim.start()
    const dialled = await rim.welcomed()
    const closing = rim.server.close({ drainMs: 5_000 })
    await until(() => dialled.text.includes('"drain"'))
    await rim.clock.advance(6_000)
    expect(await dialled.closed).toEqual({ code: 4503, reason: 'draining' })
    await rim.clock.advance(1_000)
    await closing
    await rim.server.close()
  })

  it('[AU6] of a user that is revoked is closed with 4403', async () => {
    const rim = await Rim.start()
    const ada = await rim.welcomed('user:ada')
    expect(rim.server.revoke({ user: 'ada' })).toBe(1)
    expect(await ada.closed).toEqual({ code: 4403, reason: 'revoked' })
  })
})
