// The rows that have a ratio, as bars beside one another. An SVG of its own: it follows the reader's light or dark.

import { type Row, verdictOf } from '../measures/measure.ts'
import { short } from './table.ts'

const WIDTH = 760
const LABELS = 250
const BAR = 9
const GAP = 3
const BETWEEN = 22
const TOP = 74

const shown = [
  { name: 'tidings', title: 'Tidings', role: 'own' },
  { name: 'socket.io', title: 'Socket.IO', role: 'base' },
  { name: 'ws', title: 'ws, by hand', role: 'other' },
  { name: 'bun', title: 'Bun, native', role: 'native' },
] as const

const STYLE = `
  text { font: 12px system-ui, sans-serif; fill: #24292f; }
  .title { font-size: 15px; font-weight: 600; }
  .quiet { fill: #57606a; }
  .own { fill: #4f46e5; } .base { fill: #8c959f; } .other { fill: #b6bec7; } .native { fill: #d8dee4; }
  .goal { stroke: #24292f; stroke-width: 1.5; }
  @media (prefers-color-scheme: dark) {
    text { fill: #e6edf3; }
    .quiet { fill: #9198a1; }
    .own { fill: #8b87ff; } .base { fill: #6e7681; } .other { fill: #545d68; } .native { fill: #3d444d; }
    .goal { stroke: #e6edf3; }
  }`

/** Logarithmic, because the measures differ by more than the systems do. */
export function chart(rows: readonly Row[]): string {
  const drawn = rows.filter(({ goal, baseline }) => goal?.of === 'ratio' && baseline === 'socket.io')
  const ratios = drawn.flatMap(({ figures, goal }) => [
    ...shown.map(({ name }) => figures[name]?.ratio?.median ?? 1),
    goal?.number ?? 1,
  ])
  const low = Math.log(Math.min(0.05, ...ratios))
  const high = Math.log(Math.max(...ratios, 2) * 1.15)
  const x = (ratio: number) => LABELS + ((Math.log(ratio) - low) / (high - low)) * (WIDTH - LABELS - 60)
  let y = TOP
  const groups = drawn.map((row) => {
    const bars = shown.flatMap(({ name, role }) => {
      const ratio = row.figures[name]?.ratio?.median
      return ratio === undefined ? [] : [{ role, ratio }]
    })
    const top = y
    y += bars.length * (BAR + GAP) + BETWEEN
    const lines = bars.map(({ role, ratio }, i) => {
      const at = top + i * (BAR + GAP)
      const from = Math.min(x(1), x(ratio))
      const width = Math.max(1.5, Math.abs(x(ratio) - x(1)))
      const label = `<text x="${(Math.max(x(1), x(ratio)) + 6).toFixed(1)}" y="${at + BAR}" class="quiet" font-size="10">${short(ratio)}×</text>`
      return `<rect class="${role}" x="${from.toFixed(1)}" y="${at}" width="${width.toFixed(1)}" height="${BAR}" rx="2"/>${label}`
    })
    const goal = x(row.goal?.number ?? 1).toFixed(1)
    const verdict = verdictOf(row) === 'met' ? 'met' : 'not met'
    const goalText = `${row.goal?.kind} ${short(row.goal?.number ?? 1)}×, ${verdict}`
    return [
      `<text x="0" y="${top + 10}">${escaped(row.title)}</text>`,
      `<text x="0" y="${top + 26}" class="quiet" font-size="11">goal ${goalText}</text>`,
      `<line class="goal" x1="${goal}" x2="${goal}" y1="${top - 3}" y2="${top + bars.length * (BAR + GAP)}"/>`,
      ...lines,
    ].join('\n  ')
  })
  let left = 0
  const legend = shown.map(({ title, role }) => {
    const at = left
    left += title.length * 7 + 34
    return `<rect class="${role}" x="${at}" y="34" width="10" height="10" rx="2"/><text x="${at + 16}" y="43">${title}</text>`
  })
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${y}" role="img" aria-label="Tidings measured beside Socket.IO, ws and Bun">
  <style>${STYLE}
  </style>
  <text x="0" y="16" class="title">Per server-CPU-second, Socket.IO is 1</text>
  ${legend.join('')}
  <text x="${left}" y="43" class="quiet">│ goal; logarithmic; for memory and recovery less is better</text>
  ${groups.join('\n  ')}
</svg>
`
}

const escaped = (text: string) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;')
