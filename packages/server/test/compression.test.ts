// permessage-deflate over real sockets, frame by frame: who gets which bytes, and what a peer may send compressed.

import { randomBytes } from 'node:crypto'
import { connect, type Socket } from 'node:net'
import { constants, deflateRawSync, inflateRawSync } from 'node:zlib'
import { describe, expect, it, onTestFinished } from 'vitest'
import { DeflatedFrames } from '../src/deflated-frames.ts'
import { TextFrames } from '../src/text-frames.ts'
import { Rim, until } from './rim.ts'

const OFFER = 'permessage-deflate; client_max_window_bits'
const HELLO = {
  type: 'hello',
  producer: 'p1',
  subscribe: [{ type: 'subscribe', id: 1, channel: 'note/lobby' }],
}

interface Frame {
  readonly opcode: number
  readonly isCompressed: boolean
  readonly payload: Buffer
  readonly text: string
}

/** A reader that sees the frames as they come. */
class FrameReader {
  readonly #socket: Socket
  #heard = Buffer.alloc(0)
  head = ''

  static async upgraded(rim: Rim, offer?: string): Promise<FrameReader> {
    const reader = new FrameReader(rim.port)
    const lines = [
      'GET /v1/socket HTTP/1.1',
      `Host: ${rim.host}`,
      'Connection: Upgrade',
      'Upgrade: websocket',
      'Sec-WebSocket-Version: 13',
      `Sec-WebSocket-Key: ${randomBytes(16).toString('base64')}`,
      'Sec-WebSocket-Protocol: tidings.v1.json',
      ...(offer === undefined ? [] : [`Sec-WebSocket-Extensions: ${offer}`]),
    ]
    reader.#socket.write(`${lines.join('\r\n')}\r\n\r\n`)
    await until(() => reader.#heard.includes('\r\n\r\n'))
    const end = reader.#heard.indexOf('\r\n\r\n') + 4
    reader.head = reader.#heard.subarray(0, end).toString()
    reader.#heard = reader.#heard.subarray(end)
    return reader
  }

  /** Upgraded, welcome, and live in the lobby. */
  static async live(rim: Rim, { offer = OFFER, lane }: { offer?: string; lane?: number } = {}) {
    const reader = await FrameReader.upgraded(rim, offer)
    reader.say(lane === undefined ? HELLO : { type: 'lane', lane, frames: [HELLO] })
    await reader.hears('"type":"live"')
    return reader
  }

  private constructor(port: number) {
    this.#socket = connect(port, '127.0.0.1')
    this.#socket.on('error', () => {})
    this.#socket.on('data', (chunk) => {
      this.#heard = Buffer.concat([this.#heard, chunk])
    })
    onTestFinished(() => void this.#socket.destroy())
  }

  get agreed(): string | undefined {
    return /^sec-websocket-extensions: (.*)$/im.exec(this.head)?.[1]
  }

  get frames(): readonly Frame[] {
    const frames: Frame[] = []
    for (let i = 0; i + 2 <= this.#heard.length; ) {
      const first = this.#heard[i] as number
      const short = this.#heard[i + 1] as number
      const start = i + (short < 126 ? 2 : short === 126 ? 4 : 10)
      const length =
        short < 126 ? short : this.#heard.readUIntBE(short === 126 ? i + 2 : i + 4, short === 126 ? 2 : 6)
      if (start + length > this.#heard.length) break
      const payload = this.#heard.subarray(start, start + length)
      const isCompressed = (first & 0x40) !== 0
      frames.push({
        opcode: first & 0x0f,
        isCompressed,
        payload,
        text: (isCompressed ? inflated(payload) : payload).toString(),
      })
      i = start + length
    }
    return frames
  }

  get last(): Frame | undefined {
    return this.frames.at(-1)
  }

  hears(text: string): Promise<void> {
    return until(() => this.last?.text.includes(text) ?? false)
  }

  async closeCode(): Promise<number | undefined> {
    await until(() => this.last?.opcode === 8)
    return this.last?.payload.readUInt16BE(0)
  }

  say(frame: object): void {
    this.write(Buffer.from(JSON.stringify(frame)), 0x81)
  }

  /** Masked by zeros, as a client may. */
  write(payload: Buffer, first: number): void {
    const head = Buffer.alloc(8)
    head.set([first, 0x80 | 126])
    head.writeUInt16BE(payload.length, 2)
    this.#socket.write(Buffer.concat([head, payload]))
  }
}

const inflated = (payload: Buffer) =>
  inflateRawSync(Buffer.concat([payload, Buffer.from([0, 0, 0xff, 0xff])]), {
    finishFlush: constants.Z_SYNC_FLUSH,
  })

const deflated = (text: string | Buffer) =>
  deflateRawSync(text, { finishFlush: constants.Z_SYNC_FLUSH }).subarray(0, -4)

const burst = (mark: string, count = 16) =>
  Array.from({ length: count }, (_, i) => ({
    type: 'said',
    data: { text: `${mark} ${i}: ${'word '.repeat(20)}` },
  }))

describe('a broadcast that is compressed once', () => {
  it('[CN12] is agreed on where the server has it and the client offers it, without context takeover', async () => {
    const plain = await Rim.start()
    expect((await FrameReader.upgraded(plain, OFFER)).agreed).toBeUndefined()
    const rim = await Rim.start({ compression: true })
    expect((await FrameReader.upgraded(rim)).agreed).toBeUndefined()
    expect((await FrameReader.upgraded(rim, OFFER)).agreed).toBe(
      'permessage-deflate; server_no_context_takeover; client_no_context_takeover',
    )
  })

  it.each([
    'permessage-deflate; server_max_window_bits=10, permessage-deflate; client_max_window_bits',
    'permessage-deflate; of_tomorrow=1, x-other; a=b, permessage-deflate',
    'permessage-deflate;server_max_window_bits="15" ; client_no_context_takeover',
  ])('[CN12] takes the first offer that it can keep: %s', async (offer) => {
    const rim = await Rim.start({ compression: true })
    const readers = []
    for (let i = 0; i < 2; i++) readers.push(await FrameReader.live(rim, { offer }))
    await rim.post(burst('once'))
    for (const reader of readers) await reader.hears('once 15')
    expect(readers[1]?.last?.isCompressed).toBe(true)
  })

  it.each([
    ...['permessage-deflate; of_tomorrow=1', 'permessage-deflate; server_max_window_bits', ' , ;;', ''],
    ...['permessage-deflate; client_max_window_bits=7', 'permessage-deflate; client_max_window_bits=1e1'],
    'permessage-deflate; client_no_context_takeover; client_no_context_takeover',
  ])(
    '[CN12] is declined where the offer is none that can be kept, and the connection is not: "%s"',
    async (offer) => {
      const rim = await Rim.start({ compression: true })
      const reader = await FrameReader.live(rim, { offer })
      expect(reader.agreed).toBeUndefined()
    },
  )

  it('[CN12] is the same bytes for the second reader of a message and all after it, message by message', async () => {
    const rim = await Rim.start({ compression: true })
    const readers = []
    for (let i = 0; i < 4; i++) readers.push(await FrameReader.live(rim))
    for (const mark of ['once', 'again']) {
      await rim.post(burst(mark))
      for (const reader of readers) await reader.hears(`${mark} 15`)
      const [first, ...others] = readers.map(({ last }) => last as Frame)
      expect(first?.isCompressed).toBe(false)
      for (const { isCompressed, payload, text } of others) {
        expect(isCompressed).toBe(true)
        expect(payload.equals(others[0]?.payload as Buffer)).toBe(true)
        expect(text).toBe(first?.text)
        expect(payload.length).toBeLessThan((first?.payload.length ?? 0) / 3)
      }
    }
  })

  it('[CN12] goes to lanes of one number as it goes to connections', async () => {
    const rim = await Rim.start({ compression: true })
    const readers = []
    for (const lane of [1, 2, 1, 2, 1]) readers.push(await FrameReader.live(rim, { lane }))
    await rim.post(burst('once'))
    for (const reader of readers) await reader.hears('once 15')
    expect(readers.map(({ last }) => last?.isCompressed)).toEqual([false, false, true, true, true])
    expect(readers[2]?.last?.payload.equals(readers[4]?.last?.payload as Buffer)).toBe(true)
    expect(readers[2]?.last?.text).toBe(readers[0]?.last?.text)
  })

  it('[CN12] goes as it is to who did not offer it, or asks for a smaller window', async () => {
    const rim = await Rim.start({ compression: true })
    const readers = []
    for (const offer of ['permessage-deflate; server_max_window_bits=10', 'x-other', OFFER, OFFER])
      readers.push(await FrameReader.live(rim, { offer }))
    await rim.post(burst('once'))
    for (const reader of readers) await reader.hears('once 15')
    expect(readers.map(({ last }) => last?.isCompressed)).toEqual([false, false, false, true])
  })

  it('[CN12] is not made of what one connection is answered, of pages of history, and of short messages', async () => {
    const rim = await Rim.start({ compression: true })
    await rim.post(burst('old'))
    const after = {
      ...HELLO,
      subscribe: [{ type: 'subscribe', id: 1, channel: 'note/lobby', after: 'start' }],
    }
    const readers = []
    for (let i = 0; i < 3; i++) {
      const reader = await FrameReader.upgraded(rim, OFFER)
      readers.push(reader)
      reader.say(after)
      await reader.hears('"type":"live"')
      reader.say({
        type: 'call',
        id: 2,
        channel: 'note/lobby',
        name: 'shout',
        data: { text: 'secret '.repeat(200) },
      })
      await reader.hears('"type":"reply"')
    }
    await rim.post(burst('short', 1))
    for (const reader of readers) await reader.hears('short 0')
    const frames = readers.flatMap((reader) => reader.frames)
    expect(frames.length).toBeGreaterThanOrEqual(9)
    expect(frames.filter(({ isCompressed }) => isCompressed)).toEqual([])
  })

  it('[CN12] is not kept for long messages when others have come: the memory for it is bounded', () => {
    const frames = new DeflatedFrames(new TextFrames())
    const isCompressed = (mark: string) => frames.of(mark.repeat(1_000_000), true)[0] === 0xc1
    expect(['a', 'b', 'a', 'b', 'c', 'b'].map(isCompressed)).toEqual([false, false, true, true, false, true])
    expect(isCompressed('a')).toBe(false)
  })

  it('[CN12] is read by Node’s own WebSocket as any other', async () => {
    const rim = await Rim.start({ compression: true })
    const heard: string[] = []
    for (let i = 0; i < 2; i++) {
      const socket = new WebSocket(`ws://${rim.host}/v1/socket`, 'tidings.v1.json')
      onTestFinished(() => socket.close())
      socket.onmessage = ({ data }) => void heard.push(String(data))
      socket.onopen = () => socket.send(JSON.stringify(HELLO))
      await until(() => heard.filter((text) => text.includes('"live"')).length > i)
      expect(socket.extensions).toContain('permessage-deflate')
    }
    await rim.post(burst('once'))
    await until(() => heard.filter((text) => text.includes('once 15')).length === 2)
    expect(heard.at(-1)).toBe(heard.at(-2))
  })
})

describe('a message that comes in compressed', () => {
  it('[CN12] is read as any other', async () => {
    const rim = await Rim.start({ compression: true })
    const reader = await FrameReader.upgraded(rim, OFFER)
    reader.write(deflated(JSON.stringify(HELLO)), 0xc1)
    await reader.hears('"type":"live"')
    for (const id of [1, 2]) {
      reader.write(deflated('{"type":"ping"}'), 0xc1)
      await until(() => reader.frames.filter(({ text }) => text.includes('"pong"')).length === id)
    }
  })

  it('[CN6] [row 9] is measured inflated: one byte too many closes with 1009, and so does a bomb', async () => {
    const rim = await Rim.start({ compression: true, limits: { messageBytes: 20_000 } })
    const fits = await FrameReader.live(rim)
    fits.write(deflated(JSON.stringify({ type: 'ping' }).padEnd(20_000)), 0xc1)
    await fits.hears('"type":"pong"')
    // A lane's envelope has 64 bytes of its own.
    for (const length of [20_065, 8 * 1024 * 1024]) {
      const reader = await FrameReader.live(rim)
      reader.write(deflated(JSON.stringify({ type: 'ping' }).padEnd(length)), 0xc1)
      expect(await reader.closeCode()).toBe(1009)
    }
  })

  it('[row 8] closes with 1007 where it cannot be inflated, and with 1002 where it was not agreed on', async () => {
    for (const [compression, code] of [
      [true, 1007],
      [false, 1002],
    ] as const) {
      const rim = await Rim.start({ compression })
      const reader = await FrameReader.live(rim)
      reader.write(Buffer.from([0xff, 0xff, 0xff, 0xff]), 0xc1)
      expect(await reader.closeCode()).toBe(code)
    }
  })
})
