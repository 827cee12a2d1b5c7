// Systems take turns in short slices, so that a neighbour on the machine slows all of them alike, and each ratio is
// one of the same round. The first rounds warm up and do not count; on a machine that is busy the rest may be fewer.

import { Pair } from '../processes/pair.ts'
import type { ServeOptions } from '../system.ts'
import type { SystemName } from '../systems/all.ts'
import type { Figure, Plan } from './measure.ts'
import { figuresOf } from './statistics.ts'

export async function withPairs<Result>(
  names: readonly SystemName[],
  run: (pairs: readonly Pair[]) => Promise<Result>,
  options: ServeOptions = {},
): Promise<Result> {
  const pairs: Pair[] = []
  try {
    // One that does not start must not keep the others from being ended.
    const starts = await Promise.allSettled(names.map((name) => Pair.start(name, options)))
    for (const start of starts) if (start.status === 'fulfilled') pairs.push(start.value)
    for (const start of starts) if (start.status === 'rejected') throw start.reason
    return await run(pairs)
  } finally {
    await Promise.all(pairs.map((pair) => pair.end()))
  }
}

/** What a median and its quartiles need. */
const FEWEST_ROUNDS = 3

export async function inSlices(
  pairs: readonly Pair[],
  {
    rounds,
    warmUps = 1,
    patienceMs = Number.POSITIVE_INFINITY,
  }: Pick<Plan, 'rounds'> & Partial<Pick<Plan, 'warmUps' | 'patienceMs'>>,
  slice: (pair: Pair) => Promise<number>,
  baseline: SystemName = 'socket.io',
): Promise<Readonly<Record<string, Figure>>> {
  const values = new Map<string, number[]>(pairs.map(({ name }) => [name, []]))
  let beganAt = performance.now()
  const isTired = () => performance.now() - beganAt > patienceMs
  for (let round = 1 - warmUps; round <= rounds && !(round > FEWEST_ROUNDS && isTired()); round++) {
    if (round === 1) beganAt = performance.now()
    for (let i = 0; i < pairs.length; i++) {
      const pair = pairs[(i + round + warmUps) % pairs.length] as Pair
      const value = await slice(pair)
      if (round > 0) values.get(pair.name)?.push(value)
    }
  }
  return figuresOf(values, baseline)
}
