// `ws` as people write it by hand (every client gets a JSON.stringify of its own in a loop), and with the frame built
// once and written to every socket.

import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import type { WebSocket } from 'ws'
import { eventData, type System, type Wire } from '../system.ts'

type Broadcast = (peers: Iterable<WebSocket>, message: object, but?: WebSocket) => void

interface Request {
  readonly type: 'subscribe' | 'publish' | 'signal'
  readonly channel: string
  readonly data: object
  readonly id?: number
}

function byHand(title: string, makeBroadcast: () => Promise<Broadcast>): System {
  return {
    title,
    runtime: 'node',

    async serve() {
      const [{ WebSocketServer }, broadcast] = await Promise.all([import('ws'), makeBroadcast()])
      const http = createServer()
      const sockets = new WebSocketServer({ server: http, perMessageDeflate: false })
      const rooms = new Map<string, Set<WebSocket>>()
      sockets.on('connection', (socket) => {
        const joined = new Set<string>()
        socket.on('error', () => {})
        socket.on('close', () => {
          for (const channel of joined) rooms.get(channel)?.delete(socket)
        })
        socket.on('message', (message) => {
          const { type, channel, data, id } = JSON.parse(String(message)) as Request
          let room = rooms.get(channel)
          if (!room) rooms.set(channel, (room = new Set()))
          if (type === 'subscribe') {
            joined.add(channel)
            room.add(socket)
            socket.send('{"type":"subscribed"}')
          } else if (type === 'publish') {
            broadcast(room, { type: 'event', channel, data })
            if (id !== undefined) socket.send(JSON.stringify({ type: 'ack', id }))
          } else {
            broadcast(room, { type: 'signal', channel, data }, socket)
          }
        })
      })
      await new Promise<void>((ready) => void http.listen(0, '127.0.0.1', 16_384, ready))
      return {
        port: (http.address() as AddressInfo).port,
        close: async () => {
          for (const client of sockets.clients) client.terminate()
          http.close()
        },
      }
    },

    wire: plainJson,
  }
}

/** Shared with the server on Bun. */
export const plainJson: Wire = {
  path: '/',
  join: (channel) =>
    channel === undefined
      ? []
      : [{ say: JSON.stringify({ type: 'subscribe', channel }), until: '"subscribed"' }],
  publish: (channel, serial, { isAcked, body }) =>
    JSON.stringify({
      type: 'publish',
      channel,
      data: eventData(serial, body),
      ...(isAcked && { id: serial }),
    }),
  ackMark: '"id":',
  signal: (channel, text) => JSON.stringify({ type: 'signal', channel, data: { at: text } }),
}

export const handwrittenWs = byHand('ws, by hand', async () => (peers, message, but) => {
  for (const peer of peers) if (peer !== but) peer.send(JSON.stringify(message))
})

export const prebuiltWs = byHand('ws, prebuilt frame', async () => {
  const { Sender } = (await import('ws')) as unknown as { Sender: { frame: FrameFunction } }
  return (peers, message, but) => {
    const frame = Buffer.concat(
      Sender.frame(Buffer.from(JSON.stringify(message)), {
        ...{ fin: true, rsv1: false, opcode: 1, mask: false, readOnly: true },
      }),
    )
    for (const peer of peers) if (peer !== but) (peer as unknown as { _socket: Duplex })._socket.write(frame)
  }
})

type FrameFunction = (data: Buffer, options: object) => Buffer[]
