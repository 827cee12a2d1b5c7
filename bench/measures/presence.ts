// Many people enter one channel and watch who is there. Up to a thousand, each who enters is told to all, so the cost grows
// with the square of their number; beyond, the crowd hears its number once a second. None of the others has presence.

import type { Plan, Row } from './measure.ts'
import { withPairs } from './turns.ts'

export function presence(plan: Plan): Promise<Row[]> {
  const count = Math.round(5_000 / plan.shrink)
  return withPairs(['tidings'], async ([pair]) => {
    if (!pair) return []
    const before = await pair.settledUsage()
    const { result: bytes, cpuMs, wallMs } = await pair.measure<number>('attend', { count })
    const after = await pair.settledUsage()
    return [
      {
        id: 'presence',
        title: `${count.toLocaleString('en')} people enter a channel and watch it`,
        unit: 'ms of CPU for each, connecting included',
        figures: { tidings: { value: cpuMs / count } },
        note:
          `All were there after ${(wallMs / 1_000).toFixed(1)} s; each was sent ${Math.round(bytes / count / 1_000)} kB ` +
          `and takes ${Math.round((after.rssBytes - before.rssBytes) / count / 1_000)} kB, connection included.`,
      },
    ]
  })
}
