// One table of everything that may go wrong between the ends: the code is stable, the words may improve.
// Frames, close codes and HTTP answers are all derived from it, so the three cannot disagree. What to do about each is
// in advice.ts: prose that a browser need not load.

/** What the side that got the error does next. */
export type Retry =
  /** The same again fails again: change the request. */
  | 'never'
  /** Try again later, with backoff, or after `retryAfterMs` where it is given. */
  | 'later'
  /** Try again with a fresh token. */
  | 'new-token'

export interface ErrorKind {
  /** HTTP status of the same failure. */
  readonly status: number
  /** WebSocket close code, where the failure ends the connection; 0 where it ends only one request. */
  readonly close: number
  readonly retry: Retry
}

const kind = (status: number, close: number, retry: Retry): ErrorKind => ({ status, close, retry })

export const errorTable = {
  'bad-frame': kind(400, 4400, 'never'),
  'bad-request': kind(400, 0, 'never'),
  'bad-position': kind(400, 0, 'never'),
  'invalid-data': kind(422, 0, 'never'),
  'unknown-channel': kind(404, 0, 'never'),
  'unknown-event': kind(422, 0, 'never'),
  'not-found': kind(404, 0, 'never'),
  'method-not-allowed': kind(405, 0, 'never'),
  'unsupported-media-type': kind(415, 0, 'never'),
  'too-large': kind(413, 1009, 'never'),
  'unsupported-version': kind(426, 4426, 'never'),
  unauthenticated: kind(401, 4401, 'new-token'),
  'token-expired': kind(401, 4402, 'new-token'),
  revoked: kind(401, 4403, 'new-token'),
  forbidden: kind(403, 0, 'never'),
  'origin-refused': kind(403, 0, 'never'),
  'hello-timeout': kind(408, 4408, 'later'),
  'idle-timeout': kind(408, 4409, 'later'),
  'request-timeout': kind(408, 0, 'later'),
  conflict: kind(409, 0, 'never'),
  fenced: kind(403, 0, 'never'),
  'sequence-gap': kind(409, 0, 'later'),
  'sequence-skipped': kind(409, 0, 'never'),
  'rate-limited': kind(429, 4429, 'later'),
  'too-many-channels': kind(429, 0, 'never'),
  'too-many-connections': kind(429, 4430, 'later'),
  'slow-reader': kind(429, 4431, 'later'),
  'call-failed': kind(422, 0, 'never'),
  unconfirmed: kind(202, 0, 'never'),
  timeout: kind(504, 0, 'later'),
  draining: kind(503, 4503, 'later'),
  unavailable: kind(503, 0, 'later'),
  internal: kind(500, 4500, 'later'),
} as const satisfies Record<string, ErrorKind>

export type ErrorCode = keyof typeof errorTable

export function isErrorCode(text: string): text is ErrorCode {
  return Object.hasOwn(errorTable, text)
}

/** The code whose failure closes connections with `close`; undefined for close codes that are not ours. */
export function codeOfClose(close: number): ErrorCode | undefined {
  for (const code in errorTable) {
    if (isErrorCode(code) && errorTable[code].close === close && close !== 0) return code
  }
  return undefined
}

export interface ErrorDetails {
  /** Which part of the input was wrong, as a path: `data.text`, `events[3].type`. */
  readonly field?: string | undefined
  readonly channel?: string | undefined
  /** The server's own choice of when to try again, in milliseconds from now. */
  readonly retryAfterMs?: number | undefined
  readonly cause?: unknown
}

/** Every failure that Tidings reports. `message` says what happened, `adviceFor(code)` what to do. */
export class TidingsError extends Error {
  override readonly name = 'TidingsError'
  readonly code: ErrorCode
  readonly field: string | undefined
  readonly channel: string | undefined
  readonly retryAfterMs: number | undefined

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause })
    this.code = code
    this.field = details.field
    this.channel = details.channel
    this.retryAfterMs = details.retryAfterMs
  }

  get retry(): Retry {
    return errorTable[this.code].retry
  }
}
