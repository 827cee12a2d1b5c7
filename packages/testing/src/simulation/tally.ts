// What many seeds come to: how many there were, what was told to applications, what went wrong.

import type { Outcome } from './simulate.ts'
import { type Harm, harms, type Violation } from './violation.ts'

export interface Failure {
  readonly seed: number
  readonly violation: Violation
}

export interface Tally {
  readonly seeds: number
  /** Entries that applications were given. */
  readonly events: number
  /** Resets that they were told of. */
  readonly resets: number
  /** Happenings of the simulations, and the time that passed in them, in milliseconds. */
  readonly steps: number
  readonly virtualMs: number
  readonly failures: readonly Failure[]
}

export const noTally: Tally = { seeds: 0, events: 0, resets: 0, steps: 0, virtualMs: 0, failures: [] }

export function tallyOf(seed: number, { violation, ...outcome }: Outcome): Tally {
  const { events, resets, steps, virtualMs } = outcome
  return { seeds: 1, events, resets, steps, virtualMs, failures: violation ? [{ seed, violation }] : [] }
}

export function addTallies(a: Tally, b: Tally): Tally {
  return {
    seeds: a.seeds + b.seeds,
    events: a.events + b.events,
    resets: a.resets + b.resets,
    steps: a.steps + b.steps,
    virtualMs: a.virtualMs + b.virtualMs,
    failures: [...a.failures, ...b.failures].sort((one, other) => one.seed - other.seed),
  }
}

/** The closing line: `seeds 5000 events 640000 lost 0 doubled 0 reordered 0 silent 0`. */
export function closingLine({ seeds, events, failures }: Tally): string {
  const count = (harm: Harm) => failures.filter(({ violation }) => violation.harm === harm).length
  return `seeds ${seeds} events ${events} ${harms.map((harm) => `${harm} ${count(harm)}`).join(' ')}`
}
