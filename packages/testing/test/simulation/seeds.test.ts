import { expect, test } from 'vitest'
import { faultGroups, unnamed, workload } from '../../src/simulation/deeds/all.ts'
import { planOf } from '../../src/simulation/plan.ts'
import { simulate } from '../../src/simulation/simulate.ts'

const allDeeds = { ...workload, ...unnamed, ...Object.assign({}, ...Object.values(faultGroups)) }

/** Each test takes so many; `npm run sim` takes as many as one likes. */
const SEEDS = 100

test.each([1, 1_001, 2_001])(
  'nothing is lost, doubled, reordered or silently wrong: seeds from %i',
  async (from) => {
    let events = 0
    for (let seed = from; seed < from + SEEDS; seed++) {
      const outcome = await simulate(planOf(seed))
      expect(outcome.violation, `npm run sim -- --seed ${seed} --trace`).toBeUndefined()
      events += outcome.events
    }
    // A world in which nothing arrives proves nothing.
    expect(events).toBeGreaterThan(SEEDS * 50)
  },
  60_000,
)

test('every deed, both brokers, shared connections and durable outboxes occur in a few hundred seeds', () => {
  const plans = Array.from({ length: 400 }, (_, i) => planOf(i + 1))
  const deeds = new Set(plans.flatMap(({ steps }) => steps.map(({ deed }) => deed)))
  expect([...deeds].sort()).toEqual(Object.keys(allDeeds).sort())
  expect(new Set(plans.map(({ shape }) => shape.broker)).size).toBe(2)
  for (const isThere of [true, false]) {
    expect(plans.some(({ shape: { browsers, disk } }) => !browsers === isThere && !disk === isThere)).toBe(
      true,
    )
    expect(plans.some(({ shape: { browsers, disk } }) => !browsers === isThere && !disk !== isThere)).toBe(
      true,
    )
  }
  expect(plans.some(({ steps }) => steps.every(({ deed }) => Object.hasOwn(workload, deed)))).toBe(true)
})
