// 500 readers lose their connection, miss 200 events, and come back 64 at a time: what the server spends until each has
// all of them, in order, once. From the node's tail, and from the log on disk.

import type { Absence } from '../load/returners.ts'
import { Pair } from '../processes/pair.ts'
import type { ServeOptions } from '../system.ts'
import { atMost, type Plan, type Row } from './measure.ts'
import { figuresOf } from './statistics.ts'

export async function recovery(plan: Plan): Promise<Row[]> {
  const absence: Absence = { readers: Math.round(500 / plan.shrink), events: 200 }
  const costs = new Map<string, number[]>()
  const take = async (key: string, options: ServeOptions) => {
    // A fresh server each time: Socket.IO keeps what it has sent, and searches it.
    const pair = await Pair.start(key === 'base' ? 'socket.io+recovery' : 'tidings', options)
    try {
      const warmUp = { readers: 100, events: 20 }
      await pair.ask('leave', warmUp)
      await pair.ask('comeBack', warmUp)
      await pair.ask('leave', absence)
      const { cpuMs } = await pair.measure('comeBack', absence)
      costs.set(key, [...(costs.get(key) ?? []), cpuMs])
    } finally {
      await pair.end()
    }
  }
  for (let round = 0; round < (plan.isQuick ? 1 : 3); round++) {
    await take('base', {})
    await take('tail', {})
    if (!plan.isQuick) await take('broker', { broker: 'sqlite', tailEntries: 8 })
  }
  const title = `Recovery of ${absence.readers} readers × ${absence.events} events`
  const row = (source: 'tail' | 'broker', goal: number): Row => {
    const values = new Map([
      ['socket.io+recovery', costs.get('base') ?? []],
      ['tidings', costs.get(source) ?? []],
    ])
    return {
      id: `recovery-${source}`,
      title: `${title}, from the ${source === 'tail' ? 'tail' : 'log on disk'}`,
      unit: 'ms of CPU',
      baseline: 'socket.io+recovery',
      goal: atMost(goal),
      figures: figuresOf(values, 'socket.io+recovery'),
    }
  }
  return plan.isQuick ? [row('tail', 0.1)] : [row('tail', 0.1), row('broker', 0.3)]
}
