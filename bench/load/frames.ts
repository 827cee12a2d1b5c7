// What a WebSocket client sends, made by hand: the handshake, and masked text frames. The mask is zero: the server
// does the same work, and the load none.

import { randomBytes } from 'node:crypto'

export interface HandshakeOptions {
  readonly path: string
  readonly port: number
  readonly subprotocol: string | undefined
}

export function handshake({ path, port, subprotocol }: HandshakeOptions): string {
  return [
    `GET ${path} HTTP/1.1`,
    `Host: 127.0.0.1:${port}`,
    'Connection: Upgrade',
    'Upgrade: websocket',
    'Sec-WebSocket-Version: 13',
    `Sec-WebSocket-Key: ${randomBytes(16).toString('base64')}`,
    ...(subprotocol === undefined ? [] : [`Sec-WebSocket-Protocol: ${subprotocol}`]),
    '\r\n',
  ].join('\r\n')
}

const FIN_TEXT = 0x81
const MASKED = 0x80

export function textFrame(text: string): Buffer {
  const length = Buffer.byteLength(text)
  if (length > 65_535) throw new Error('The load sends no frame that long.')
  const head = length < 126 ? 6 : 8
  const frame = Buffer.alloc(head + length)
  frame[0] = FIN_TEXT
  if (length < 126) frame[1] = MASKED | length
  else {
    frame[1] = MASKED | 126
    frame.writeUInt16BE(length, 2)
  }
  frame.write(text, head)
  return frame
}

/** Several in one write, as a burst arrives; packed into one message where the protocol has that. */
export function textFrames(texts: readonly string[], pack?: (texts: readonly string[]) => string): Buffer {
  if (!pack || texts.length === 1) return Buffer.concat(texts.map(textFrame))
  const messages: Buffer[] = []
  const perMessage = Math.max(1, Math.floor(PACKED_LENGTH / (texts[0]?.length ?? 1)))
  for (let i = 0; i < texts.length; i += perMessage)
    messages.push(textFrame(pack(texts.slice(i, i + perMessage))))
  return Buffer.concat(messages)
}

/** A message that is longer would be refused. */
const PACKED_LENGTH = 60_000
