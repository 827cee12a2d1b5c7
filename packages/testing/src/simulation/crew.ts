// Runs many seeds, on as many threads as there are processors. The order in which they run has no influence on them.

import { availableParallelism } from 'node:os'
import { fileURLToPath } from 'node:url'
import { Worker } from 'node:worker_threads'
import type { Work } from './hand.ts'
import { addTallies, noTally, type Tally } from './tally.ts'

export interface Range {
  readonly from: number
  readonly seeds: number
  /** Threads, at the most. Default: one for each processor. */
  readonly jobs?: number | undefined
}

/** For fewer seeds than this a thread is not worth its start. */
const LEAST_SEEDS = 25

/** What a thread has compiled is kept for the next: it takes as long as a few dozen seeds. */
const compiled = fileURLToPath(new URL('../../../../node_modules/.cache/compiled', import.meta.url))

/** `onProgress` hears of the tally so far. */
export function runSeeds({ jobs, ...range }: Range, onProgress: (tally: Tally) => void): Promise<Tally> {
  const hands = Math.min(jobs ?? availableParallelism(), Math.ceil(range.seeds / LEAST_SEEDS))
  const work: Work = { ...range, taken: new Int32Array(new SharedArrayBuffer(4)) }
  const env = { NODE_COMPILE_CACHE: compiled, ...process.env }
  let tally = noTally
  return new Promise((resolve, reject) => {
    let working = hands
    for (let hand = 0; hand < hands; hand++) {
      new Worker(new URL('hand.ts', import.meta.url), { workerData: work, env })
        .on('message', (more: Tally) => {
          tally = addTallies(tally, more)
          onProgress(tally)
        })
        .on('error', reject)
        .on('exit', () => {
          if (--working === 0) resolve(tally)
        })
    }
    if (hands === 0) resolve(tally)
  })
}
