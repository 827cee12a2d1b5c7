// What a measure gives: rows of figures, one for each system, beside the goal that Tidings has set itself.

import type { SystemName } from '../systems/all.ts'
import type { Spread } from './statistics.ts'

/** How much time there is. */
export interface Plan {
  readonly isQuick: boolean
  readonly rounds: number
  /** Rounds before those that count: code is compiled while it runs, and a server of every day has run for long. */
  readonly warmUps: number
  readonly sliceMs: number
  /** After this a measure takes no more rounds than it needs. */
  readonly patienceMs: number
  /** Sizes are divided by this. */
  readonly shrink: number
  readonly say: (line: string) => void
}

export interface Figure {
  /** In the row's unit: the median. */
  readonly value: number
  /** Beside the baseline, in the same round: the median of the rounds, and its quartiles. */
  readonly ratio?: Spread | undefined
}

export interface Row {
  readonly id: string
  readonly title: string
  readonly unit: string
  /** What the ratios are taken by: 1 is this. */
  readonly baseline?: SystemName | 'sqlite' | 'union' | undefined
  readonly goal?: Goal | undefined
  readonly figures: Readonly<Record<string, Figure>>
  readonly note?: string | undefined
}

export interface Goal {
  readonly kind: 'at least' | 'at most'
  /** Of the ratio, or of the value where there is none. */
  readonly of: 'ratio' | 'value'
  readonly number: number
}

export const atLeast = (number: number): Goal => ({ kind: 'at least', of: 'ratio', number })
export const atMost = (number: number): Goal => ({ kind: 'at most', of: 'ratio', number })

export function verdictOf({ goal, figures }: Row): 'met' | 'missed' | 'no goal' {
  const figure = figures.tidings
  if (!goal || !figure) return 'no goal'
  const measured = goal.of === 'ratio' ? figure.ratio?.median : figure.value
  if (measured === undefined) return 'no goal'
  return (goal.kind === 'at least' ? measured >= goal.number : measured <= goal.number) ? 'met' : 'missed'
}
