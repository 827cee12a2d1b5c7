// What the app hands in (events, signals, states, calls): turned into the JSON that is sent and checked by the
// contract's schema as the server will, from that JSON. So nothing leaves that the server is bound to refuse.

import {
  defaultDecodeLimits,
  type ErrorCode,
  type Schema,
  TidingsError,
  validateOrThrow,
} from '@tidings/core'

/** Most bytes of one event, signal, state or call, as JSON. A message has 64 KB on a server with default limits. */
const MAX_BYTES = 64_000
/** What a server takes of a message [CN5], less the list and the frame around the data. */
const MAX_DEPTH = defaultDecodeLimits.maxDepth - 2
const MAX_KEYS = defaultDecodeLimits.maxKeys - 16

export interface Checked {
  readonly text: string
  /** What `text` holds. */
  readonly data: unknown
  /** What the schema makes of it. */
  readonly value: unknown
  readonly bytes: number
}

/** The schema of that name, where the contract has it; throws otherwise. */
export function schemaOf<S>(schemas: Readonly<Record<string, S>>, name: string, channel: string): S {
  if (Object.hasOwn(schemas, name)) return schemas[name] as S
  const known = Object.keys(schemas).join(', ') || 'none'
  throw new TidingsError(
    'unknown-event',
    `The channel "${channel}" has no "${name}" in its contract; it has ${known}.`,
    { channel },
  )
}

export function check(
  schema: Schema,
  input: unknown,
  { root, channel }: { readonly root: string; readonly channel: string },
): Checked {
  const problem = (code: ErrorCode, message: string, cause?: unknown) =>
    new TidingsError(code, `${root}: ${message}`, { field: root, channel, cause })
  let text: string | undefined
  try {
    text = JSON.stringify(input)
  } catch (cause) {
    throw problem('invalid-data', 'JSON cannot hold it.', cause)
  }
  if (text === undefined) throw problem('invalid-data', 'JSON cannot hold it.')
  const bytes = new TextEncoder().encode(text).length
  if (bytes > MAX_BYTES)
    throw problem('too-large', `it has ${bytes} bytes of JSON; ${MAX_BYTES} are allowed.`)
  const data: unknown = JSON.parse(text)
  if (isTooMuch(data))
    throw problem('too-large', `it may nest ${MAX_DEPTH} deep and hold ${MAX_KEYS} keys and items.`)
  const value = validateOrThrow(schema, data, { root, code: 'invalid-data', channel })
  return { text, data, value, bytes }
}

/** Counts as the server does, which sees brackets and commas. */
function isTooMuch(data: unknown): boolean {
  let keys = 0
  const passes = (value: unknown, depth: number): boolean => {
    if (typeof value !== 'object' || value === null) return false
    const inner = Object.values(value)
    keys += Math.max(1, inner.length)
    return depth > MAX_DEPTH || keys > MAX_KEYS || inner.some((each) => passes(each, depth + 1))
  }
  return passes(data, 1)
}
