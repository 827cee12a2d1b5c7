// One WebSocket of `ws` as a core Socket: what is framed already is written past `ws`, what comes in goes to the session.
// Nothing is made anew for each connection but the adapter itself.

import type { Duplex } from 'node:stream'
import type { Socket } from '@tidings/core'
import { type RawData, WebSocket } from 'ws'
import type { ServerEnd } from './hub.ts'
import type { Frames } from './text-frames.ts'

/** Knows its adapter: so what listens to it is the same few functions for all connections, and none is made for one. */
export class Adapted extends WebSocket {
  adapter: WebSocketAdapter | undefined
}

function onMessage(this: WebSocket, data: RawData, isBinary: boolean): void {
  adapterOf(this).message(data, isBinary)
}

function onSign(this: WebSocket): void {
  adapterOf(this).sign()
}

function onClose(this: WebSocket, code: number, reason: Buffer): void {
  adapterOf(this).closed(code, reason.toString())
}

/** Whatever went wrong, `close` follows with the code that says it. */
function onError(): void {}

const adapterOf = (webSocket: WebSocket) => (webSocket as Adapted).adapter as WebSocketAdapter

export interface Way {
  readonly webSocket: Adapted
  /** The way below: what is framed already is written past `ws`, which buffers nothing that could be overtaken. */
  readonly socket: Duplex
  readonly frames: Frames
}

export class WebSocketAdapter implements Socket {
  readonly #webSocket: Adapted
  readonly #socket: Duplex
  readonly #frames: Frames
  #handlers: ServerEnd | undefined
  /** Something was sent that the network has not taken yet. */
  #isBehind = false

  constructor({ webSocket, socket, frames }: Way) {
    webSocket.adapter = this
    this.#webSocket = webSocket
    this.#socket = socket
    this.#frames = frames
  }

  get bufferedBytes(): number {
    return this.#socket.writableLength
  }

  get #isOpen(): boolean {
    return this.#webSocket.readyState === this.#webSocket.OPEN
  }

  listen(handlers: ServerEnd): void {
    this.#handlers = handlers
    this.#webSocket.on('error', onError)
    this.#webSocket.on('message', onMessage)
    // [CN8] `ws` answers pings by itself.
    this.#webSocket.on('ping', onSign)
    this.#webSocket.on('pong', onSign)
    this.#webSocket.on('close', onClose)
    handlers.opened()
  }

  message(data: RawData, isBinary: boolean): void {
    // After this end has closed, what the peer had on its way no longer counts.
    if (!this.#isOpen) return
    if (isBinary) this.#webSocket.close(1003, 'text only')
    else this.#handlers?.received(data.toString())
  }

  sign(): void {
    this.#handlers?.heard()
  }

  closed(code: number, reason: string): void {
    const handlers = this.#handlers
    this.#handlers = undefined
    handlers?.closed(code, reason)
  }

  send(text: string, isShared = false): void {
    if (!this.#isOpen) return
    this.#socket.write(this.#frames.of(text, isShared))
    if (this.#isBehind || this.bufferedBytes === 0) return
    this.#isBehind = true
    this.#awaitFlush()
  }

  close(code: number, reason: string): void {
    this.#webSocket.close(code, reason)
  }

  /** A write of nothing is called back behind all that waits: nearly every other write needs no callback for it. */
  #awaitFlush(): void {
    this.#socket.write(NOTHING, () => {
      if (!this.#isOpen) return
      if (this.bufferedBytes > 0) return this.#awaitFlush()
      this.#isBehind = false
      this.#handlers?.drained()
    })
  }
}

const NOTHING = Buffer.alloc(0)
