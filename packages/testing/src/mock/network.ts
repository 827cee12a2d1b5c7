// All lines between pages and the server, under the weather of the mock. It also says what the device knows about it.

import type { Dial, Lifecycle, LifecycleHint } from '@tidings/client'
import { Emitter, type Socket, type SocketHandlers } from '@tidings/core'
import { Line } from './line.ts'
import { Weather, type WeatherOptions } from './weather.ts'

export interface NetworkOptions extends WeatherOptions {
  /** Undefined while there is no server to answer. */
  readonly accept: (socket: Socket) => SocketHandlers | undefined
}

export class Network {
  readonly #options: NetworkOptions
  readonly #weather: Weather
  readonly #lines = new Set<Line>()
  readonly #hints = new Emitter<[LifecycleHint]>(() => {})

  constructor(options: NetworkOptions) {
    this.#options = options
    this.#weather = new Weather(options)
  }

  readonly dial: Dial = (_url, _protocols, handlers) => {
    const { clock } = this.#options
    const line: Line = new Line(
      { clock, latencyMs: () => this.#weather.latencyMs(), onEnded: () => this.#lines.delete(line) },
      handlers,
    )
    const waitMs = this.#weather.latencyMs()
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
    for (const line of this.#lines) this.#weather.breakLater(() => line.cut())
  }

  #answer(line: Line): void {
    if (line.client.isClosed) return
    const { has, accept } = this.#options
    const handlers = this.#weather.loses() ? undefined : accept(line.server)
    if (!handlers) return line.cut()
    this.#lines.add(line)
    line.link(handlers)
    if (has('flaky')) this.#weather.breakLater(() => line.cut())
  }
}
