// Socket.IO 4.8 with rooms, WebSocket only; with and without connection state recovery.

import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { eventData, type System } from '../system.ts'

function socketIo(title: string, recovery: object | undefined): System {
  return {
    title,
    runtime: 'node',

    async serve() {
      const { Server } = (await import('socket.io' as string)) as { Server: ServerClass }
      const http = createServer()
      const io = new Server(http, {
        transports: ['websocket'],
        pingInterval: 600_000,
        ...(recovery && { connectionStateRecovery: recovery }),
      })
      io.on('connection', (socket) => {
        socket.on('subscribe', (room, reply) => {
          socket.join(room)
          reply?.()
        })
        socket.on('publish', (room, data, reply) => {
          io.to(room).emit('event', data)
          reply?.()
        })
        socket.on('signal', (room, data) => socket.to(room).emit('signal', data))
      })
      await new Promise<void>((ready) => void http.listen(0, '127.0.0.1', 16_384, ready))
      return { port: (http.address() as AddressInfo).port, close: async () => void io.close() }
    },

    wire: {
      path: '/socket.io/?EIO=4&transport=websocket',
      join: (channel) => [
        { say: '40', until: '40{"sid"' },
        ...(channel === undefined ? [] : [{ say: `421["subscribe","${channel}"]`, until: '431[]' }]),
      ],
      ...(recovery && {
        rejoin: (_, transcript) => {
          const [, pid] = transcript.match(/"pid":"([^"]+)"/) ?? []
          // The server adds an offset to each event, as its last argument.
          const [, offset] = [...transcript.matchAll(/\},"([^"]+)"\]/g)].at(-1) ?? []
          return [{ say: `40${JSON.stringify({ pid, offset })}`, until: '40{"sid"' }]
        },
      }),
      publish: (channel, serial, { isAcked, body }) =>
        `42${isAcked ? serial : ''}${JSON.stringify(['publish', channel, eventData(serial, body)])}`,
      ackMark: '43',
      signal: (channel, text) => `42${JSON.stringify(['signal', channel, { at: text }])}`,
    },
  }
}

interface Peer {
  on(event: string, run: (room: string, data: unknown, reply?: () => void) => void): void
  on(event: 'subscribe', run: (room: string, reply?: () => void) => void): void
  join(room: string): void
  to(room: string): { emit(event: string, data: unknown): void }
}

type ServerClass = new (
  http: unknown,
  options: object,
) => {
  on(event: 'connection', run: (socket: Peer) => void): void
  to(room: string): { emit(event: string, data: unknown): void }
  close(): void
}

export const plainSocketIo = socketIo('Socket.IO', undefined)
export const recoveringSocketIo = socketIo('Socket.IO, recovery on', { maxDisconnectionDuration: 120_000 })
