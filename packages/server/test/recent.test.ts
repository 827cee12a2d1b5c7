import { expect, it } from 'vitest'
import { Recent } from '../src/recent.ts'

const fill = (recent: Recent<number, string>, from: number, to: number) => {
  for (let key = from; key < to; key++) recent.set(key, `v${key}`)
}

it('a recent map keeps what was used last, and no more than its size', () => {
  const recent = new Recent<number, string>(10)
  fill(recent, 0, 1_000)
  expect(recent.values().length).toBeLessThanOrEqual(10)
  for (const key of [996, 997, 998, 999]) expect(recent.get(key)).toBe(`v${key}`)
  expect(recent.get(900)).toBeUndefined()
})

it('a recent map keeps what is looked at again and again', () => {
  const recent = new Recent<number, string>(10)
  recent.set(-1, 'kept')
  for (let round = 0; round < 100; round++) {
    fill(recent, round * 3, round * 3 + 3)
    expect(recent.get(-1)).toBe('kept')
  }
})

it('a recent map has one value for a key, the last one, until it is deleted', () => {
  const recent = new Recent<string, number>(10)
  recent.set('a', 1)
  for (let i = 0; i < 5; i++) recent.set(`other${i}`, i)
  recent.set('a', 2)
  expect(recent.get('a')).toBe(2)
  expect(recent.values().filter((value) => value === 1)).toEqual([1])
  recent.delete('a')
  expect(recent.get('a')).toBeUndefined()
  recent.clear()
  expect(recent.values()).toEqual([])
})
