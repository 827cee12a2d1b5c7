// What publishing and delivering cost the server's CPU: one channel, few and many readers, small and large events, one
// at a time and in bursts. These are fitted. The same with many channels, at a steady pace and among bystanders is not:
// it shows how far the fit carries.

import type { Flow } from '../load/crowd.ts'
import type { Latency } from '../load/latency.ts'
import { medianOf } from '../measures/statistics.ts'
import { withPairs } from '../measures/turns.ts'
import type { Pair } from '../processes/pair.ts'
import { eventData, FIRST_SERIAL } from '../system.ts'
import type { Sample } from './fit.ts'

/** `publish` and `kBIn`: each event; `turn`: each message that brings events; `write`: each reader and turn. */
export const TRAFFIC_PARTS = ['publish', 'turn', 'write', 'kBIn', 'kBOut'] as const

interface Shape {
  readonly readers: number
  readonly burst: number
  /** Characters of the body. */
  readonly length: number
}

const ROUNDS = 3
const SLICE_MS = 250

const READERS = [1, 30, 300, 1_000, 3_000]
const SHAPES: readonly Omit<Shape, 'readers'>[] = [
  { burst: 1, length: 100 },
  { burst: 1, length: 1_000 },
  { burst: 1, length: 8_000 },
  { burst: 16, length: 100 },
  { burst: 16, length: 1_000 },
]

export async function fittedTraffic(): Promise<Sample[]> {
  const samples: Sample[] = []
  for (const readers of READERS) {
    await withPairs(['tidings'], async ([pair]) => {
      if (!pair) return
      await pair.ask('gather', { channels: 1, subscribers: readers, publishers: 1 })
      for (const shape of SHAPES) samples.push(await flowing(pair, { ...shape, readers }, { channels: 1 }))
    })
  }
  return samples
}

const PLAIN = { burst: 1, length: 100 } as const

export async function unfittedTraffic(): Promise<Sample[]> {
  const samples: Sample[] = []
  for (const channels of [50, 250, 1_000]) {
    await withPairs(['tidings'], async ([pair]) => {
      if (!pair) return
      await pair.ask('gather', { channels, subscribers: 5, publishers: 50 })
      samples.push(await flowing(pair, { ...PLAIN, readers: 5 }, { channels }))
    })
  }
  await withPairs(['tidings'], async ([pair]) => {
    if (!pair) return
    await pair.ask('gather', { channels: 1, subscribers: 300, publishers: 1 })
    for (const perSecond of [5, 20, 80]) samples.push(await paced(pair, perSecond))
    for (const bystanders of [3_000]) {
      await pair.ask('hold', { count: bystanders })
      samples.push(await flowing(pair, { ...PLAIN, readers: 300 }, { channels: 1, bystanders }))
    }
  })
  return samples
}

async function flowing(
  pair: Pair,
  shape: Shape,
  { channels, bystanders }: { readonly channels: number; readonly bystanders?: number },
): Promise<Sample> {
  const { readers, burst, length } = shape
  const costs: number[] = []
  for (let round = 0; round <= ROUNDS; round++) {
    const { result, cpuMs } = await pair.measure<Flow>('flow', {
      ...{ burst, forMs: SLICE_MS, body: 'x'.repeat(length) },
    })
    if (round > 0) costs.push((cpuMs * 1_000) / result.events)
  }
  const where = channels === 1 ? '' : `${channels.toLocaleString('en')} channels, each with `
  const beside =
    bystanders === undefined ? '' : `, beside ${bystanders.toLocaleString('en')} idle connections`
  return {
    title: `${where}${readers.toLocaleString('en')} ${readers === 1 ? 'reader' : 'readers'}, ${named(shape)}${beside}`,
    parts: partsOf(shape),
    measured: medianOf(costs),
  }
}

async function paced(pair: Pair, perSecond: number): Promise<Sample> {
  const costs: number[] = []
  for (let round = 0; round <= ROUNDS; round++) {
    const { result, cpuMs } = await pair.measure<Latency>('pace', { perSecond, forMs: 1_000 })
    if (round > 0) costs.push((cpuMs * 1_000) / (result.count / 300))
  }
  const shape = { ...PLAIN, readers: 300, length: DEFAULT_LENGTH }
  return {
    title: `300 readers, ${perSecond} events a second`,
    parts: partsOf(shape),
    measured: medianOf(costs),
  }
}

/** Characters of the body where a measure names none. */
const DEFAULT_LENGTH = eventData(FIRST_SERIAL).body.length

/** For one event. */
function partsOf({ readers, burst, length }: Shape): Sample['parts'] {
  const kB = length / 1_000
  return { publish: 1, turn: 1 / burst, write: readers / burst, kBIn: kB, kBOut: readers * kB }
}

function named({ burst, length }: Shape): string {
  const size = length >= 1_000 ? `${length / 1_000} kB` : `${length} B`
  return `${size}, ${burst === 1 ? 'one at a time' : `bursts of ${burst}`}`
}
