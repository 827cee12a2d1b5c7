// One thread of the crew: takes the next seed that nobody has taken, until there is none. So a thread that is held up,
// by a long seed or by a busy machine, leaves more to the others.

import { parentPort, workerData } from 'node:worker_threads'
import { planOf } from './plan.ts'
import { simulate } from './simulate.ts'
import { addTallies, noTally, tallyOf } from './tally.ts'

export interface Work {
  readonly from: number
  readonly seeds: number
  /** How many were taken, by all threads together. */
  readonly taken: Int32Array
}

/** Seeds between two reports of a thread. */
const REPORT_EVERY = 25

// Thousands of errors are part of what is simulated; where each of them was made is of no interest.
Error.stackTraceLimit = 0

const { from, seeds, taken }: Work = workerData
const next = () => Atomics.add(taken, 0, 1)
let tally = noTally
for (let index = next(); index < seeds; index = next()) {
  tally = addTallies(tally, tallyOf(from + index, await simulate(planOf(from + index))))
  if (tally.seeds < REPORT_EVERY) continue
  parentPort?.postMessage(tally)
  tally = noTally
}
parentPort?.postMessage(tally)
