// One connection without a network: two linked sockets. What one end sends arrives at the other in order, each message
// after the time that it takes; it can break, and it can go silent without anybody being told.

import type { Clock, Socket, SocketHandlers } from '@tidings/core'

type Parcel =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'close'; readonly code: number; readonly reason: string }

/** A connection that ended without a handshake. */
const BROKEN = 1006

export interface LineOptions {
  readonly clock: Clock
  /** How long the next message takes, in milliseconds; 0: until the end of the turn. */
  readonly latencyMs: () => number
  readonly onEnded: () => void
}

export class Line {
  readonly client: End
  readonly server: End
  isSilent = false

  /** The server's end has no handlers before `link`: until then the client may hang up. */
  constructor(options: LineOptions, handlers: SocketHandlers) {
    this.client = new End(options, () => this.isSilent)
    this.server = new End(options, () => this.isSilent)
    this.client.peer = this.server
    this.server.peer = this.client
    this.client.handlers = handlers
  }

  link(handlers: SocketHandlers): void {
    this.server.handlers = handlers
    handlers.opened()
    this.client.handlers?.opened()
  }

  /** Both ends see it break. */
  cut(): void {
    this.client.end(BROKEN, '')
    this.server.end(BROKEN, '')
  }
}

class End implements Socket {
  readonly #options: LineOptions
  readonly #isSilent: () => boolean
  handlers: SocketHandlers | undefined
  peer!: End
  bufferedBytes = 0
  #state: 'open' | 'closing' | 'closed' = 'open'
  #queue: { readonly parcel: Parcel; readonly at: number }[] = []
  #isScheduled = false

  constructor(options: LineOptions, isSilent: () => boolean) {
    this.#options = options
    this.#isSilent = isSilent
  }

  get isClosed(): boolean {
    return this.#state === 'closed'
  }

  send(text: string): void {
    if (this.#state !== 'open' || this.#isSilent()) return
    this.bufferedBytes += text.length
    this.#post({ kind: 'text', text })
  }

  close(code: number, reason: string): void {
    if (this.#state !== 'open') return
    this.#state = 'closing'
    if (this.#isSilent()) this.#options.clock.endOfTurn(() => this.end(BROKEN, ''))
    else this.#post({ kind: 'close', code, reason })
  }

  end(code: number, reason: string): void {
    if (this.#state === 'closed') return
    this.#state = 'closed'
    this.#queue = []
    this.bufferedBytes = 0
    this.#options.onEnded()
    this.handlers?.closed(code, reason)
  }

  #post(parcel: Parcel): void {
    const { clock, latencyMs } = this.#options
    const last = this.#queue.at(-1)?.at ?? 0
    this.#queue.push({ parcel, at: Math.max(last, clock.monotonic() + latencyMs()) })
    this.#schedule()
  }

  #schedule(): void {
    const [first] = this.#queue
    if (!first || this.#isScheduled) return
    const { clock } = this.#options
    this.#isScheduled = true
    const run = () => {
      this.#isScheduled = false
      this.#deliver()
    }
    const waitMs = first.at - clock.monotonic()
    if (waitMs <= 0) clock.endOfTurn(run)
    else clock.setTimer(waitMs, run)
  }

  #deliver(): void {
    const now = this.#options.clock.monotonic()
    while (!this.isClosed && !this.#isSilent() && (this.#queue[0]?.at ?? Number.POSITIVE_INFINITY) <= now) {
      const { parcel } = this.#queue.shift() as { readonly parcel: Parcel }
      if (parcel.kind === 'text') this.#handOver(parcel.text)
      else {
        this.peer.end(parcel.code, parcel.reason)
        this.end(parcel.code, parcel.reason)
      }
    }
    if (!this.#isSilent()) this.#schedule()
  }

  #handOver(text: string): void {
    this.bufferedBytes -= text.length
    if (this.peer.#state === 'open') this.peer.handlers?.received(text)
    if (this.bufferedBytes === 0 && this.#state === 'open') this.handlers?.drained()
  }
}
