// The figures as a table in Markdown, which a terminal can show as well.

import { type Figure, type Goal, type Row, verdictOf } from '../measures/measure.ts'
import { systems } from '../systems/all.ts'
import { grid } from './page.ts'

const others = Object.keys(systems).filter((name) => name !== 'tidings')

export function table(rows: readonly Row[]): string {
  const heads = ['measure', 'goal', 'Tidings', 'quartiles', 'verdict', ...others, 'unit']
  const lines = rows.map((row) => {
    const figure = row.figures.tidings
    const ratio = figure?.ratio
    return [
      row.title,
      row.goal ? goalText(row.goal) : '–',
      cell(figure, row),
      ratio && ratio.low !== ratio.high ? `${short(ratio.low)}–${short(ratio.high)}` : '–',
      { met: 'met', missed: '**missed**', 'no goal': '–' }[verdictOf(row)],
      ...others.map((name) => cell(row.figures[name], row)),
      `${row.unit}${row.baseline && row.baseline !== 'socket.io' ? `; × ${row.baseline}` : ''}`,
    ]
  })
  return grid(heads, lines)
}

function goalText({ kind, of, number }: Goal): string {
  return `${kind === 'at least' ? '≥' : '≤'} ${short(number)}${of === 'ratio' ? '×' : ''}`
}

function cell(figure: Figure | undefined, { baseline }: Row): string {
  if (!figure) return '–'
  const value = short(figure.value)
  return figure.ratio && baseline ? `${short(figure.ratio.median)}× (${value})` : value
}

/** Three digits that count. */
export function short(number: number): string {
  const size = Math.abs(number)
  if (size >= 999_500) return `${digits(number / 1_000_000)}M`
  if (size >= 9_995) return `${digits(number / 1_000)}k`
  if (size >= 99.95) return Math.round(number).toLocaleString('en')
  return digits(number)
}

const digits = (number: number) => String(Number(number.toPrecision(Math.abs(number) < 10 ? 2 : 3)))
