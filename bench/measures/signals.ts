// Cursors: 50 people in one room move 60 times a second. Tidings sends the newest of each turn, the others all of them.

import type { Gestures } from '../load/people.ts'
import type { SystemName } from '../systems/all.ts'
import type { Plan, Row } from './measure.ts'
import { inSlices, withPairs } from './turns.ts'

const PEOPLE = { count: 50, perSecond: 60 }

export function signals(plan: Plan, systems: readonly SystemName[]): Promise<Row[]> {
  return withPairs(systems, async (pairs) => {
    const seen = new Map<string, number>()
    const figures = await inSlices(pairs, { rounds: Math.min(3, plan.rounds) }, async (pair) => {
      const { result, cpuMs } = await pair.measure<Gestures>('gesture', { ...PEOPLE, forMs: 1_000 })
      seen.set(pair.name, result.seen / result.sent / (PEOPLE.count - 1))
      // By what was sent: whoever cannot keep up takes longer than a second.
      return (cpuMs / result.sent) * PEOPLE.count * PEOPLE.perSecond
    })
    const parts = [...seen].map(([name, part]) => `${name} ${Math.round(part * 100)} %`).join(', ')
    return [
      {
        id: 'signals',
        title: `Cursors of ${PEOPLE.count} people at ${PEOPLE.perSecond} Hz in one room`,
        unit: 'ms of CPU a second',
        baseline: 'socket.io',
        goal: { kind: 'at most', of: 'ratio', number: 1 },
        figures,
        note: `In the end everybody had seen where everybody was; of all movements were shown: ${parts}.`,
      },
    ]
  })
}
