// Connect, say who one is, subscribe, and be gone.

import type { SystemName } from '../systems/all.ts'
import { atLeast, type Plan, type Row } from './measure.ts'
import { inSlices, withPairs } from './turns.ts'

export function connecting(plan: Plan, systems: readonly SystemName[]): Promise<Row[]> {
  return withPairs(systems, async (pairs) => {
    const figures = await inSlices(pairs, plan, async (pair) => {
      const { result, cpuMs } = await pair.measure<number>('dial', { forMs: plan.sliceMs })
      return (result / cpuMs) * 1_000
    })
    return [
      {
        id: 'connect',
        title: 'Connect and subscribe',
        unit: 'connections per CPU-second',
        baseline: 'socket.io',
        goal: atLeast(3.5),
        figures,
      },
    ]
  })
}
