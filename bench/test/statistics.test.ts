import { expect, test } from 'vitest'
import { latencies } from '../load/latency.ts'
import { atLeast, atMost, type Row, verdictOf } from '../measures/measure.ts'
import { figuresOf, medianOf, spreadOf } from '../measures/statistics.ts'
import { short } from '../report/table.ts'

test('the median of an even count lies between the two in the middle, whatever their order', () => {
  expect(medianOf([4, 1, 3, 2])).toBe(2.5)
  expect(medianOf([9, 1, 5])).toBe(5)
})

test('quartiles lie between neighbours in proportion', () => {
  expect(spreadOf([10, 20, 30, 40, 50])).toEqual({ median: 30, low: 20, high: 40 })
  expect(spreadOf([0, 10])).toEqual({ median: 5, low: 2.5, high: 7.5 })
})

test('a ratio is one of the same round, so a slow moment of the machine falls out of it', () => {
  const figures = figuresOf(
    new Map([
      ['base', [100, 10, 1]],
      ['own', [200, 20, 2]],
    ]),
    'base',
  )
  expect(figures.own).toEqual({ value: 20, ratio: { median: 2, low: 2, high: 2 } })
  expect(figures.base?.ratio?.median).toBe(1)
})

test('without a baseline there is a value and no ratio', () => {
  expect(figuresOf(new Map([['own', [3, 1, 2]]]), 'base')).toEqual({ own: { value: 2 } })
})

const row = (goal: Row['goal'], value: number, ratio?: number): Row => ({
  ...{ id: 'x', title: 'x', unit: 'x', goal },
  figures: {
    tidings: { value, ...(ratio !== undefined && { ratio: { median: ratio, low: ratio, high: ratio } }) },
  },
})

test('a goal is met at its very number, and missed past it', () => {
  expect(verdictOf(row(atLeast(12), 0, 12))).toBe('met')
  expect(verdictOf(row(atLeast(12), 0, 11.99))).toBe('missed')
  expect(verdictOf(row(atMost(0.35), 0, 0.36))).toBe('missed')
  expect(verdictOf(row({ kind: 'at most', of: 'value', number: 1 }, 0.97))).toBe('met')
})

test('there is no verdict where nothing was measured beside the baseline', () => {
  expect(verdictOf(row(atLeast(2), 5))).toBe('no goal')
  expect(verdictOf(row(undefined, 5, 5))).toBe('no goal')
})

test('latencies are quantiles of all deliveries, the slowest included', () => {
  const tookMs = Array.from({ length: 100 }, (_, i) => 100 - i)
  expect(latencies(tookMs)).toEqual({ count: 100, p50Ms: 51, p99Ms: 100, maxMs: 100 })
  expect(latencies([])).toEqual({ count: 0, p50Ms: 0, p99Ms: 0, maxMs: 0 })
})

test('figures are shown with the digits that count', () => {
  expect([0.1234, 12.34, 123.4, 9_990, 12_345, 999_600, 1_900_000].map(short)).toEqual([
    ...['0.12', '12.3', '123', '9,990', '12.3k', '1M', '1.9M'],
  ])
})
