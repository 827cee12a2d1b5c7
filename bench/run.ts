// `npm run bench`: measures Tidings beside what people use today, prints the table, and keeps figures, chart and page.

import { readCommandLine } from '../packages/testing/src/command-line.ts'
import { measures } from './measures/all.ts'
import type { Plan, Row } from './measures/measure.ts'
import { ensurePeers } from './peers.ts'
import { type Failure, keep } from './report/keep.ts'
import { keepScaling, scalingFigures } from './report/scaling.ts'
import { table } from './report/table.ts'
import { measureScaling } from './scaling/all.ts'

const HELP = `npm run bench                    all measures; keeps figures, chart and page
npm run bench -- --quick         less than a minute, and nothing is kept
npm run bench -- --only connect  the measures whose name contains that
npm run bench -- --scaling       Tidings alone at several sizes, for docs/scaling.md`

const values = readCommandLine({
  command: 'npm run bench',
  help: HELP,
  options: {
    quick: { type: 'boolean', default: false },
    only: { type: 'string', default: '' },
    scaling: { type: 'boolean', default: false },
  },
})

const plan: Plan = values.quick
  ? { isQuick: true, rounds: 3, warmUps: 2, sliceMs: 150, patienceMs: 5_000, shrink: 5, say }
  : { isQuick: false, rounds: 6, warmUps: 3, sliceMs: 300, patienceMs: 15_000, shrink: 1, say }

const beganAt = performance.now()
if (values.scaling) {
  const scaling = await measureScaling((what) => say(`${seconds()} s  ${what}`))
  keepScaling(scaling)
  process.stdout.write(`\n${scalingFigures(scaling)}\n`)
  process.exit(0)
}

ensurePeers()
const rows: Row[] = []
const taken: string[] = []
const failures: Failure[] = []
for (const { name, isQuick, run } of measures) {
  if (!name.includes(values.only) || (values.quick && !isQuick && values.only === '')) continue
  say(`${seconds()} s  ${name}`)
  taken.push(name)
  try {
    rows.push(...(await run(plan)))
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    failures.push({ name, reason })
    say(`${name} counts for nothing: ${reason}`)
  }
}
process.stdout.write(`\n${table(rows)}\n`)
say(`Took ${seconds()} s.`)
if (!values.quick) keep({ rows, taken, failures, isPart: values.only !== '' })
process.exit(failures.length === 0 ? 0 : 1)

function seconds(): number {
  return Math.round((performance.now() - beganAt) / 1_000)
}

function say(line: string): void {
  process.stderr.write(`${line}\n`)
}
