// `npm run bench`: measures Tidings beside what people use today, prints the table, and keeps figures, chart and page.
// `-- --quick` takes less than a minute and keeps nothing; `-- --only connect` takes the measures whose name contains that.

import { parseArgs } from 'node:util'
import { measures } from './measures/all.ts'
import type { Plan, Row } from './measures/measure.ts'
import { ensurePeers } from './peers.ts'
import { keep } from './report/keep.ts'
import { table } from './report/table.ts'

const { values } = parseArgs({
  options: { quick: { type: 'boolean', default: false }, only: { type: 'string', default: '' } },
})

const plan: Plan = values.quick
  ? { isQuick: true, rounds: 5, sliceMs: 150, shrink: 5, say }
  : { isQuick: false, rounds: 12, sliceMs: 300, shrink: 1, say }

ensurePeers()
const beganAt = performance.now()
const rows: Row[] = []
const failed: string[] = []
for (const { name, isQuick, run } of measures) {
  if (!name.includes(values.only) || (values.quick && !isQuick && values.only === '')) continue
  say(`${Math.round((performance.now() - beganAt) / 1_000)} s  ${name}`)
  try {
    rows.push(...(await run(plan)))
  } catch (error) {
    failed.push(name)
    say(`${name} counts for nothing: ${error instanceof Error ? error.message : String(error)}`)
  }
}
process.stdout.write(`\n${table(rows)}\n`)
say(`Took ${Math.round((performance.now() - beganAt) / 1_000)} s.`)
if (!values.quick && failed.length === 0) keep(rows, values.only !== '')
process.exit(failed.length === 0 ? 0 : 1)

function say(line: string): void {
  process.stderr.write(`${line}\n`)
}
