// What a whole run leaves behind: the figures as JSON, the chart, and the table in docs/performance.md.

import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { cpus, release } from 'node:os'
import { fileURLToPath } from 'node:url'
import type { Row } from '../measures/measure.ts'
import { chart } from './chart.ts'
import { table } from './table.ts'

const at = (path: string) => fileURLToPath(new URL(path, import.meta.url))
const RESULTS = at('../results.json')
const CHART = at('../../docs/performance.svg')
const PAGE = at('../../docs/performance.md')
const BEGIN = '<!-- figures: written by npm run bench -->'
const END = '<!-- end of figures -->'

interface Results {
  readonly machine: string
  readonly rows: readonly Row[]
}

/** `isPart`: only some of the measures were taken; the others' figures stay. */
export function keep(rows: readonly Row[], isPart: boolean): void {
  const before =
    isPart && existsSync(RESULTS) ? (JSON.parse(readFileSync(RESULTS, 'utf8')) as Results).rows : []
  const fresh = new Map(rows.map((row) => [row.id, row]))
  const known = before.map((row) => fresh.get(row.id) ?? row)
  const all = [...known, ...rows.filter(({ id }) => !before.some((row) => row.id === id))]
  const machine = `${cpus().length} cores of ${cpus()[0]?.model.trim()}, Linux ${release()}, Node ${process.version}`
  writeFileSync(RESULTS, `${JSON.stringify({ machine, rows: all } satisfies Results, null, 2)}\n`)
  mkdirSync(at('../../docs'), { recursive: true })
  writeFileSync(CHART, chart(all))
  writePage(all, machine)
}

function writePage(rows: readonly Row[], machine: string): void {
  const page = readFileSync(PAGE, 'utf8')
  const [head, rest] = page.split(BEGIN)
  const [, tail] = rest?.split(END) ?? []
  if (head === undefined || tail === undefined)
    throw new Error(`${PAGE} lacks the marks "${BEGIN}" and "${END}".`)
  const notes = rows
    .flatMap(({ title, note }) => (note === undefined ? [] : [`- ${title}: ${note}`]))
    .join('\n')
  const figures = `Measured on ${machine}.\n\n${table(rows)}\n\n${notes}`
  writeFileSync(PAGE, `${head}${BEGIN}\n${figures}\n${END}${tail}`)
}
