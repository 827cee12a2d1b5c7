// What it costs that people enter a channel of presence whose members all watch it: each tells everybody, so the cost
// has a part that grows with their number and one that grows with its square.

import { withPairs } from '../measures/turns.ts'
import type { Sample } from './fit.ts'

export const ENTERING_PARTS = ['person', 'pair'] as const

/** Below the limit above which presence is told as totals. */
const CROWDS = [125, 250, 500, 800]

export async function entering(): Promise<Sample[]> {
  const samples: Sample[] = []
  for (const count of CROWDS) {
    await withPairs(['tidings'], async ([pair]) => {
      if (!pair) return
      // Code that has not run before is dearer.
      await pair.ask('settle', { count: 200, subscriptions: 1, isShared: true })
      const { cpuMs } = await pair.measure<number>('attend', { count })
      samples.push({
        title: `${count.toLocaleString('en')} people`,
        parts: { person: count, pair: count * count },
        measured: cpuMs * 1_000,
      })
    })
  }
  return samples
}
