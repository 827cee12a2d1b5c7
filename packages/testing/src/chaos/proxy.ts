// One way between a client and the server, over real sockets on loopback. What a fault tells it about the weather on
// this way holds for all its connections, those that are there and those to come.

import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'
import { systemClock } from '@tidings/core'

export interface Weather {
  readonly isStalled: boolean
  /** Before each piece that the network brings. */
  readonly latencyMs: number
  /** Undefined: as fast as it goes. */
  readonly bytesPerSecond: number | undefined
  /** Byte by byte, each in a packet of its own. */
  readonly isCrumbled: boolean
}

export const fair: Weather = { isStalled: false, latencyMs: 0, bytesPerSecond: undefined, isCrumbled: false }

export type Direction = 'up' | 'down'
/** For tests that plant something: what becomes of a piece; undefined: it is lost. */
export type Tamper = (direction: Direction, piece: Buffer) => Buffer | undefined

/** A stalled or slow way looks so often whether anything has changed, in milliseconds. */
const LOOK_MS = 20
/** What may wait in this process for one end to read on. */
const MOST_WAITING_BYTES = 65_536

export const pause = (ms: number) => new Promise<void>((resolve) => void systemClock.setTimer(ms, resolve))

const turn = () => new Promise<void>((resolve) => systemClock.endOfTurn(resolve))

interface Pair {
  readonly client: Socket
  readonly server: Socket
  /** Bytes until it is cut, in the middle of whatever they belong to. */
  bytesLeft: number | undefined
  /** One end is gone, and the other one is not told: what it says goes nowhere. */
  isDeaf: boolean
}

export class FaultProxy {
  weather = fair
  readonly port: number
  readonly #targetPort: () => number
  readonly #tamper: Tamper | undefined
  readonly #pairs = new Set<Pair>()
  #server: Server

  static async start(targetPort: () => number, tamper?: Tamper): Promise<FaultProxy> {
    const server = createServer()
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    return new FaultProxy(server, targetPort, tamper)
  }

  private constructor(server: Server, targetPort: () => number, tamper: Tamper | undefined) {
    this.#server = server
    this.#targetPort = targetPort
    this.#tamper = tamper
    this.port = (server.address() as AddressInfo).port
    server.on('connection', (socket) => this.#open(socket))
  }

  get connections(): number {
    return this.#pairs.size
  }

  /** Each connection is cut after so many more bytes, at both ends. */
  cut(afterBytes: number): void {
    for (const pair of this.#pairs) {
      if (afterBytes === 0) end(pair)
      else pair.bytesLeft = afterBytes
    }
  }

  /** The given end goes on believing that it is connected. */
  halfOpen(believer: 'client' | 'server'): void {
    for (const pair of this.#pairs) {
      pair.isDeaf = true
      pair[believer === 'client' ? 'server' : 'client'].destroy()
    }
  }

  /** Connections are refused, and those that there were are cut. */
  refuse(): void {
    this.#server.close()
    this.cut(0)
  }

  async admit(): Promise<void> {
    if (this.#server.listening) return
    const server = createServer((socket) => this.#open(socket))
    this.#server = server
    server.on('error', () => {})
    // Somebody may have been given the port meanwhile; nobody keeps it for long.
    for (let tries = 0; tries < 100 && this.#server === server && !server.listening; tries++) {
      server.listen(this.port, '127.0.0.1')
      await Promise.race([once(server, 'listening').catch(() => {}), pause(100)])
    }
  }

  close(): void {
    this.#server.close()
    for (const pair of this.#pairs) end(pair)
  }

  #open(client: Socket): void {
    const server = connect({ port: this.#targetPort(), host: '127.0.0.1' })
    const pair: Pair = { client, server, bytesLeft: undefined, isDeaf: false }
    this.#pairs.add(pair)
    for (const socket of [client, server]) {
      socket.setNoDelay(true)
      socket.on('error', () => {})
      socket.on('close', () => {
        if (!pair.isDeaf) end(pair)
        if (client.destroyed && server.destroyed) this.#pairs.delete(pair)
      })
    }
    void this.#carry(pair, 'up')
    void this.#carry(pair, 'down')
  }

  async #carry(pair: Pair, direction: Direction): Promise<void> {
    const [from, to] = direction === 'up' ? [pair.client, pair.server] : [pair.server, pair.client]
    try {
      for await (const piece of from as AsyncIterable<Buffer>) {
        const passed = this.#tamper ? this.#tamper(direction, piece) : piece
        if (this.weather.latencyMs > 0) await pause(this.weather.latencyMs)
        if (passed) await this.#pass(pair, passed, to)
      }
      if (!pair.isDeaf) to.end()
    } catch {
      if (!pair.isDeaf) end(pair)
    }
  }

  async #pass(pair: Pair, piece: Buffer, to: Socket): Promise<void> {
    for (let start = 0; start < piece.length && !pair.isDeaf && !to.destroyed; ) {
      const { isStalled, isCrumbled, bytesPerSecond } = this.weather
      if (isStalled || to.writableLength > MOST_WAITING_BYTES) {
        await pause(LOOK_MS)
        continue
      }
      const most = isCrumbled
        ? 1
        : Math.ceil(((bytesPerSecond ?? Number.POSITIVE_INFINITY) * LOOK_MS) / 1_000)
      const size = Math.min(most, piece.length - start, pair.bytesLeft ?? piece.length)
      to.write(piece.subarray(start, start + size))
      start += size
      if (isCrumbled) await turn()
      else if (bytesPerSecond !== undefined) await pause(LOOK_MS)
      if (pair.bytesLeft === undefined) continue
      pair.bytesLeft -= size
      if (pair.bytesLeft <= 0) {
        // What was written has to arrive before the end does.
        await turn()
        return end(pair)
      }
    }
  }
}

function end({ client, server }: Pair): void {
  client.destroy()
  server.destroy()
}
