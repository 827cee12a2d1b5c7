// The writing half of a connection: frames of one turn of the event loop leave as one message. Nothing waits here
// longer than a turn; what the socket cannot take in time is the cursors' affair.

import { type Cancel, type Clock, joinFrames, type Socket } from '@tidings/core'
import type { Limits } from './limits.ts'

/** Runs what was added once, at the end of the turn: one wake-up for all connections together. */
export class Turn {
  readonly #clock: Clock
  #waiting: (() => void)[] = []

  constructor(clock: Clock) {
    this.#clock = clock
  }

  add(run: () => void): void {
    if (this.#waiting.push(run) === 1) this.#clock.endOfTurn(() => this.#run())
  }

  #run(): void {
    const waiting = this.#waiting
    this.#waiting = []
    for (const run of waiting) run()
  }
}

export interface OutboundOptions {
  readonly socket: Socket
  readonly turn: Turn
  readonly limits: Pick<Limits, 'highWaterBytes' | 'hardBytes'>
  /** There is room again, after somebody was told that there is none. */
  readonly onRoom: () => void
  /** The peer reads so little that even the answers to its own requests pile up. */
  readonly onOverflow: () => void
}

export class Outbound {
  readonly #options: OutboundOptions
  readonly #flush = () => this.flush()
  #frames: string[] = []
  #bytes = 0
  /** Kept for pages that are being read. */
  #reserved = 0
  #isClosed = false
  /** How many share the socket: the bounds hold for each of them. */
  shares = 1
  /** Somebody was told that there is no room, and waits for `onRoom`. */
  #isAwaited = false

  constructor(options: OutboundOptions) {
    this.#options = options
  }

  /** Whether more may be sent. Who is told no is called through `onRoom` when that has changed. */
  hasRoom(): boolean {
    const hasRoom =
      this.#bytes + this.#options.socket.bufferedBytes <= this.#options.limits.highWaterBytes * this.shares
    if (!hasRoom) this.#isAwaited = true
    return hasRoom
  }

  /** Keeps room for something of that length, until what it returns is called; undefined while there is none. */
  reserve(length: number): Cancel | undefined {
    const taken = this.#bytes + this.#options.socket.bufferedBytes + this.#reserved
    if (taken > 0 && taken + length > this.#options.limits.highWaterBytes * this.shares) {
      this.#isAwaited = true
      return undefined
    }
    this.#reserved += length
    let isKept = true
    return () => {
      if (isKept) this.#reserved -= length
      isKept = false
      this.drained()
    }
  }

  /** `bytes`: what the frame takes on the wire, where its characters may be several bytes each. */
  send(frame: string, bytes = frame.length): void {
    if (this.#isClosed) return
    this.#bytes += bytes
    if (this.#frames.push(frame) === 1) this.#options.turn.add(this.#flush)
  }

  /** Sends unless the buffer is full: for what may be dropped. */
  offer(frame: string): boolean {
    const hasRoom = this.hasRoom()
    if (hasRoom) this.send(frame)
    return hasRoom
  }

  flush(): void {
    const { socket, limits, onOverflow } = this.#options
    if (this.#isClosed || this.#frames.length === 0) return
    // Not after the send: what one turn brings to a peer that reads may be large, and is no fault of the peer's.
    if (socket.bufferedBytes > limits.hardBytes * this.shares) return onOverflow()
    this.#write()
    this.drained()
  }

  #write(): void {
    const frames = this.#frames
    this.#frames = []
    this.#bytes = 0
    if (frames.length > 0) this.#options.socket.send(joinFrames(frames))
  }

  /** The socket's buffer has become smaller. */
  drained(): void {
    if (!this.#isAwaited || this.#isClosed || !this.hasRoom()) return
    this.#isAwaited = false
    this.#options.onRoom()
  }

  /** Sends what waits, then closes. */
  close(code: number, reason: string): void {
    if (this.#isClosed) return
    this.#write()
    this.#isClosed = true
    this.#options.socket.close(code, reason)
  }

  /** The socket is gone. */
  abandon(): void {
    this.#isClosed = true
    this.#frames = []
  }
}
