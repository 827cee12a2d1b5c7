// What an idle connection with one subscription adds to the server's resident memory. That grows in steps, so it is
// looked at several times while more and more come, each time as the growth since the first of them.

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
    const begins = new Map<SystemName, { readonly rssBytes: number; held: number }>()
    const figures = await inSlices(pairs, { rounds }, async (pair) => {
      await pair.ask('hold', { count })
      const { rssBytes } = await pair.settledUsage()
      const begin = begins.get(pair.name)
      if (!begin) {
        begins.set(pair.name, { rssBytes, held: 0 })
        return Number.NaN
      }
      begin.held += count
      return (rssBytes - begin.rssBytes) / begin.held
    })
    return [
      {
        id: 'idle-memory',
        title: 'Idle connection with one subscription',
        unit: 'bytes of resident memory',
        baseline: 'socket.io',
        goal: atMost(0.35),
        figures,
        note: `Looked at ${rounds} times, after garbage collection, while ${(rounds * count).toLocaleString('en')} connections came beyond the first ${count.toLocaleString('en')}.`,
      },
    ]
  })
}
