// What an idle connection with one subscription adds to the server's resident memory.

import type { SystemName } from '../systems/all.ts'
import { atMost, type Plan, type Row } from './measure.ts'
import { figuresOf, withPairs } from './turns.ts'

const WARM_UP = 500

export function idleMemory(plan: Plan, systems: readonly SystemName[]): Promise<Row[]> {
  const count = Math.round(5_000 / plan.shrink)
  return withPairs(systems, async (pairs) => {
    const values = new Map<string, number[]>()
    for (const pair of pairs) {
      await pair.ask('hold', { count: WARM_UP })
      const before = await pair.settledUsage()
      await pair.ask('hold', { count })
      const after = await pair.settledUsage()
      values.set(pair.name, [(after.rssBytes - before.rssBytes) / count])
    }
    return [
      {
        id: 'idle-memory',
        title: 'Idle connection with one subscription',
        unit: 'bytes of resident memory',
        baseline: 'socket.io',
        goal: atMost(0.35),
        figures: figuresOf(values, 'socket.io'),
        note: `${count.toLocaleString('en')} connections beyond the first ${WARM_UP}, after garbage collection.`,
      },
    ]
  })
}
