// Frames to text and back. JSON, so that a person can read them in the browser's network tab.

export interface DecodeLimits {
  /** Text longer than this is refused unread. UTF-16 units; the transport bounds the bytes. Default 65,536. */
  readonly maxLength: number
  /** How deep lists and objects may nest. Default 32: recursive validators overflow the stack at some thousands. */
  readonly maxDepth: number
  /** How many keys and items all objects and lists may have together. Default 16,384. */
  readonly maxKeys: number
}

export const defaultDecodeLimits: DecodeLimits = { maxLength: 65_536, maxDepth: 32, maxKeys: 16_384 }

export type Decoded =
  | { readonly ok: true; readonly values: readonly unknown[] }
  | { readonly ok: false; readonly problem: 'too-large' | 'bad-frame'; readonly message: string }

/** Already encoded frames, as one message. */
export function joinFrames(frames: readonly string[]): string {
  return frames.length === 1 ? (frames[0] as string) : `[${frames.join(',')}]`
}

/** The frames of one message, unchecked but for size and nesting. Never throws. */
export function decodeMessage(text: string, limits: DecodeLimits = defaultDecodeLimits): Decoded {
  if (text.length > limits.maxLength) {
    return {
      ok: false,
      problem: 'too-large',
      message: `A message may have ${limits.maxLength} characters; this one has ${text.length}.`,
    }
  }
  const problem = nestingProblem(text, limits)
  if (problem) return { ok: false, problem: 'bad-frame', message: problem }
  return parseMessage(text)
}

/** The frames of a message from a sender that is trusted not to exhaust its reader: a server, to its clients. Never throws. */
export function parseMessage(text: string): Decoded {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return { ok: false, problem: 'bad-frame', message: 'The message is not JSON.' }
  }
  return { ok: true, values: Array.isArray(value) ? value : [value] }
}

const QUOTE = 0x22
const BACKSLASH = 0x5c
const COMMA = 0x2c

/** Looks at brackets before anything is parsed, so that hostile nesting costs one pass and no memory. */
export function nestingProblem(
  text: string,
  limits: Pick<DecodeLimits, 'maxDepth' | 'maxKeys'>,
): string | undefined {
  let depth = 0
  let keys = 0
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (code === QUOTE) i = endOfString(text, i + 1)
    else if (code === COMMA) keys++
    // `[` and `{` differ from their closing brackets, and from each other, in known bits: 0x5b, 0x7b and 0x5d, 0x7d.
    else if ((code | 0x20) === 0x7b) {
      depth++
      keys++
      if (depth > limits.maxDepth) return `Values may nest ${limits.maxDepth} deep; this one nests deeper.`
    } else if ((code | 0x20) === 0x7d) depth--
    if (keys > limits.maxKeys)
      return `A message may hold ${limits.maxKeys} keys and items; this one holds more.`
  }
  return undefined
}

/** Where a string ends that goes on at `start`: most of a message is strings, and the platform looks through them faster. */
function endOfString(text: string, start: number): number {
  for (let end = text.indexOf('"', start); end >= 0; end = text.indexOf('"', end + 1)) {
    let escapes = end
    while (text.charCodeAt(escapes - 1) === BACKSLASH) escapes--
    if ((end - escapes) % 2 === 0) return end
  }
  return text.length
}
