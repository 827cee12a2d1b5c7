// Writes what was measured into a page of docs/, between its marks; the words around it are somebody's.

import { readFileSync, writeFileSync } from 'node:fs'
import { cpus, release } from 'node:os'
import { fileURLToPath } from 'node:url'

const BEGIN = '<!-- figures: written by npm run bench -->'
const END = '<!-- end of figures -->'

export const machine = `${cpus().length} cores of ${cpus()[0]?.model.trim()}, Linux ${release()}, Node ${process.version}`

export function writeFigures(page: string, figures: string): void {
  const path = fileURLToPath(new URL(`../../docs/${page}`, import.meta.url))
  writeFileSync(path, withFigures(readFileSync(path, 'utf8'), figures, page))
}

/** The text with new figures between its marks. */
export function withFigures(text: string, figures: string, page: string): string {
  const [head, rest] = text.split(BEGIN)
  const [, tail] = rest?.split(END) ?? []
  if (head === undefined || tail === undefined)
    throw new Error(`docs/${page} lacks the marks "${BEGIN}" and "${END}".`)
  return `${head}${BEGIN}\n${figures}\n${END}${tail}`
}

/** A table in Markdown that a terminal can show as well. */
export function grid(heads: readonly string[], lines: readonly (readonly string[])[]): string {
  const widths = heads.map((head, i) => Math.max(head.length, ...lines.map((line) => (line[i] ?? '').length)))
  const draw = (cells: readonly string[]) =>
    `| ${cells.map((text, i) => text.padEnd(widths[i] ?? 0)).join(' | ')} |`
  return [draw(heads), draw(widths.map((width) => '-'.repeat(width))), ...lines.map(draw)].join('\n')
}
