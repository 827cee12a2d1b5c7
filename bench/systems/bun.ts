// Bun's own publish and subscribe: rooms, framing and fan-out in native code. No log, no history, no validation.

import type { System } from '../system.ts'
import { plainJson } from './ws.ts'

interface NativeSocket {
  subscribe(topic: string): void
  send(text: string): void
  publish(topic: string, text: string): void
}

interface NativeServer {
  readonly port: number
  publish(topic: string, text: string): void
  upgrade(request: unknown): boolean
  stop(isAbrupt: boolean): void
}

declare const Bun: { serve(options: object): NativeServer }

export const bun: System = {
  title: 'Bun, native publish',
  runtime: 'bun',

  async serve() {
    const server: NativeServer = Bun.serve({
      port: 0,
      hostname: '127.0.0.1',
      fetch: (request: unknown, self: NativeServer) =>
        self.upgrade(request) ? undefined : new Response('', { status: 426 }),
      websocket: {
        perMessageDeflate: false,
        idleTimeout: 960,
        backpressureLimit: 1_073_741_824,
        message(socket: NativeSocket, message: string) {
          const { type, channel, data, id } = JSON.parse(message)
          if (type === 'subscribe') {
            socket.subscribe(channel)
            socket.send('{"type":"subscribed"}')
          } else if (type === 'publish') {
            server.publish(channel, JSON.stringify({ type: 'event', channel, data }))
            if (id !== undefined) socket.send(JSON.stringify({ type: 'ack', id }))
          } else {
            socket.publish(channel, JSON.stringify({ type: 'signal', channel, data }))
          }
        },
      },
    })
    return { port: server.port, close: async () => server.stop(true) }
  },

  wire: plainJson,
}
