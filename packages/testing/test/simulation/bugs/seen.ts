// Every planted bug is found, or the checker does not see what it should. A file for each group, so that they are looked
// for side by side: some take hundreds of seeds.

import { expect, test } from 'vitest'
import { planOf } from '../../../src/simulation/plan.ts'
import type { Bug } from '../../../src/simulation/seams.ts'
import { simulate } from '../../../src/simulation/simulate.ts'

/** Seeds within which every planted bug has to be found. */
const MOST_SEEDS = 2_000

export function testThatTheCheckerSees(bugs: readonly Bug[]): void {
  test.each(bugs)(
    'the checker sees $name',
    async ({ plant }) => {
      for (let seed = 1; seed <= MOST_SEEDS; seed++) {
        const { violation } = await simulate(planOf(seed), { seams: plant() })
        if (violation) return
      }
      expect.fail(`not found in ${MOST_SEEDS} seeds`)
    },
    300_000,
  )
}
