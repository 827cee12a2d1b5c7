import { expect, test } from 'vitest'
import { bugs } from '../../src/simulation/bugs/all.ts'
import { planOf } from '../../src/simulation/plan.ts'
import { simulate } from '../../src/simulation/simulate.ts'

/** Seeds within which every planted bug has to be found. */
const MOST_SEEDS = 2_000

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

test('there are at least 25, each under a name of its own', () => {
  const names = bugs.map(({ name }) => name)
  expect(new Set(names).size).toBe(names.length)
  expect(names.length).toBeGreaterThanOrEqual(25)
  for (const name of names) expect(name).toMatch(/^[a-z]+(-[a-z]+)*$/)
})
