// The fenced blocks of a Markdown text, with what stands behind their language: `sh run=start`, `ts file=contract.ts`.

export interface Fence {
  readonly language: string
  readonly info: Readonly<Record<string, string>>
  readonly text: string
  /** Of its first mark, and of its last, from 1. */
  readonly line: number
  readonly end: number
}

export function readFences(markdown: string): Fence[] {
  const fences: Fence[] = []
  const lines = markdown.split('\n')
  for (let i = 0; i < lines.length; i++) {
    const open = /^(`{3,})([^`]*)$/.exec(lines[i] ?? '')
    if (!open) continue
    const [, mark = '', words = ''] = open
    const close = lines.indexOf(mark, i + 1)
    if (close < 0) throw new Error(`The block that begins in line ${i + 1} has no end.`)
    const [language = '', ...info] = words.trim().split(/\s+/)
    fences.push({
      language,
      info: Object.fromEntries(
        info.map((word) => word.split('=', 2)).map(([name = '', value = '']) => [name, value]),
      ),
      text: lines.slice(i + 1, close).join('\n'),
      line: i + 1,
      end: close + 1,
    })
    i = close
  }
  return fences
}
