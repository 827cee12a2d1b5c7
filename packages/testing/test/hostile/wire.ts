// WebSocket as bytes (RFC 6455), for what no library would send.

import { randomBytes } from 'node:crypto'

/** Undefined leaves a header out. A list sends it several times. */
export type Headers = Readonly<Record<string, string | readonly string[] | undefined>>

export function upgradeRequest(port: number, extra: Headers = {}, line = 'GET /v1/socket HTTP/1.1'): string {
  const headers: Headers = {
    host: `127.0.0.1:${port}`,
    connection: 'Upgrade',
    upgrade: 'websocket',
    'sec-websocket-version': '13',
    'sec-websocket-key': randomBytes(16).toString('base64'),
    'sec-websocket-protocol': 'tidings.v1.json',
    ...extra,
  }
  const lines = Object.entries(headers).flatMap(([name, value]) =>
    value === undefined ? [] : [value].flat().map((each) => `${name}: ${each}\r\n`),
  )
  return `${line}\r\n${lines.join('')}\r\n`
}

export interface FrameOptions {
  readonly fin?: boolean
  /** Three bits. */
  readonly rsv?: number
  readonly masked?: boolean
  /** What the head announces, where it is not the truth. */
  readonly length?: number
}

/** A frame as clients send it; its mask is zero. */
export function frame(opcode: number, payload: string | Buffer, options: FrameOptions = {}): Buffer {
  const { fin = true, rsv = 0, masked = true, length = Buffer.byteLength(payload) } = options
  const head = Buffer.alloc(length < 126 ? 2 : length < 65_536 ? 4 : 10)
  head[0] = (fin ? 0x80 : 0) | (rsv << 4) | opcode
  head[1] = (masked ? 0x80 : 0) | (length < 126 ? length : length < 65_536 ? 126 : 127)
  if (head.length === 4) head.writeUInt16BE(length, 2)
  if (head.length === 10) head.writeBigUInt64BE(BigInt(length), 2)
  return Buffer.concat([head, masked ? Buffer.alloc(4) : Buffer.alloc(0), Buffer.from(payload)])
}

/** A frame as servers send it. */
export const serverFrame = (opcode: number, payload: string | Buffer, options: FrameOptions = {}) =>
  frame(opcode, payload, { ...options, masked: false })

export interface Piece {
  readonly opcode: number
  readonly payload: Buffer
  /** Where the next one begins. */
  readonly end: number
}

/** The whole frames of what a server sent, from byte `at` on; it never cuts a message into fragments. */
export function* pieces(bytes: Buffer, at = 0): Generator<Piece> {
  while (at + 2 <= bytes.length) {
    const short = (bytes[at + 1] as number) & 0x7f
    const start = at + (short === 126 ? 4 : short === 127 ? 10 : 2)
    if (start > bytes.length) return
    const length =
      short === 126
        ? bytes.readUInt16BE(at + 2)
        : short === 127
          ? Number(bytes.readBigUInt64BE(at + 2))
          : short
    const end = start + length
    if (end > bytes.length) return
    yield { opcode: (bytes[at] as number) & 0x0f, payload: bytes.subarray(start, end), end }
    at = end
  }
}
