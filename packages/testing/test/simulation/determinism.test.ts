import { expect, test } from 'vitest'
import { planOf } from '../../src/simulation/plan.ts'
import { simulate } from '../../src/simulation/simulate.ts'

const SEEDS = [3, 17, 42, 77, 1_234, 999_983]

const hashOf = async (seed: number, isTraced = false) => (await simulate(planOf(seed), { isTraced })).hash

test('the same seed has the same trace, whatever ran before it, and whether it is written down or not', async () => {
  const there: string[] = []
  for (const seed of SEEDS) there.push(await hashOf(seed))
  const back: string[] = []
  for (const seed of SEEDS.toReversed()) back.unshift(await hashOf(seed, true))
  expect(back).toEqual(there)
  expect(new Set(there).size).toBe(SEEDS.length)
})

test('a plan is data: written down and read again it is the same', () => {
  for (const seed of SEEDS) expect(JSON.parse(JSON.stringify(planOf(seed)))).toEqual(planOf(seed))
})

test('a plan that was written down has the trace of its seed', async () => {
  const [seed = 0] = SEEDS
  const { hash } = await simulate(JSON.parse(JSON.stringify(planOf(seed))))
  expect(hash).toBe(await hashOf(seed))
})
