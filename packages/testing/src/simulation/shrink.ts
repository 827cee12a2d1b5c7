// Makes a failing plan shorter: steps are left out, many at once and then one by one, as long as it goes on failing in
// the same way (delta debugging: Zeller and Hildebrandt, 2002).

import type { Plan } from './plan.ts'
import type { Violation } from './violation.ts'

/** What a plan comes to. */
export type Attempt = (plan: Plan) => Promise<Violation | undefined>

export interface Shrunken {
  readonly plan: Plan
  readonly violation: Violation
}

/** Simulations that shrinking may take. */
const MOST_RUNS = 400

export async function shrink(plan: Plan, violation: Violation, attempt: Attempt): Promise<Shrunken> {
  let best: Shrunken = { plan, violation }
  let runs = 0
  const accept = async (candidate: Plan): Promise<boolean> => {
    if (++runs > MOST_RUNS) return false
    const found = await attempt(candidate)
    if (found?.rule !== violation.rule || found.harm !== violation.harm) return false
    best = { plan: candidate, violation: found }
    return true
  }
  for (let size = Math.ceil(plan.steps.length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    // Leaving one thing out may make another one superfluous: the last round is repeated while it helps.
    while ((await withoutChunks(() => best.plan, size, accept)) && size === 1 && runs < MOST_RUNS);
  }
  return best
}

/** Tries every chunk of steps once; says whether any of them could go. */
async function withoutChunks(
  current: () => Plan,
  size: number,
  accept: (plan: Plan) => Promise<boolean>,
): Promise<boolean> {
  let isShorter = false
  for (let start = 0; start < current().steps.length; ) {
    const { shape, steps } = current()
    if (await accept({ shape, steps: steps.filter((_, i) => i < start || i >= start + size) }))
      isShorter = true
    else start += size
  }
  return isShorter
}
