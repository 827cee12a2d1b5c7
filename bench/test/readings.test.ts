import { expect, test } from 'vitest'
import { readings } from '../report/readings.ts'
import type { Scaling } from '../scaling/all.ts'

const nothing = { samples: [], costs: {} }
const scaling: Scaling = {
  ...{ beyond: [], memory: nothing, resident: [], entering: nothing, acknowledging: [] },
  ...{ beatMicroseconds: 0, kernelBytes: undefined },
  traffic: {
    samples: [100, 8_000].map((length) => ({ title: '', parts: { kBIn: length / 1_000 }, measured: 1 })),
    costs: { publish: 60, turn: 30, write: 9, kBIn: 50, kBOut: 1 },
  },
  arrivals: [
    { present: 500, cpuMicroseconds: 400 },
    { present: 2_500, cpuMicroseconds: 900 },
    { present: 8_500, cpuMicroseconds: 500 },
  ],
}

test('what the tables of docs/scaling.md say in words is counted from the same samples', () => {
  expect(readings(scaling).split('\n')).toEqual([
    '- The largest events that were measured have 8 kB. Of what delivering one costs, the bytes are 47 % and the write is the rest.',
    // Five writes of 9.2 µs beside 60 for the publish, 30 for the turn, and 10 for its bytes.
    '- Of an event of 200 bytes to 5 readers, one at a time, the writes are 32 %.',
    '- Connecting beside 8,500 connections cost 1.3 times what it did beside 500.',
  ])
})
