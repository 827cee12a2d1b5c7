// A position names one point of one history: `epoch:offset:tag`. Offsets are dense, so that a hole shows;
// the tag is the random mark of the entry at that offset, so that a history which forked shows as well.

export interface Position {
  /** Random name of this history, given when the log was created. */
  readonly epoch: string
  /** Number of the last entry seen, from 1; 0 stands before the first. */
  readonly offset: number
  /** Mark of that entry; empty at offset 0. */
  readonly tag: string
}

const PATTERN = /^([0-9A-Za-z]{1,32}):(0|[1-9][0-9]{0,15}):([0-9A-Za-z]{0,32})$/

export function formatPosition({ epoch, offset, tag }: Position): string {
  return `${epoch}:${offset}:${tag}`
}

export function isSamePosition(a: Position, b: Position): boolean {
  return a.offset === b.offset && a.tag === b.tag && a.epoch === b.epoch
}

/** Reads `epoch:offset:tag`; undefined when the text is anything else. */
export function parsePosition(text: string): Position | undefined {
  const match = PATTERN.exec(text)
  if (!match) return undefined
  const [, epoch = '', digits = '', tag = ''] = match
  const offset = Number(digits)
  if (!Number.isSafeInteger(offset) || (offset === 0) !== (tag === '')) return undefined
  return { epoch, offset, tag }
}
