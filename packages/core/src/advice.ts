// What the developer should do about each error. Apart from the table of errors, so that a page which never shows it
// does not load it.

import type { ErrorCode } from './errors.ts'

const advice: Readonly<Record<ErrorCode, string>> = {
  'bad-frame': 'Send frames as SPEC.md describes them; use a client of the same version.',
  'bad-request': 'Correct the request as the message says.',
  'bad-position': 'Send a position exactly as it was received, or "start" or "now".',
  'invalid-data': 'Correct the field that the message names; the contract says what it may hold.',
  'unknown-channel': 'Check the name against the patterns of the contract.',
  'unknown-event': 'Use an event, signal or call that the contract declares for this channel.',
  'not-found': 'Check the address.',
  'method-not-allowed': 'Use a method that the Allow header lists.',
  'unsupported-media-type': 'Send the body as application/json.',
  'too-large': 'Send less at once, or raise the limit on the server.',
  'unsupported-version': 'Bring client and server to versions that share a protocol.',
  unauthenticated: 'Send a valid token or key.',
  'token-expired': 'Send a fresh token before the old one ends.',
  revoked: 'The right to be here was taken away; sign in again.',
  forbidden: 'Ask for the right to do this; the server’s authorize function decides.',
  'origin-refused': 'Add this exact origin to the server’s list of origins.',
  'hello-timeout': 'Send the hello frame right after the connection opens.',
  'idle-timeout': 'Answer pings; the peer was silent for too long.',
  'request-timeout': 'Send the whole request in time.',
  conflict: 'Use a new idempotency key for a different body.',
  fenced: 'A newer epoch of this producer has taken over; stop writing under the old one.',
  'sequence-gap': 'Send the missing sequence numbers first.',
  'sequence-skipped': 'This number was passed over for good; publish again under a new one.',
  'rate-limited': 'Slow down; wait for retryAfterMs.',
  'too-many-channels': 'Unsubscribe from channels that are not needed, or raise the limit on the server.',
  'too-many-connections': 'Close connections that are not needed, or raise the limit on the server.',
  'slow-reader': 'Read what is sent; the connection’s buffer was full.',
  'call-failed': 'The call’s handler refused; its message says why.',
  unconfirmed: 'Look for the event that it causes; a server of plain messages acknowledges nothing.',
  timeout: 'No answer came in time; it may or may not have taken effect.',
  draining: 'The server is going away; connect again after retryAfterMs.',
  unavailable: 'The log cannot be reached or written at the moment; nothing was accepted.',
  internal: 'A fault of the server; its log has the details.',
}

/** One sentence, fit for a log, a terminal and a problem report. */
export const adviceFor = (code: ErrorCode): string => advice[code]
