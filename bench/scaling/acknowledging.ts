// Publish and acknowledge with nobody listening, in memory and on disk: the server's CPU for each, and how many a second
// the log takes.

import { medianOf } from '../measures/statistics.ts'
import { Pair } from '../processes/pair.ts'

export interface Acknowledging {
  readonly broker: 'memory' | 'sqlite'
  readonly inFlight: number
  readonly cpuMicroseconds: number
  readonly perSecond: number
}

const CLIENTS = 100
const ROUNDS = 4

export async function acknowledging(): Promise<Acknowledging[]> {
  const all: Acknowledging[] = []
  for (const broker of ['memory', 'sqlite'] as const) {
    const pair = await Pair.start('tidings', { broker })
    try {
      for (const inFlight of [1, 16]) {
        const costs: number[] = []
        const rates: number[] = []
        for (let round = 0; round <= ROUNDS; round++) {
          const args = { clients: CLIENTS, inFlight, forMs: 400 }
          const { result, cpuMs, wallMs } = await pair.measure<number>('call', args)
          if (round === 0) continue
          costs.push((cpuMs * 1_000) / result)
          rates.push((result / wallMs) * 1_000)
        }
        all.push({ broker, inFlight, cpuMicroseconds: medianOf(costs), perSecond: medianOf(rates) })
      }
    } finally {
      await pair.end()
    }
  }
  return all
}
