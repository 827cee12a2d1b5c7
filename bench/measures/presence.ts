// Many people enter one channel and watch who is there: each who enters is told to all, so the cost grows with the square
// of their number, and 5,000 do not finish in two minutes. None of the others has presence.

import type { Plan, Row } from './measure.ts'
import { withPairs } from './turns.ts'

export function presence(_plan: Plan): Promise<Row[]> {
  const count = 2_000
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
