// A connection of a real network with the weather of a mock over it: what passes takes its time, may stop without
// anybody being told, and breaks. It stands between a socket of Node and whoever speaks WebSocket over it.

import { Duplex } from 'node:stream'
import type { Cancel, Clock } from '@tidings/core'

export interface WireOptions {
  readonly clock: Clock
  /** How long the next bytes take, in milliseconds. */
  readonly latencyMs: () => number
}

export class Wire extends Duplex {
  readonly #socket: Duplex
  readonly #options: WireOptions
  readonly #timers = new Set<Cancel>()
  #isSilent = false
  #lastIn = 0
  #lastOut = 0

  constructor(socket: Duplex, options: WireOptions) {
    super({ allowHalfOpen: false })
    this.#socket = socket
    this.#options = options
    socket.on('data', (chunk: Buffer) => {
      if (this.#isSilent) return
      this.#lastIn = this.#after(this.#lastIn, () => {
        if (!this.push(chunk)) socket.pause()
      })
    })
    socket.on('end', () => this.#after(this.#lastIn, () => this.push(null)))
    socket.on('close', () => this.destroy())
    socket.on('error', () => this.destroy())
  }

  /** From now on nothing passes, and nobody is told. */
  silence(): void {
    this.#isSilent = true
  }

  /** As `ws` asks of a socket of Node. */
  setNoDelay(): void {}
  setTimeout(): void {}

  override _read(): void {
    this.#socket.resume()
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    if (this.#isSilent) return done()
    this.#lastOut = this.#after(this.#lastOut, () => {
      if (this.#socket.writable) this.#socket.write(chunk, () => done())
      else done()
    })
  }

  override _final(done: (error?: Error | null) => void): void {
    this.#after(this.#lastOut, () => this.#socket.end(() => done()))
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    for (const cancel of this.#timers) cancel()
    this.#timers.clear()
    this.#socket.destroy()
    done(error)
  }

  /** In order: nothing overtakes what went before it. Gives back when it happens. */
  #after(last: number, run: () => void): number {
    const { clock, latencyMs } = this.#options
    const now = clock.monotonic()
    const at = Math.max(last, now + latencyMs())
    if (at <= now) {
      run()
      return at
    }
    const cancel = clock.setTimer(at - now, () => {
      this.#timers.delete(cancel)
      run()
    })
    this.#timers.add(cancel)
    return at
  }
}
