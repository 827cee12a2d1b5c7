// One timer that can be set anew and stopped: what an owner with a deadline keeps, so that it leaves none behind.

import type { Cancel, Clock } from '@tidings/core'

/** Timers of the platform overflow beyond 24 days, and fire at once. */
const LONGEST_MS = 2 ** 31 - 1

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
    this.#cancel = this.#clock.setTimer(Math.min(delayMs, LONGEST_MS), () => {
      this.#cancel = undefined
      this.#ring()
    })
  }

  stop(): void {
    this.#cancel?.()
    this.#cancel = undefined
  }
}
