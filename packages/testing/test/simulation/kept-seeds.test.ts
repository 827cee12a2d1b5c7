import { expect, test } from 'vitest'
import { keptSeeds } from '../../src/simulation/kept.ts'
import { simulate } from '../../src/simulation/simulate.ts'

test.each(keptSeeds())('what was found stays mended: $name', async ({ name, plan, found }) => {
  const { violation } = await simulate(plan)
  expect(violation, `it was: ${found}; npm run sim -- --kept ${name} --trace`).toBeUndefined()
})

test('names are unique', () => {
  const names = keptSeeds().map(({ name }) => name)
  expect(new Set(names).size).toBe(names.length)
})
