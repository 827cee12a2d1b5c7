// What docs/scaling.md says of its tables in words, where a word depends on a measured number.

import type { Scaling } from '../scaling/all.ts'
import { short } from './table.ts'

const EVENT_KB = 0.2
const FEW_READERS = 5

export function readings(scaling: Scaling): string {
  return [payload(scaling), fewReaders(scaling), arriving(scaling)].map((line) => `- ${line}`).join('\n')
}

function payload({ traffic: { samples, costs } }: Scaling): string {
  const largestKB = Math.max(...samples.map(({ parts }) => parts.kBIn ?? 0))
  const bytes = largestKB * (costs.kBOut ?? Number.NaN)
  const part = bytes / (bytes + (costs.write ?? Number.NaN))
  return `The largest events that were measured have ${short(largestKB)} kB. Of what delivering one costs, the bytes are ${percent(part)} and the write is the rest.`
}

function fewReaders({ traffic: { costs } }: Scaling): string {
  const { publish = Number.NaN, turn = Number.NaN, kBIn = Number.NaN } = costs
  const writes = FEW_READERS * ((costs.write ?? Number.NaN) + EVENT_KB * (costs.kBOut ?? Number.NaN))
  const part = writes / (publish + turn + EVENT_KB * kBIn + writes)
  return `Of an event of 200 bytes to ${FEW_READERS} readers, one at a time, the writes are ${percent(part)}.`
}

function arriving({ arrivals }: Scaling): string {
  const [few, many] = [arrivals[0], arrivals.at(-1)]
  const times = (many?.cpuMicroseconds ?? Number.NaN) / (few?.cpuMicroseconds ?? Number.NaN)
  return `Connecting beside ${count(many?.present)} connections cost ${short(times)} times what it did beside ${count(few?.present)}.`
}

const percent = (part: number) => `${Math.round(part * 100)} %`

const count = (connections = Number.NaN) => connections.toLocaleString('en')
