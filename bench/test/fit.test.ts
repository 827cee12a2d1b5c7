import { expect, test } from 'vitest'
import { costOf, fit, residualOf, type Sample } from '../scaling/fit.ts'

const costs = { publish: 40, write: 9.5, kB: 0.25 }

function sample(publish: number, write: number, kB: number, factor = 1): Sample {
  const parts = { publish, write, kB }
  return { title: `${write} writes`, parts, measured: costOf(parts, costs) * factor }
}

test('what a cost is made of is found again, though the parts differ by orders of magnitude', () => {
  const samples = [sample(1, 1, 0.1), sample(1, 100, 10), sample(1, 5_000, 500), sample(1, 100, 80_000)]
  const found = fit(samples, Object.keys(costs))
  for (const [name, cost] of Object.entries(costs)) expect(found[name]).toBeCloseTo(cost, 6)
  for (const one of samples) expect(residualOf(one, found)).toBeCloseTo(0, 9)
})

test('a cheap sample counts as much as a dear one', () => {
  // Two parts and three samples: the cheap one alone says what a publish costs.
  const samples = [sample(1, 0, 0), sample(1, 10_000, 0, 1.1), sample(1, 10_000, 0, 0.9)]
  const found = fit(samples, ['publish', 'write'])
  expect(found.publish).toBeCloseTo(costs.publish, 1)
})

test('nothing costs less than nothing: such a part is left out, and the others are fitted without it', () => {
  const samples: Sample[] = [
    { title: 'a', parts: { one: 1, two: 1 }, measured: 10 },
    { title: 'b', parts: { one: 1, two: 2 }, measured: 8 },
    { title: 'c', parts: { one: 1, two: 3 }, measured: 9 },
  ]
  const found = fit(samples, ['one', 'two'])
  expect(found.two).toBe(0)
  expect(found.one).toBeGreaterThan(8)
  expect(found.one).toBeLessThan(10)
})

test('parts that always come together cannot be told apart, and that is said', () => {
  const samples: Sample[] = [1, 2, 3].map((n) => ({ title: '', parts: { a: n, b: 2 * n }, measured: n }))
  expect(() => fit(samples, ['a', 'b'])).toThrow('apart')
  expect(() => fit(samples.slice(0, 1), ['a', 'b'])).toThrow('apart')
})

test('a residual says how much more was measured than the fit says', () => {
  expect(residualOf({ title: '', parts: { a: 2 }, measured: 22 }, { a: 10 })).toBeCloseTo(0.1)
})
