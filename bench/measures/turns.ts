// Systems take turns in short slices, so that a neighbour on the machine slows all of them alike, and each ratio is
// one of the same round. The first round warms up and does not count.

import { Pair } from '../processes/pair.ts'
import type { ServeOptions } from '../system.ts'
import type { SystemName } from '../systems/all.ts'
import { type Figure, medianOf, type Plan, spreadOf } from './measure.ts'

export async function withPairs<Result>(
  names: readonly SystemName[],
  run: (pairs: readonly Pair[]) => Promise<Result>,
  options: ServeOptions = {},
): Promise<Result> {
  const pairs: Pair[] = []
  try {
    for (const name of names) pairs.push(await Pair.start(name, options))
    return await run(pairs)
  } finally {
    await Promise.all(pairs.map((pair) => pair.end()))
  }
}

export async function inSlices(
  pairs: readonly Pair[],
  plan: Pick<Plan, 'rounds'>,
  slice: (pair: Pair) => Promise<number>,
  baseline: SystemName = 'socket.io',
): Promise<Readonly<Record<string, Figure>>> {
  const values = new Map<string, number[]>(pairs.map(({ name }) => [name, []]))
  for (let round = 0; round <= plan.rounds; round++) {
    for (let i = 0; i < pairs.length; i++) {
      const pair = pairs[(i + round) % pairs.length] as Pair
      const value = await slice(pair)
      if (round > 0) values.get(pair.name)?.push(value)
    }
  }
  return figuresOf(values, baseline)
}

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
