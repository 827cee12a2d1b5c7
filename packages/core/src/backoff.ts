// Exponential backoff with full jitter (Marc Brooker, "Exponential Backoff And Jitter", AWS Architecture Blog, 2015):
// the delay is drawn evenly from zero to the cap, which spreads a crowd better than any narrower draw.

import type { Chance } from './chance.ts'

export interface Backoff {
  /** Upper bound of the first delay, in milliseconds. Default 1,000. */
  readonly firstMs: number
  /** What each further attempt multiplies the bound by. Default 2. */
  readonly factor: number
  /** The bound never passes this, in milliseconds. Default 30,000. */
  readonly maxMs: number
}

export const defaultBackoff: Backoff = { firstMs: 1_000, factor: 2, maxMs: 30_000 }

/** The longest that attempt number `attempt` (from 1) may have to wait. */
export function backoffBoundMs(backoff: Backoff, attempt: number): number {
  return Math.min(backoff.maxMs, backoff.firstMs * backoff.factor ** (attempt - 1))
}

/** How long attempt number `attempt` (from 1) waits, in milliseconds. */
export function backoffDelayMs(backoff: Backoff, attempt: number, chance: Chance): number {
  return Math.round(backoffBoundMs(backoff, attempt) * chance.fraction())
}
