import { expect, it } from 'vitest'
import { MemoryReceipts } from '../../src/brokers/memory-receipts.ts'

const receiptOf = (sequence: number) => ({
  firstOffset: sequence * 10,
  offset: sequence * 10 + 1,
  tag: `t${sequence}`,
  at: sequence * 1_000,
})

it('[BR4] a receipt is found by its number, whatever numbers were left out', () => {
  const receipts = new MemoryReceipts()
  const kept = Array.from({ length: 200 }, (_, i) => i * i)
  for (const sequence of kept) receipts.add(sequence, receiptOf(sequence))
  for (const sequence of kept) expect(receipts.get(sequence)).toEqual(receiptOf(sequence))
  for (const missing of [-1, 2, 3, 5, 199 * 199 + 1]) expect(receipts.get(missing)).toBeUndefined()
  expect(receipts.newest).toEqual(receiptOf(199 * 199))
})

it('[BR4] receipts go from the oldest on, so many at a time, and none behind one that stays', () => {
  const receipts = new MemoryReceipts()
  for (let sequence = 1; sequence <= 100; sequence++) receipts.add(sequence, receiptOf(sequence))
  receipts.forget(2, () => true)
  expect([1, 2, 3].map((sequence) => receipts.get(sequence) !== undefined)).toEqual([false, false, true])
  receipts.forget(1_000, (offset) => offset !== 80 * 10 + 1)
  expect(receipts.get(79)).toBeUndefined()
  for (let sequence = 80; sequence <= 100; sequence++)
    expect(receipts.get(sequence)).toEqual(receiptOf(sequence))
  receipts.forget(1_000, () => true)
  expect(receipts.newest).toBeUndefined()
  receipts.add(101, receiptOf(101))
  expect(receipts.get(101)).toEqual(receiptOf(101))
})
