// Publish and wait for the acknowledgement. Tidings' means that the log has it; the others' that the server heard it.

import type { SystemName } from '../systems/all.ts'
import { atLeast, type Plan, type Row } from './measure.ts'
import { inSlices, withPairs } from './turns.ts'

const CLIENTS = 100

export function publishing(plan: Plan, systems: readonly SystemName[]): Promise<Row[]> {
  return withPairs(systems, async (pairs) => {
    const rows: Row[] = []
    for (const inFlight of plan.isQuick ? [16] : [1, 16]) {
      const figures = await inSlices(pairs, plan, async (pair) => {
        const { result, cpuMs } = await pair.measure<number>('call', {
          ...{ clients: CLIENTS, inFlight, forMs: plan.sliceMs },
        })
        return (result / cpuMs) * 1_000
      })
      rows.push({
        id: `publish-memory-${inFlight}`,
        title: `Publish and acknowledge, ${inFlight} under way, memory broker`,
        unit: 'acknowledgements per CPU-second',
        baseline: 'socket.io',
        goal: inFlight === 16 ? atLeast(6) : undefined,
        figures,
      })
    }
    return rows
  })
}
