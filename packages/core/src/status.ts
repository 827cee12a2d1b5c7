// The HTTP status of each error. Apart from the table of errors, so that a page does not load it.

import type { ErrorCode } from './errors.ts'

const statuses: Readonly<Record<ErrorCode, number>> = {
  'bad-frame': 400,
  'bad-request': 400,
  'bad-position': 400,
  'invalid-data': 422,
  'unknown-channel': 404,
  'unknown-event': 422,
  'not-found': 404,
  'method-not-allowed': 405,
  'unsupported-media-type': 415,
  'too-large': 413,
  'unsupported-version': 426,
  unauthenticated: 401,
  'token-expired': 401,
  revoked: 401,
  forbidden: 403,
  'origin-refused': 403,
  'hello-timeout': 408,
  'idle-timeout': 408,
  'request-timeout': 408,
  conflict: 409,
  fenced: 403,
  'sequence-gap': 409,
  'sequence-skipped': 409,
  'rate-limited': 429,
  'too-many-channels': 429,
  'too-many-connections': 429,
  'slow-reader': 429,
  'call-failed': 422,
  unconfirmed: 202,
  timeout: 504,
  draining: 503,
  unavailable: 503,
  internal: 500,
}

export const statusOf = (code: ErrorCode): number => statuses[code]
