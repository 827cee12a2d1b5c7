// Medians and quartiles, and ratios that are each of one round.

import type { Figure } from './measure.ts'

export interface Spread {
  readonly median: number
  readonly low: number
  readonly high: number
}

export function spreadOf(values: readonly number[]): Spread {
  const sorted = [...values].sort((a, b) => a - b)
  const at = (part: number) => {
    const place = (sorted.length - 1) * part
    const low = sorted[Math.floor(place)] ?? Number.NaN
    const high = sorted[Math.ceil(place)] ?? Number.NaN
    return low + (high - low) * (place - Math.floor(place))
  }
  return { median: at(0.5), low: at(0.25), high: at(0.75) }
}

export const medianOf = (values: readonly number[]): number => spreadOf(values).median

/** Ratios are of the same round: `values` hold one for each. */
export function figuresOf(
  values: ReadonlyMap<string, readonly number[]>,
  baseline: string,
): Readonly<Record<string, Figure>> {
  const base = values.get(baseline)
  return Object.fromEntries(
    [...values].map(([name, own]) => {
      const ratios = own.flatMap((value, i) => (base?.[i] === undefined ? [] : [value / base[i]]))
      return [name, { value: medianOf(own), ...(ratios.length > 0 && { ratio: spreadOf(ratios) }) }]
    }),
  )
}
