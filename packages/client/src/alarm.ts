// One timer that can be set anew and stopped: what an owner with a deadline keeps, so that it leaves none behind.

import type { Cancel, Clock } from '@tidings/core'

export class Alarm {
  readonly #clock: Clock
  readonly #ring: () => void
  #cancel: Cancel | undefined

  constructor(clock: Clock, ring: () => void) {
    this.#clock = clock
    this.#ring = ring
  }

  get isSet(): boolean {
    return this.#cancel !== undefined
  }

  /** Rings once, `delayMs` from now, whatever it was set to before. */
  set(delayMs: number): void {
    this.stop()
    this.#cancel = this.#clock.setTimer(delayMs, () => {
      this.#cancel = undefined
      this.#ring()
    })
  }

  stop(): void {
    this.#cancel?.()
    this.#cancel = undefined
  }
}
