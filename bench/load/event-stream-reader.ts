// A reader by server-sent events, as cheap as the others.

import { connect } from 'node:net'
import { EVENT_MARK } from '../system.ts'
import type { Target } from './crowd.ts'
import { Serials } from './serials.ts'

const shared = Buffer.allocUnsafe(1_048_576)

export class EventStreamReader {
  readonly serials = new Serials(EVENT_MARK)
  readonly ready: Promise<void>

  constructor({ port, wire }: Target, channel: string, onSerials: (count: number) => void) {
    if (!wire.eventStream) throw new Error('This system has no event streams.')
    const { path, headers } = wire.eventStream(channel)
    let head = ''
    let isReady = false
    this.ready = new Promise((resolve, reject) => {
      const socket = connect({
        port,
        host: '127.0.0.1',
        onread: {
          buffer: shared,
          callback: (length, bytes) => {
            const chunk = (bytes as Buffer).subarray(0, length)
            if (!isReady) {
              head += chunk.toString('latin1')
              // The first line after the head says where the reader stands.
              if (head.includes('\r\n\r\n') && head.includes('id: ')) {
                isReady = true
                resolve()
              }
            }
            const count = this.serials.read(chunk)
            if (count > 0) onSerials(count)
            return true
          },
        },
      })
      socket.on('error', reject)
      socket.on('close', () => this.serials.faults++)
      socket.write([`GET ${path} HTTP/1.1`, `Host: 127.0.0.1:${port}`, ...headers, '\r\n'].join('\r\n'))
    })
  }
}
