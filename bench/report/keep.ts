// What a whole run leaves behind: the figures as JSON, the chart, and the table in docs/performance.md.

import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { Row } from '../measures/measure.ts'
import { chart } from './chart.ts'
import { machine, writeFigures } from './page.ts'
import { table } from './table.ts'

const at = (path: string) => fileURLToPath(new URL(path, import.meta.url))
const RESULTS = at('../results.json')
const CHART = at('../../docs/performance.svg')

/** A measure that came to no figure, and why. */
export interface Failure {
  readonly name: string
  readonly reason: string
}

interface Results {
  readonly machine: string
  readonly rows: readonly Row[]
  readonly failures: readonly Failure[]
}

export interface Run {
  readonly rows: readonly Row[]
  /** The measures that were taken. */
  readonly taken: readonly string[]
  readonly failures: readonly Failure[]
  /** Only some of them were; the others' figures stay. */
  readonly isPart: boolean
}

export function keep(run: Run): void {
  const nothing: Results = { machine, rows: [], failures: [] }
  const before = run.isPart && existsSync(RESULTS) ? read() : nothing
  const results = merged(before, run)
  writeFileSync(RESULTS, `${JSON.stringify(results, null, 2)}\n`)
  writeFileSync(CHART, chart(results.rows))
  writeFigures('performance.md', figures(results))
}

function merged(before: Results, { rows, taken, failures }: Run): Results {
  const fresh = new Map(rows.map((row) => [row.id, row]))
  const known = before.rows.map((row) => fresh.get(row.id) ?? row)
  return {
    machine,
    rows: [...known, ...rows.filter(({ id }) => !before.rows.some((row) => row.id === id))],
    failures: [...before.failures.filter(({ name }) => !taken.includes(name)), ...failures],
  }
}

const read = () => JSON.parse(readFileSync(RESULTS, 'utf8')) as Results

function figures({ rows, failures }: Results): string {
  const notes = [
    ...rows.flatMap(({ title, note }) => (note === undefined ? [] : [`- ${title}: ${note}`])),
    ...failures.map(({ name, reason }) => `- No figure of “${name}” when it was taken last: ${reason}.`),
  ].join('\n')
  return `Measured on ${machine}.\n\n${table(rows)}\n\n${notes}`
}
