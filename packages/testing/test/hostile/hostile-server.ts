// A server that answers an upgrade and then does what a test says, in bytes: for clients that have to survive it.

import { createHash } from 'node:crypto'
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import { onTestFinished } from 'vitest'
import { serverFrame } from './wire.ts'

/** What becomes of a connection whose upgrade request has come, with everything that a test may want to say. */
export type Conduct = (peer: Peer, count: number) => void

export class HostileServer {
  readonly #server: Server
  readonly sockets = new Set<Socket>()
  /** Connections so far. */
  count = 0
  /** When each of them came, in milliseconds. */
  readonly times: number[] = []

  static async start(conduct: Conduct): Promise<HostileServer> {
    const server = new HostileServer(conduct)
    await new Promise<void>((resolve) => server.#server.listen(0, '127.0.0.1', resolve))
    onTestFinished(() => {
      for (const socket of server.sockets) socket.destroy()
      server.#server.close()
    })
    return server
  }

  private constructor(conduct: Conduct) {
    this.#server = createServer((socket) => {
      this.sockets.add(socket)
      this.count++
      this.times.push(performance.now())
      socket.on('error', () => {})
      socket.on('close', () => this.sockets.delete(socket))
      const peer = new Peer(socket)
      const { count } = this
      let head = ''
      const read = (chunk: Buffer) => {
        head += chunk.toString('latin1')
        if (!head.includes('\r\n\r\n')) return
        socket.off('data', read)
        peer.request = head
        conduct(peer, count)
      }
      socket.on('data', read)
    })
  }

  get url(): string {
    return `ws://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }
}

export class Peer {
  readonly socket: Socket
  request = ''

  constructor(socket: Socket) {
    this.socket = socket
  }

  /** Bytes as they are. */
  write(bytes: string | Buffer): void {
    if (this.socket.writable)
      this.socket.write(typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes)
  }

  /** Accepts the upgrade, with these headers instead of the right ones. */
  accept(headers: Readonly<Record<string, string | undefined>> = {}): void {
    const key = /sec-websocket-key: (.*)\r\n/i.exec(this.request)?.[1] ?? ''
    const accept = createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64')
    const all = {
      upgrade: 'websocket',
      connection: 'Upgrade',
      'sec-websocket-accept': accept,
      'sec-websocket-protocol': 'tidings.v1.json',
      ...headers,
    }
    const lines = Object.entries(all).flatMap(([name, value]) =>
      value === undefined ? [] : `${name}: ${value}\r\n`,
    )
    this.write(`HTTP/1.1 101 Switching Protocols\r\n${lines.join('')}\r\n`)
  }

  say(value: unknown): void {
    this.write(serverFrame(1, typeof value === 'string' ? value : JSON.stringify(value)))
  }

  welcome(more: object = {}): void {
    this.accept()
    this.say({ type: 'welcome', connection: 'c', you: 'y', heartbeatMs: 25_000, now: 1, ...more })
  }
}
