// One table of everything that may go wrong between the ends: the code is stable, the words may improve.
// Frames, close codes and HTTP answers are all derived from it, so the three cannot disagree.

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
  /** What the developer should do. */
  readonly advice: string
}

const kind = (status: number, close: number, retry: Retry, advice: string): ErrorKind => ({ status, close, retry, advice })

export const errorTable = {
  'bad-frame': kind(400, 4400, 'never', 'Send frames as SPEC.md describes them; use a client of the same version.'),
  'bad-request': kind(400, 0, 'never', 'Correct the request as the message says.'),
  'bad-position': kind(400, 0, 'never', 'Send a position exactly as it was received, or "start" or "now".'),
  'invalid-data': kind(422, 0, 'never', 'Correct the field that the message names; the contract says what it may hold.'),
  'unknown-channel': kind(404, 0, 'never', 'Check the name against the patterns of the contract.'),
  'unknown-event': kind(422, 0, 'never', 'Use an event, signal or call that the contract declares for this channel.'),
  'not-found': kind(404, 0, 'never', 'Check the address.'),
  'method-not-allowed': kind(405, 0, 'never', 'Use a method that the Allow header lists.'),
  'unsupported-media-type': kind(415, 0, 'never', 'Send the body as application/json.'),
  'too-large': kind(413, 1009, 'never', 'Send less at once, or raise the limit on the server.'),
  'unsupported-version': kind(426, 4426, 'never', 'Bring client and server to versions that share a protocol.'),
  unauthenticated: kind(401, 4401, 'new-token', 'Send a valid token or key.'),
  'token-expired': kind(401, 4402, 'new-token', 'Send a fresh token before the old one ends.'),
  revoked: kind(401, 4403, 'new-token', 'The right to be here was taken away; sign in again.'),
  forbidden: kind(403, 0, 'never', 'Ask for the right to do this; the server’s authorize function decides.'),
  'origin-refused': kind(403, 0, 'never', 'Add this exact origin to the server’s list of origins.'),
  'hello-timeout': kind(408, 4408, 'later', 'Send the hello frame right after the connection opens.'),
  'idle-timeout': kind(408, 4409, 'later', 'Answer pings; the peer was silent for too long.'),
  'request-timeout': kind(408, 0, 'later', 'Send the whole request in time.'),
  conflict: kind(409, 0, 'never', 'Use a new idempotency key for a different body.'),
  fenced: kind(409, 0, 'never', 'A newer epoch of this producer has taken over; stop writing under the old one.'),
  'sequence-gap': kind(409, 0, 'later', 'Send the missing sequence numbers first.'),
  'sequence-skipped': kind(409, 0, 'never', 'This number was passed over for good; publish again under a new one.'),
  'rate-limited': kind(429, 4429, 'later', 'Slow down; wait for retryAfterMs.'),
  'too-many-channels': kind(429, 0, 'never', 'Unsubscribe from channels that are not needed, or raise the limit on the server.'),
  'too-many-connections': kind(429, 4430, 'later', 'Close connections that are not needed, or raise the limit on the server.'),
  'call-failed': kind(422, 0, 'never', 'The call’s handler refused; its message says why.'),
  timeout: kind(504, 0, 'later', 'No answer came in time; it may or may not have taken effect.'),
  draining: kind(503, 4503, 'later', 'The server is going away; connect again after retryAfterMs.'),
  unavailable: kind(503, 0, 'later', 'The log cannot be reached or written at the moment; nothing was accepted.'),
  internal: kind(500, 4500, 'later', 'A fault of the server; its log has the details.'),
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

/** Every failure that Tidings reports. `message` says what happened; `advice` what to do. */
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

  get advice(): string {
    return errorTable[this.code].advice
  }
}
