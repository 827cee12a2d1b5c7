// All lines between pages and the server, and the weather over them: which dial gets through, how long a message takes,
// when a connection breaks. It also says what the device knows about it.

import type { Dial, Lifecycle, LifecycleHint } from '@tidings/client'
import { type Chance, type Clock, Emitter, type Socket, type SocketHandlers } from '@tidings/core'
import type { LastingFault } from './faults.ts'
import { Line } from './line.ts'

export interface NetworkOptions {
  readonly clock: Clock
  readonly chance: Chance
  readonly has: (fault: LastingFault) => boolean
  /** Undefined while there is no server to answer. */
  readonly accept: (socket: Socket) => SocketHandlers | undefined
}

const SLOW_MS = [300, 1_500] as const
const BREAKS_AFTER_MS = [2_000, 8_000] as const
const FLAKY_DIALS = 1 / 3

export class Network {
  readonly #options: NetworkOptions
  readonly #lines = new Set<Line>()
  readonly #hints = new Emitter<[LifecycleHint]>(() => {})

  constructor(options: NetworkOptions) {
    this.#options = options
  }

  readonly dial: Dial = (_url, _protocols, handlers) => {
    const { clock } = this.#options
    const line: Line = new Line(
      { clock, latencyMs: () => this.#latencyMs(), onEnded: () => this.#lines.delete(line) },
      handlers,
    )
    const waitMs = this.#latencyMs()
    if (waitMs === 0) clock.endOfTurn(() => this.#answer(line))
    else clock.setTimer(waitMs, () => this.#answer(line))
    return line.client
  }

  readonly lifecycle: Lifecycle = {
    isOnline: () => !this.#options.has('offline'),
    subscribe: (listener) => this.#hints.on(listener),
  }

  hint(hint: LifecycleHint): void {
    this.#hints.emit(hint)
  }

  /** Every connection breaks. */
  cut(): void {
    for (const line of [...this.#lines]) line.cut()
  }

  silence(): void {
    for (const line of this.#lines) line.isSilent = true
  }

  /** The server ends every connection. */
  close(code: number, reason: string): void {
    for (const line of [...this.#lines]) line.server.close(code, reason)
  }

  /** The weather has become flaky: what is open breaks as well. */
  unsettle(): void {
    for (const line of this.#lines) this.#breakLater(line)
  }

  #answer(line: Line): void {
    if (line.client.isClosed) return
    const { has, accept, chance } = this.#options
    const isLost = has('offline') || has('unreachable') || (has('flaky') && chance.fraction() < FLAKY_DIALS)
    const handlers = isLost ? undefined : accept(line.server)
    if (!handlers) return line.cut()
    this.#lines.add(line)
    line.link(handlers)
    if (has('flaky')) this.#breakLater(line)
  }

  #breakLater(line: Line): void {
    const { clock, has } = this.#options
    clock.setTimer(this.#between(BREAKS_AFTER_MS), () => {
      if (has('flaky')) line.cut()
    })
  }

  #latencyMs(): number {
    return this.#options.has('slow') ? this.#between(SLOW_MS) : 0
  }

  #between([least, most]: readonly [number, number]): number {
    return Math.round(least + (most - least) * this.#options.chance.fraction())
  }
}
