// One publisher, one channel, many readers: one event at a time, in bursts of 16, and at a steady pace.

import type { Crowd, Flow } from '../load/crowd.ts'
import type { Latency } from '../load/latency.ts'
import type { SystemName } from '../systems/all.ts'
import { atLeast, type Figure, type Goal, type Plan, type Row } from './measure.ts'
import { inSlices, withPairs } from './turns.ts'

export type { Crowd }

export interface FanOutOptions {
  readonly readers: number
  readonly systems: readonly SystemName[]
  readonly goals?: { readonly single?: Goal; readonly bursts?: Goal }
  /** Events a second at a steady pace; none in a quick run. */
  readonly perSecond: number
}

const BURST = 16

export function fanOut(plan: Plan, { readers, systems, goals, perSecond }: FanOutOptions): Promise<Row[]> {
  return withPairs(systems, async (pairs) => {
    for (const pair of pairs) await pair.ask('gather', { channels: 1, subscribers: readers, publishers: 1 })
    const rows: Row[] = []
    for (const [burst, goal] of [
      [1, goals?.single],
      [BURST, goals?.bursts],
    ] as const) {
      const figures = await inSlices(pairs, plan, async (pair) => {
        const { result, cpuMs } = await pair.measure<Flow>('flow', { burst, forMs: plan.sliceMs })
        return (result.deliveries / cpuMs) * 1_000
      })
      const how = burst === 1 ? 'one event at a time' : `bursts of ${burst}`
      rows.push({
        id: `fan-out-${readers}-${burst === 1 ? 'single' : 'bursts'}`,
        title: `Fan-out to ${readers.toLocaleString('en')}, ${how}`,
        unit: 'deliveries per CPU-second',
        baseline: 'socket.io',
        goal,
        figures,
      })
    }
    if (!plan.isQuick) rows.push(await paced(plan, pairs, { readers, perSecond }))
    return rows
  })
}

export const fanOutGoals = { single: atLeast(1.7), bursts: atLeast(12) }

async function paced(
  plan: Plan,
  pairs: Parameters<typeof inSlices>[0],
  { readers, perSecond }: { readonly readers: number; readonly perSecond: number },
): Promise<Row> {
  const tails = new Map<string, number[]>()
  const figures: Readonly<Record<string, Figure>> = await inSlices(
    pairs,
    { rounds: Math.min(plan.rounds, 3), patienceMs: plan.patienceMs },
    async (pair) => {
      const { p50Ms, p99Ms } = await pair.ask<Latency>('pace', { perSecond, forMs: 1_000 })
      tails.set(pair.name, [...(tails.get(pair.name) ?? []), p99Ms])
      return p50Ms
    },
    'ws',
  )
  const p99 = [...tails].map(([name, values]) => `${name} ${Math.round(Math.min(...values))}`).join(', ')
  return {
    id: `fan-out-${readers}-paced`,
    title: `Fan-out to ${readers.toLocaleString('en')}, ${perSecond} events a second`,
    unit: 'ms from publish to receipt, median reader',
    baseline: 'ws',
    goal: { kind: 'at most', of: 'ratio', number: 1.25 },
    figures,
    note: `Beside ws by hand. The best 99th percentile of a round, in ms: ${p99}.`,
  }
}
