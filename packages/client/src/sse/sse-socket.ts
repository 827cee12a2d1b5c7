// A Socket over HTTP [ST1–ST4]: what comes down is one stream of server-sent events, what goes up are requests, one at
// a time and numbered, so that nothing arrives twice or out of order.

import type { Socket, SocketHandlers } from '@tidings/core'
import { EventStreamReader, type StreamEvent } from './event-stream.ts'

/** As much of fetch as is needed. */
export type Fetch = (address: string, init: RequestInit) => Promise<Response>

/** Text that goes up in one request, in UTF-16 units: as UTF-8, three bytes each, it stays under the server's 256 KB. */
const MAX_BODY_LENGTH = 65_536
/** A connection that ended without saying so. */
const BROKEN = 1006

export class SseSocket implements Socket {
  readonly #address: string
  readonly #fetch: Fetch
  readonly #handlers: SocketHandlers
  readonly #abort = new AbortController()
  /** The connection's secret name; undefined before the server has given it. */
  #key: string | undefined
  #queue: string[] = []
  #bufferedBytes = 0
  #posts = 0
  #isPosting = false
  #isOver = false

  constructor(address: string, fetch: Fetch, handlers: SocketHandlers) {
    this.#address = address
    this.#fetch = fetch
    this.#handlers = handlers
    void this.#listen()
  }

  get bufferedBytes(): number {
    return this.#bufferedBytes
  }

  send(text: string): void {
    if (this.#isOver) return
    this.#queue.push(text)
    this.#bufferedBytes += text.length
    if (!this.#isPosting) void this.#post()
  }

  close(code: number, reason: string): void {
    this.#end(code, reason)
  }

  async #listen(): Promise<void> {
    try {
      const response = await this.#fetch(this.#address, {
        ...this.#init(),
        headers: { accept: 'text/event-stream' },
      })
      if (!response.ok || !response.body) return this.#end(BROKEN, `The server answered ${response.status}.`)
      const reader = response.body.pipeThrough(new TextDecoderStream()).getReader()
      const events = new EventStreamReader()
      for (;;) {
        const { done, value } = await reader.read()
        if (done || this.#isOver) break
        for (const event of events.push(value)) this.#take(event)
      }
      this.#end(BROKEN, '')
    } catch (error) {
      this.#end(BROKEN, wordsOf(error))
    }
  }

  #take({ event, data }: StreamEvent): void {
    if (this.#isOver) return
    if (event === 'message') return this.#handlers.received(data)
    if (event === 'open') {
      this.#key = data
      return this.#handlers.opened()
    }
    if (event !== 'closed') return
    const [, code, reason = ''] = /^(\d{4}) ?(.*)$/.exec(data) ?? []
    this.#end(code ? Number(code) : BROKEN, reason)
  }

  /** Sends what waits, one request after the other. One whose fate is unknown ends the connection: the next one asks. */
  async #post(): Promise<void> {
    if (this.#key === undefined) return
    this.#isPosting = true
    try {
      while (this.#queue.length > 0 && !this.#isOver) {
        const texts = this.#next()
        const response = await this.#fetch(`${this.#address}/${this.#key}?n=${++this.#posts}`, {
          ...this.#init(),
          body: texts.join('\n'),
        })
        if (!response.ok) return this.#end(BROKEN, `The server answered ${response.status}.`)
        for (const { length } of texts) this.#bufferedBytes -= length
      }
    } catch (error) {
      this.#end(BROKEN, wordsOf(error))
    }
    this.#isPosting = false
    if (!this.#isOver && this.#bufferedBytes === 0) this.#handlers.drained()
  }

  /** The texts of the next request: at least one. JSON has no line breaks of its own, so they part the texts. */
  #next(): readonly string[] {
    let length = 0
    const most = this.#queue.findIndex((text, i) => {
      length += text.length + 1
      return i > 0 && length > MAX_BODY_LENGTH
    })
    return this.#queue.splice(0, most < 0 ? this.#queue.length : most)
  }

  #init(): RequestInit {
    return { method: 'POST', credentials: 'include', cache: 'no-store', signal: this.#abort.signal }
  }

  #end(code: number, reason: string): void {
    if (this.#isOver) return
    this.#isOver = true
    this.#queue = []
    this.#bufferedBytes = 0
    this.#abort.abort()
    this.#handlers.closed(code, reason)
  }
}

const wordsOf = (error: unknown) => (error instanceof Error ? error.message : String(error))
