import { expect, test } from 'vitest'
import { bugNamed } from '../../src/simulation/bugs/all.ts'
import { type Plan, planOf } from '../../src/simulation/plan.ts'
import { shrink } from '../../src/simulation/shrink.ts'
import { simulate } from '../../src/simulation/simulate.ts'
import type { Violation } from '../../src/simulation/violation.ts'

const violation: Violation = { harm: 'lost', rule: 'A1', message: 'a fault that needs two steps', at: 0 }

test('of what is done only what the failure needs is left', async () => {
  const plan = planOf(8)
  const [first, second] = [plan.steps[5], plan.steps[20]]
  const attempt = async ({ steps }: Plan) =>
    steps.some(({ id }) => id === first?.id) && steps.some(({ id }) => id === second?.id)
      ? violation
      : undefined
  const shrunken = await shrink(plan, violation, attempt)
  expect(shrunken.plan.steps).toEqual([first, second])
})

test('a failure of another kind does not count', async () => {
  const plan = planOf(8)
  const attempt = async ({ steps }: Plan): Promise<Violation> =>
    steps.length < plan.steps.length ? { ...violation, rule: 'Q1' } : violation
  const shrunken = await shrink(plan, violation, attempt)
  expect(shrunken.plan).toEqual(plan)
})

test('what is left of a real failure fails in the same way', async () => {
  const bug = bugNamed('trust-a-wrong-tag')
  const attempt = async (plan: Plan) => (await simulate(plan, { seams: bug?.plant() })).violation
  for (let seed = 1; ; seed++) {
    const found = await attempt(planOf(seed))
    if (!found) continue
    const shrunken = await shrink(planOf(seed), found, attempt)
    expect(shrunken.plan.steps.length).toBeLessThan(planOf(seed).steps.length / 2)
    expect(await attempt(shrunken.plan)).toEqual(shrunken.violation)
    return
  }
}, 60_000)
