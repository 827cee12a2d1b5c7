// Runs many seeds, on as many threads as there are processors. The order in which they run has no influence on them.

import { availableParallelism } from 'node:os'
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads'
import { bugNamed } from './bugs/all.ts'
import { planOf } from './plan.ts'
import { simulate } from './simulate.ts'
import { addTallies, noTally, type Tally } from './tally.ts'

export interface Range {
  readonly from: number
  readonly seeds: number
  /** Name of a bug that is planted. */
  readonly bug?: string | undefined
}

/** One thread's share: every `stride`th seed, beginning with the `offset`th. */
interface Share extends Range {
  readonly stride: number
  readonly offset: number
}

/** Seeds between two reports of a thread. */
const REPORT_EVERY = 25

/** `onProgress` hears of the tally so far. */
export function runSeeds(range: Range, onProgress: (tally: Tally) => void): Promise<Tally> {
  const stride = Math.min(availableParallelism(), Math.ceil(range.seeds / REPORT_EVERY))
  let tally = noTally
  return new Promise((resolve, reject) => {
    let running = stride
    for (let offset = 0; offset < stride; offset++) {
      const share: Share = { ...range, stride, offset }
      new Worker(new URL(import.meta.url), { workerData: share })
        .on('message', (more: Tally) => {
          tally = addTallies(tally, more)
          onProgress(tally)
        })
        .on('error', reject)
        .on('exit', () => {
          if (--running === 0) resolve(tally)
        })
    }
  })
}

/** One seed, in this thread. */
export async function runSeed(seed: number, bug?: string): Promise<Tally> {
  const { violation, events, resets, steps, virtualMs } = await simulate(planOf(seed), {
    seams: bugNamed(bug)?.plant(),
  })
  return { seeds: 1, events, resets, steps, virtualMs, failures: violation ? [{ seed, violation }] : [] }
}

async function runShare({ from, seeds, bug, stride, offset }: Share): Promise<void> {
  // Thousands of errors are part of what is simulated; where each of them was made is of no interest.
  Error.stackTraceLimit = 0
  let tally = noTally
  for (let seed = from + offset; seed < from + seeds; seed += stride) {
    tally = addTallies(tally, await runSeed(seed, bug))
    if (tally.seeds < REPORT_EVERY) continue
    parentPort?.postMessage(tally)
    tally = noTally
  }
  parentPort?.postMessage(tally)
}

if (!isMainThread && isShare(workerData)) await runShare(workerData)

/** This module may be loaded in threads of others as well. */
function isShare(data: unknown): data is Share {
  return typeof data === 'object' && data !== null && 'stride' in data && 'offset' in data
}
