// What the lasting faults of a mock come to on a network: which dial gets through, how long a message takes, and when a
// connection breaks. The same for connections in a page and on a port.

import type { Cancel, Chance, Clock } from '@tidings/core'
import type { LastingFault } from './faults.ts'

export interface WeatherOptions {
  readonly clock: Clock
  readonly chance: Chance
  readonly has: (fault: LastingFault) => boolean
}

const SLOW_MS = [300, 1_500] as const
const BREAKS_AFTER_MS = [2_000, 8_000] as const
const FLAKY_DIALS = 1 / 3

export class Weather {
  readonly #options: WeatherOptions

  constructor(options: WeatherOptions) {
    this.#options = options
  }

  /** Whether this dial gets nowhere. */
  loses(): boolean {
    const { has, chance } = this.#options
    return has('offline') || has('unreachable') || (has('flaky') && chance.fraction() < FLAKY_DIALS)
  }

  /** How long the next message takes, in milliseconds. */
  latencyMs(): number {
    return this.#options.has('slow') ? this.#between(SLOW_MS) : 0
  }

  /** Breaks something in a while, unless it is no longer flaky by then. */
  breakLater(cut: () => void): Cancel {
    const { clock, has } = this.#options
    return clock.setTimer(this.#between(BREAKS_AFTER_MS), () => {
      if (has('flaky')) cut()
    })
  }

  #between([least, most]: readonly [number, number]): number {
    return Math.round(least + (most - least) * this.#options.chance.fraction())
  }
}
