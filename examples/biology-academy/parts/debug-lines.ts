// The last lines that the clients of this page have logged, for the page itself to show.

const MOST = 200

export interface DebugLine {
  readonly n: number
  readonly at: number
  readonly text: string
}

let lines: readonly DebugLine[] = []
let count = 0
const listeners = new Set<() => void>()

export const debugLines = {
  get: () => lines,
  subscribe(listener: () => void): () => void {
    listeners.add(listener)
    return () => listeners.delete(listener)
  },
  add(text: string): void {
    console.debug(text)
    lines = [...lines, { n: count++, at: Date.now(), text }].slice(-MOST)
    for (const listener of listeners) listener()
  },
}
