// What an idle connection with one subscription adds to the server's resident memory. A heap grows in steps, so it is
// looked at several times while more and more come.

import type { SystemName } from '../systems/all.ts'
import { atMost, type Plan, type Row } from './measure.ts'
import { inSlices, withPairs } from './turns.ts'

const TOGETHER = 6_000
const SAMPLES = 3

export function idleMemory(plan: Plan, systems: readonly SystemName[]): Promise<Row[]> {
  const rounds = plan.isQuick ? 2 : SAMPLES
  const count = Math.round(TOGETHER / (SAMPLES + 1) / (plan.isQuick ? 2 : 1))
  return withPairs(systems, async (pairs) => {
    // The first round warms up, as everywhere: code, caches and the first pages of the heap.
    const figures = await inSlices(pairs, { rounds }, async (pair) => {
      const before = await pair.settledUsage()
      await pair.ask('hold', { count })
      const after = await pair.settledUsage()
      return (after.rssBytes - before.rssBytes) / count
    })
    return [
      {
        id: 'idle-memory',
        title: 'Idle connection with one subscription',
        unit: 'bytes of resident memory',
        baseline: 'socket.io',
        goal: atMost(0.35),
        figures,
        note: `${rounds} times ${count.toLocaleString('en')} connections beyond the first ${count.toLocaleString('en')}, after garbage collection.`,
      },
    ]
  })
}
