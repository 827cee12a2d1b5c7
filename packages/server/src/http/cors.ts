// What browsers are told about pages of other origins: only the allowed ones may send and read anything.

import type { OriginVerdict } from '../origins.ts'
import type { Answer, Headers, HttpRequest } from './exchange.ts'

const ASKED_HEADERS =
  'authorization, content-type, idempotency-key, last-event-id, producer-epoch, producer-id, producer-seq'
const SHOWN_HEADERS = 'producer-epoch, producer-expected-seq, producer-received-seq, retry-after'

export function corsHeaders(request: HttpRequest, verdict: OriginVerdict): Headers {
  const origin = request.header('origin')
  if (verdict !== 'allowed' || origin === undefined) return { vary: 'origin' }
  return {
    vary: 'origin',
    'access-control-allow-origin': origin,
    'access-control-allow-credentials': 'true',
    'access-control-expose-headers': SHOWN_HEADERS,
  }
}

/** Answers OPTIONS, a browser's preflight or anybody's question. */
export function optionsAnswer(request: HttpRequest, allow: string): Answer {
  const isPreflight = request.header('access-control-request-method') !== undefined
  const preflight: Headers = {
    'access-control-allow-methods': allow,
    'access-control-allow-headers': ASKED_HEADERS,
    'access-control-max-age': '600',
  }
  return { status: 204, headers: { allow, ...(isPreflight && preflight) }, body: '' }
}
