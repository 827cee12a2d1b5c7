// Draws of the kinds that plans are made of.

import type { Chance } from '@tidings/core'

export class Draw {
  readonly #chance: Chance

  constructor(chance: Chance) {
    this.#chance = chance
  }

  fraction(): number {
    return this.#chance.fraction()
  }

  /** Whether something of this probability happens. */
  happens(probability: number): boolean {
    return this.#chance.fraction() < probability
  }

  /** A whole number from `least` to `most`, both included. */
  whole(least: number, most: number): number {
    return least + Math.floor(this.#chance.fraction() * (most - least + 1))
  }

  one<T>(of: readonly T[]): T {
    return of[Math.floor(this.#chance.fraction() * of.length)] as T
  }

  some<T>(of: readonly T[], probability: number): T[] {
    return of.filter(() => this.happens(probability))
  }
}
