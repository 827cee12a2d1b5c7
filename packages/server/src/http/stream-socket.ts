// A connection over HTTP as a core Socket [ST1–ST4]: server-sent events down, numbered requests up.

import type { Clock, Socket, SocketHandlers } from '@tidings/core'
import type { StreamHandlers, StreamSink } from './exchange.ts'

/** How long a peer may take to read the last of a stream, in milliseconds. */
const CLOSE_TIMEOUT_MS = 5_000
const LOST = { code: 1006, reason: '' }

export class StreamSocket implements Socket, StreamHandlers {
  /** Secret: whoever knows it speaks for the connection. */
  readonly key: string
  readonly #clock: Clock
  readonly #sink: StreamSink
  readonly #onClosed: () => void
  #handlers: SocketHandlers | undefined
  /** Something was sent that the network has not taken yet. */
  #isBehind = false
  #end: { readonly code: number; readonly reason: string } | undefined
  #taken = 0
  #cancelTimer: (() => void) | undefined

  constructor(
    sink: StreamSink,
    options: { readonly key: string; readonly clock: Clock; readonly onClosed: () => void },
  ) {
    this.key = options.key
    this.#clock = options.clock
    this.#onClosed = options.onClosed
    this.#sink = sink
  }

  listen(handlers: SocketHandlers): void {
    this.#handlers = handlers
    this.#sink.write(`event: open\ndata: ${this.key}\n\n`)
    handlers.opened()
  }

  get bufferedBytes(): number {
    return this.#sink.bufferedBytes
  }

  send(text: string): void {
    if (this.#end) return
    // A line break inside of JSON is a blank: on this way it would end the line.
    this.#sink.write(`data: ${text.replaceAll(/[\r\n]/g, ' ')}\n\n`, this.#flushed)
    if (this.bufferedBytes > 0) this.#isBehind = true
  }

  close(code: number, reason: string): void {
    if (this.#end) return
    this.#end = { code, reason }
    this.#sink.write(`event: closed\ndata: ${code} ${reason}\n\n`)
    this.#sink.end()
    this.#cancelTimer = this.#clock.setTimer(CLOSE_TIMEOUT_MS, () => this.#sink.destroy())
  }

  /** Takes the messages of one request. False: a request before it has not come, so that order is lost. */
  take(number: number, messages: readonly string[]): boolean {
    if (number > this.#taken + 1) return false
    // A request that came twice has had its effect.
    if (number <= this.#taken) return true
    this.#taken = number
    for (const message of messages) if (!this.#end) this.#handlers?.received(message)
    return true
  }

  drained(): void {}

  closed(): void {
    const { code, reason } = (this.#end ??= LOST)
    this.#cancelTimer?.()
    const handlers = this.#handlers
    this.#handlers = undefined
    this.#onClosed()
    handlers?.closed(code, reason)
  }

  readonly #flushed = () => {
    if (!this.#isBehind || this.bufferedBytes > 0) return
    this.#isBehind = false
    if (!this.#end) this.#handlers?.drained()
  }
}
