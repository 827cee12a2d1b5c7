// One table of everything that may go wrong between the ends: the code is stable, the words may improve.
// Frames, close codes and HTTP answers all speak of these codes, so the three cannot disagree. What a browser need not
// load is apart: HTTP's status in status.ts, what to do about each in advice.ts.

/** What the side that got the error does next. */
export type Retry =
  /** The same again fails again: change the request. */
  | 'never'
  /** Try again later, with backoff, or after `retryAfterMs` where it is given. */
  | 'later'
  /** Try again with a fresh token. */
  | 'new-token'

const never: Retry = 'never'
const later: Retry = 'later'
const newToken: Retry = 'new-token'

/** Every code, and whether the same may be tried again. */
const retries = {
  'bad-frame': never,
  'bad-request': never,
  'bad-position': never,
  'invalid-data': never,
  'unknown-channel': never,
  'unknown-event': never,
  'not-found': never,
  'method-not-allowed': never,
  'unsupported-media-type': never,
  'too-large': never,
  'unsupported-version': never,
  unauthenticated: newToken,
  'token-expired': newToken,
  revoked: newToken,
  forbidden: never,
  'origin-refused': never,
  'hello-timeout': later,
  'idle-timeout': later,
  'request-timeout': later,
  conflict: never,
  fenced: never,
  'sequence-gap': later,
  'sequence-skipped': never,
  'rate-limited': later,
  'too-many-channels': never,
  'too-many-connections': later,
  'slow-reader': later,
  'call-failed': never,
  unconfirmed: never,
  timeout: later,
  draining: later,
  unavailable: later,
  internal: later,
}

export type ErrorCode = keyof typeof retries

/** WebSocket close codes, for failures that end the connection; the others end only one request. */
const closes: Readonly<Record<number, ErrorCode>> = {
  4400: 'bad-frame',
  1009: 'too-large',
  4426: 'unsupported-version',
  4401: 'unauthenticated',
  4402: 'token-expired',
  4403: 'revoked',
  4408: 'hello-timeout',
  4409: 'idle-timeout',
  4429: 'rate-limited',
  4430: 'too-many-connections',
  4431: 'slow-reader',
  4503: 'draining',
  4500: 'internal',
}

export function isErrorCode(text: string): text is ErrorCode {
  return Object.hasOwn(retries, text)
}

/** The code whose failure closes connections with `close`; undefined for close codes that are not ours. */
export const codeOfClose = (close: number): ErrorCode | undefined => closes[close]

/** The close code of such a failure; 0 where it ends only one request. */
export function closeOf(code: ErrorCode): number {
  return Number(Object.keys(closes).find((close) => closes[Number(close)] === code) ?? 0)
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
    return retries[this.code]
  }
}
