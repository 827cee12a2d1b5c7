// One connection between a client and a server node: two pipes and their two ends, which may know different things about
// whether it still stands.

import type { Chance, Socket, SocketHandlers } from '@tidings/core'
import type { Machine } from './machine.ts'
import { type Parcel, Pipe } from './pipe.ts'
import type { Timeline } from './timeline.ts'

export interface LinkOptions {
  readonly name: string
  readonly timeline: Timeline
  readonly chance: Chance
  readonly latencyMs: number
  readonly windowBytes: number
  readonly client: Machine
  readonly server: Machine
  /** Every message, as its sender hands it over; what it returns goes on its way. */
  readonly onSent: (from: Side, text: string) => readonly string[]
  /** Every message, right before its receiver gets it. False: the connection breaks instead. */
  readonly onArriving: (to: Side, text: string) => boolean
  readonly onEnded: (side: Side) => void
}

export type Side = 'client' | 'server'

/** How long a closing handshake is waited for, in milliseconds: that of `ws`. */
const CLOSE_TIMEOUT_MS = 30_000

export class Link {
  readonly name: string
  readonly client: End
  readonly server: End
  readonly #timeline: Timeline

  constructor(options: LinkOptions) {
    const { name, timeline, client, server } = options
    this.name = name
    this.#timeline = timeline
    this.client = new End('client', client, options)
    this.server = new End('server', server, options)
    this.client.pipe = this.#pipe(options, server, this.client, this.server)
    this.server.pipe = this.#pipe(options, client, this.server, this.client)
  }

  get isOver(): boolean {
    return this.client.isClosed && this.server.isClosed
  }

  /** Whether anything is on its way. */
  get isQuiet(): boolean {
    return this.isOver || (this.client.pipe.isEmpty && this.server.pipe.isEmpty)
  }

  /** Everything under way is lost. Each end hears of it after its time in milliseconds, or never. */
  cut(toldAfterMs: { readonly client?: number | undefined; readonly server?: number | undefined }): void {
    this.client.pipe.lose()
    this.server.pipe.lose()
    for (const end of [this.client, this.server]) {
      const afterMs = toldAfterMs[end.side]
      if (afterMs !== undefined) this.#timeline.after(afterMs, () => end.machine.run(() => end.end(1006, '')))
    }
  }

  /** One end's process is gone: it hears nothing of it, and the other end after its time, or never. */
  orphan(side: Side, toldAfterMs: number | undefined): void {
    const [gone, other] = side === 'server' ? [this.server, this.client] : [this.client, this.server]
    gone.abandon()
    this.cut({ [other.side]: toldAfterMs })
  }

  #pipe(
    { timeline, chance, latencyMs, windowBytes, onArriving }: LinkOptions,
    receiver: Machine,
    from: End,
    to: End,
  ): Pipe {
    return new Pipe({
      ...{ timeline, chance, latencyMs, windowBytes, receiver },
      onArrived: (parcel) => {
        if (parcel.kind === 'text' && !to.isClosed && !onArriving(to.side, parcel.text))
          this.cut({ client: 0, server: 0 })
        else to.take(parcel)
      },
      onDrained: () => from.machine.run(() => from.drained()),
    })
  }
}

export class End implements Socket {
  readonly side: Side
  readonly machine: Machine
  pipe!: Pipe
  handlers: SocketHandlers | undefined
  #state: 'open' | 'closing' | 'closed' = 'open'
  readonly #options: LinkOptions

  constructor(side: Side, machine: Machine, options: LinkOptions) {
    this.side = side
    this.machine = machine
    this.#options = options
  }

  get isOpen(): boolean {
    return this.#state === 'open'
  }

  get isClosed(): boolean {
    return this.#state === 'closed'
  }

  get bufferedBytes(): number {
    return this.isClosed ? 0 : this.pipe.bufferedBytes
  }

  send(text: string): void {
    if (!this.isOpen) return
    for (const sent of this.#options.onSent(this.side, text)) this.pipe.send({ kind: 'text', text: sent })
  }

  close(code: number, reason: string): void {
    if (!this.isOpen) return
    this.#state = 'closing'
    this.pipe.send({ kind: 'close', code, reason })
    this.#options.timeline.after(CLOSE_TIMEOUT_MS, () => this.machine.run(() => this.end(1006, '')))
  }

  take(parcel: Parcel): void {
    if (this.isClosed) return
    if (parcel.kind === 'text') return this.handlers?.received(parcel.text)
    if (this.isOpen) this.pipe.send(parcel)
    this.end(parcel.code, parcel.reason)
  }

  drained(): void {
    if (this.isOpen) this.handlers?.drained()
  }

  /** The process of this end is gone. */
  abandon(): void {
    if (this.isClosed) return
    this.#state = 'closed'
    this.#options.onEnded(this.side)
  }

  /** The connection is over for this end. */
  end(code: number, reason: string): void {
    if (this.isClosed) return
    this.#state = 'closed'
    this.#options.onEnded(this.side)
    this.handlers?.closed(code, reason)
  }
}
