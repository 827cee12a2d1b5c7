// Everybody loses the connection in one moment and dials again in the next, without any spread: how long until all are
// live, and what the server takes at its peak. (Tidings' client spreads; here it is the server that is looked at.)

import type { Latency } from '../load/latency.ts'
import type { SystemName } from '../systems/all.ts'
import type { Plan, Row } from './measure.ts'
import { figuresOf } from './statistics.ts'
import { withPairs } from './turns.ts'

const CLIENTS = 10_000

export async function reconnecting(_plan: Plan, systems: readonly SystemName[]): Promise<Row[]> {
  const liveMs = new Map<string, number[]>()
  const peakMegabytes = new Map<string, number[]>()
  const halves: string[] = []
  for (const name of systems) {
    await withPairs([name], async ([pair]) => {
      if (!pair) return
      await pair.ask('hold', { count: CLIENTS })
      const { p50Ms, maxMs } = await pair.ask<Latency>('storm')
      liveMs.set(name, [maxMs])
      peakMegabytes.set(name, [(await pair.usage()).peakRssBytes / 1_000_000])
      halves.push(`${name} ${Math.round(p50Ms)}`)
    })
  }
  const count = CLIENTS.toLocaleString('en')
  return [
    {
      id: 'storm-time',
      title: `${count} clients come back at once, until the slowest is live`,
      unit: 'ms',
      baseline: 'socket.io',
      figures: figuresOf(liveMs, 'socket.io'),
      note: `Half of them were live after (ms): ${halves.join(', ')}.`,
    },
    {
      id: 'storm-memory',
      title: `The same, the server’s memory at its peak`,
      unit: 'MB',
      baseline: 'socket.io',
      figures: figuresOf(peakMegabytes, 'socket.io'),
    },
  ]
}
