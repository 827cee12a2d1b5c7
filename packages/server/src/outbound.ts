// The writing half of a connection: frames of one turn of the event loop leave as one message. Nothing waits here
// longer than a turn; what the socket cannot take in time is the cursors' affair.

import type { Cancel, Socket } from '@tidings/core'
import type { Limits } from './limits.ts'
import type { Turn, Writer } from './turn.ts'

/** Whose connection it is. */
export interface OutboundOwner {
  /** There is room again, after somebody was told that there is none. */
  proceed(): void
  /** The peer reads so little that even the answers to its own requests pile up. */
  overflowed(): void
}

/** What all connections of a node share. */
export interface OutboundNode {
  readonly turn: Turn
  readonly limits: Pick<Limits, 'highWaterBytes' | 'hardBytes'>
}

export class Outbound implements Writer {
  readonly #socket: Socket
  readonly #owner: OutboundOwner
  readonly #node: OutboundNode
  /** The frames of this turn, one after the other. */
  #text = ''
  #count = 0
  #bytes = 0
  /** The only frame of this turn goes to others as well. */
  #isShared = false
  /** Kept for pages that are being read. */
  #reserved = 0
  #isClosed = false
  /** How many share the socket: the bounds hold for each of them. */
  shares = 1
  /** Somebody was told that there is no room, and waits to be told that there is. */
  #isAwaited = false

  constructor(socket: Socket, owner: OutboundOwner, node: OutboundNode) {
    this.#socket = socket
    this.#owner = owner
    this.#node = node
  }

  /** Whether more may be sent. Who is told no is called to proceed when that has changed. */
  hasRoom(): boolean {
    const hasRoom = this.#bytes + this.#socket.bufferedBytes <= this.#node.limits.highWaterBytes * this.shares
    if (!hasRoom) this.#isAwaited = true
    return hasRoom
  }

  /** Keeps room for something of that length, until what it returns is called; undefined while there is none. */
  reserve(length: number): Cancel | undefined {
    const taken = this.#bytes + this.#socket.bufferedBytes + this.#reserved
    if (taken > 0 && taken + length > this.#node.limits.highWaterBytes * this.shares) {
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
    if (++this.#count > 1) {
      this.#text += `,${frame}`
      this.#isShared = false
      return
    }
    // Nearly always the only one: then all who are sent it share the text as it is.
    this.#text = frame
    this.#node.turn.write(this)
  }

  /** Sends what others are sent as well, the same text, and what all of them may know. */
  share(frame: string, bytes: number): void {
    this.#isShared = this.#count === 0
    this.send(frame, bytes)
  }

  /** Sends unless the buffer is full: for what may be dropped. */
  offer(frame: string): boolean {
    const hasRoom = this.hasRoom()
    if (hasRoom) this.send(frame)
    return hasRoom
  }

  flush(): void {
    if (this.#isClosed || this.#count === 0) return
    // Not after the send: what one turn brings to a peer that reads may be large, and is no fault of the peer's.
    if (this.#socket.bufferedBytes > this.#node.limits.hardBytes * this.shares) {
      return this.#owner.overflowed()
    }
    this.#write()
    if (this.#isAwaited) this.drained()
  }

  #write(): void {
    if (this.#count === 0) return
    const message = this.#count === 1 ? this.#text : `[${this.#text}]`
    const isShared = this.#isShared
    this.#forget()
    this.#socket.send(message, isShared)
  }

  #forget(): void {
    this.#text = ''
    this.#count = this.#bytes = 0
    this.#isShared = false
  }

  /** The socket's buffer has become smaller. */
  drained(): void {
    if (!this.#isAwaited || this.#isClosed || !this.hasRoom()) return
    this.#isAwaited = false
    this.#owner.proceed()
  }

  /** Sends what waits, then closes. */
  close(code: number, reason: string): void {
    if (this.#isClosed) return
    this.#write()
    this.#isClosed = true
    this.#socket.close(code, reason)
  }

  /** The socket is gone. */
  abandon(): void {
    this.#isClosed = true
    this.#forget()
  }
}
