// Everything between clients and server nodes: who is dialled, how long things take, and what goes wrong on the way.

import type { Chance, Socket, SocketHandlers } from '@tidings/core'
import { type End, Link, type Side } from './link.ts'
import type { Machine } from './machine.ts'
import type { Timeline } from './timeline.ts'

/** A server node, as the network sees it. */
export interface Destination {
  readonly name: string
  readonly machine: Machine
  /** Takes on the connection; undefined where nobody listens. */
  accept(socket: Socket): SocketHandlers | undefined
}

/** A client, as the network sees it. */
export interface Caller {
  readonly name: string
  readonly machine: Machine
}

export interface NetworkOptions {
  readonly timeline: Timeline
  readonly chance: Chance
  /** Typical latency in milliseconds; each connection has its own, up to three times that. */
  readonly latencyMs: number
  readonly windowBytes: number
  /** The node to which the load balancer sends the next connection. */
  readonly pick: (caller: string) => Destination | undefined
  readonly watch: Watch
}

/** What looks at, and may tamper with, what is sent. */
export interface Watch {
  opened(link: Link, caller: string, destination: string): void
  sent(link: Link, from: Side, text: string): readonly string[]
  arriving(link: Link, to: Side, text: string): void
  ended(link: Link, side: Side): void
}

/** What an armed link breaks at. */
export type Tripwire = (to: Side, text: string) => boolean

interface Line {
  readonly link: Link
  readonly caller: string
  readonly destination: string
  tripwire: Tripwire | undefined
}

export class Network {
  readonly #options: NetworkOptions
  readonly #lines = new Set<Line>()
  /** Callers whose next dials fail, or hang, and how many of them. */
  readonly #troubles = new Map<string, { readonly kind: 'fail' | 'hang'; left: number }>()
  readonly #offline = new Set<string>()
  #dialled = 0

  constructor(options: NetworkOptions) {
    this.#options = options
  }

  /** Connections that at least one end believes in. */
  get open(): number {
    return this.#lines.size
  }

  get isQuiet(): boolean {
    for (const { link } of this.#lines) if (!link.isQuiet) return false
    return true
  }

  dial(caller: Caller, handlers: SocketHandlers): Socket {
    const { timeline, chance, latencyMs } = this.#options
    const ownMs = latencyMs * (0.3 + 2.7 * chance.fraction())
    const attempt = new Attempt(caller, handlers, timeline)
    const trouble = this.#takeTrouble(caller.name)
    if (trouble === 'hang') return attempt
    timeline.after(ownMs, () => {
      if (caller.machine.isDead) return
      const destination = trouble === 'fail' ? undefined : this.#options.pick(caller.name)
      if (!destination?.machine.isRunning) return attempt.fail()
      destination.machine.run(() => this.#connect(attempt, destination, ownMs))
    })
    return attempt
  }

  /** The connections of a client, or of a node, or all of them. */
  links(of: { readonly caller?: string; readonly destination?: string } = {}): Link[] {
    return [...this.#lines]
      .filter(
        ({ caller, destination }) =>
          (of.caller ?? caller) === caller && (of.destination ?? destination) === destination,
      )
      .map(({ link }) => link)
  }

  /** The client's connection breaks at the first message for which `tripwire` says so. */
  arm(caller: string, tripwire: Tripwire): void {
    for (const line of this.#lines) if (line.caller === caller) line.tripwire = tripwire
  }

  trouble(caller: string, kind: 'fail' | 'hang', dials: number): void {
    this.#troubles.set(caller, { kind, left: dials })
  }

  setOffline(caller: string, isOffline: boolean): void {
    if (isOffline) this.#offline.add(caller)
    else this.#offline.delete(caller)
  }

  /** No trouble any more: what was slow or stalled goes on, dials succeed. Links that were cut stay cut. */
  heal(): void {
    this.#troubles.clear()
    this.#offline.clear()
    for (const line of this.#lines) {
      line.tripwire = undefined
      line.link.client.pipe.resume()
      line.link.server.pipe.resume()
    }
  }

  #takeTrouble(caller: string): 'fail' | 'hang' | undefined {
    if (this.#offline.has(caller)) return 'fail'
    const trouble = this.#troubles.get(caller)
    if (!trouble) return undefined
    if (--trouble.left <= 0) this.#troubles.delete(caller)
    return trouble.kind
  }

  #connect(attempt: Attempt, destination: Destination, latencyMs: number): void {
    const { timeline, chance, windowBytes, watch } = this.#options
    const { caller } = attempt
    const link: Link = new Link({
      name: `${caller.name}#${++this.#dialled}`,
      ...{ timeline, chance, latencyMs, windowBytes },
      client: caller.machine,
      server: destination.machine,
      onSent: (from, text) => watch.sent(link, from, text),
      onArriving: (to, text) => {
        if (line.tripwire?.(to, text)) return false
        watch.arriving(link, to, text)
        return true
      },
      onEnded: (side) => {
        watch.ended(link, side)
        if (link.isOver) this.#lines.delete(line)
      },
    })
    const line: Line = { link, caller: caller.name, destination: destination.name, tripwire: undefined }
    const handlers = destination.accept(link.server)
    if (!handlers) return attempt.fail()
    this.#lines.add(line)
    watch.opened(link, caller.name, destination.name)
    link.server.handlers = handlers
    handlers.opened()
    timeline.after(latencyMs, () => caller.machine.run(() => attempt.succeed(link.client)))
  }
}

/** A client's socket from the dial on; the end of a link once that stands. */
class Attempt implements Socket {
  readonly caller: Caller
  readonly #handlers: SocketHandlers
  readonly #timeline: Timeline
  #end: End | undefined
  #isOver = false

  constructor(caller: Caller, handlers: SocketHandlers, timeline: Timeline) {
    this.caller = caller
    this.#handlers = handlers
    this.#timeline = timeline
  }

  get bufferedBytes(): number {
    return this.#end?.bufferedBytes ?? 0
  }

  send(text: string): void {
    this.#end?.send(text)
  }

  close(code: number, reason: string): void {
    if (this.#end) this.#end.close(code, reason)
    else this.fail()
  }

  succeed(end: End): void {
    // Closed before it was open: the other end is told.
    if (this.#isOver) return end.close(1000, '')
    this.#end = end
    end.handlers = this.#handlers
    if (end.isClosed) return this.#handlers.closed(1006, '')
    this.#handlers.opened()
  }

  fail(): void {
    if (this.#isOver || this.#end) return
    this.#isOver = true
    this.#timeline.after(0, () => this.caller.machine.run(() => this.#handlers.closed(1006, '')))
  }
}
