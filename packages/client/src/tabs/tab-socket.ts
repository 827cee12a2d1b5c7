// The socket that a client gets: on a lane that may be found later, and be another one before it has opened.

import type { Socket, SocketHandlers } from '@tidings/core'
import { IMPOSSIBLE, MOVED } from '../ports.ts'
import type { Lane, LaneHandlers } from './lane.ts'

export interface SocketOwner {
  /** The socket has ended; `isLeft`: its client has closed it, and need not come back. */
  ended(socket: TabSocket, isLeft: boolean): void
}

export class TabSocket implements Socket {
  readonly bufferedBytes = 0
  /** Its client was told that it is open. */
  isOpen = false
  readonly #handlers: SocketHandlers
  readonly #owner: SocketOwner
  #lane: Lane | undefined
  /** Counts lanes: what an earlier one still says is not heard. */
  #generation = 0
  #isOver = false

  constructor(handlers: SocketHandlers, owner: SocketOwner) {
    this.#handlers = handlers
    this.#owner = owner
  }

  /** Its way to the server; undefined while there is none. */
  get lane(): Lane | undefined {
    return this.#lane
  }

  send(text: string): void {
    this.#lane?.send(text)
  }

  close(code: number, reason: string): void {
    if (this.#isOver) return
    this.detach()
    this.#end(code, reason, true)
  }

  /** Ends it, for its client to dial again at once. */
  move(): void {
    if (this.#isOver) return
    this.detach()
    this.#end(MOVED, '', false)
  }

  attach(open: (handlers: LaneHandlers) => Lane): void {
    const generation = ++this.#generation
    const isCurrent = () => generation === this.#generation
    const handlers: LaneHandlers = {
      opened: () => isCurrent() && this.#opened(),
      received: (text, mark) => {
        if (!isCurrent()) return
        this.#handlers.received(text)
        if (mark > 0 && isCurrent()) this.#lane?.read(mark)
      },
      closed: (code, reason) => {
        if (isCurrent()) this.#end(code, reason, false)
      },
    }
    try {
      const lane = open(handlers)
      if (isCurrent()) this.#lane = lane
      else lane.close()
    } catch (error) {
      if (isCurrent()) this.#end(IMPOSSIBLE, String(error), false)
    }
  }

  /** Off its lane, without its client being told. */
  detach(): void {
    this.#generation++
    this.#lane?.close()
    this.#lane = undefined
  }

  #opened(): void {
    this.isOpen = true
    this.#handlers.opened()
  }

  #end(code: number, reason: string, isLeft: boolean): void {
    this.#isOver = true
    this.#generation++
    this.#lane = undefined
    this.#owner.ended(this, isLeft)
    this.#handlers.closed(code, reason)
  }
}
