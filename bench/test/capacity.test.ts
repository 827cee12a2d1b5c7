import { expect, test } from 'vitest'
import {
  beatShare,
  eventCost,
  eventsPerSecond,
  memoryOf,
  nodesWithReaders,
  returnSeconds,
  SHARE,
} from '../scaling/capacity.ts'

const costs = { publish: 30, turn: 20, write: 10, kBIn: 5, kBOut: 0.5 }

test('an event costs its publish, its part of the message, a write for each reader, and its bytes in and out', () => {
  expect(eventCost({ readers: 100, burst: 1, kB: 2 }, costs)).toBe(30 + 20 + 1_000 + 10 + 100)
  expect(eventCost({ readers: 100, burst: 10, kB: 0 }, costs)).toBe(30 + 2 + 100)
})

test('a node takes as many events as fit into its share of a core', () => {
  const traffic = { readers: 1, burst: 1, kB: 0 }
  expect(eventsPerSecond(traffic, costs)).toBeCloseTo((SHARE * 1_000_000) / 60)
})

test('memory is that of connections, of their subscriptions, and of open channels', () => {
  const bytes = { connection: 10_000, subscription: 500, channel: 2_000 }
  expect(memoryOf({ connections: 10, subscriptions: 3, channels: 5 }, bytes)).toBe(100_000 + 15_000 + 10_000)
})

test('signs of life take a part of a core that grows with the connections', () => {
  expect(beatShare(25_000, { heartbeatMs: 25_000, microseconds: 20 })).toBeCloseTo(0.02)
})

test('whoever comes back waits for those before', () => {
  expect(returnSeconds(6_000, 100)).toBeCloseTo(1)
})

test('a channel reaches as many nodes as it has readers, until every node has one', () => {
  expect(nodesWithReaders(1, 10)).toBeCloseTo(1)
  expect(nodesWithReaders(5, 1_000)).toBeCloseTo(4.99, 2)
  expect(nodesWithReaders(1_000_000, 10)).toBeCloseTo(10)
})
