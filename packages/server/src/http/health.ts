// /healthz, /readyz and /metrics [HT8]: for those who watch the server, not for its users.

import { TidingsError } from '@tidings/core'
import { isSame } from '../api-keys.ts'
import { type Answer, type HttpRequest, jsonAnswer } from './exchange.ts'
import { problemAnswer } from './problem.ts'

/** The process answers: that is all. A log that is out of reach is no reason to restart the process. */
export function healthz(): Answer {
  return jsonAnswer(200, '{"status":"ok"}\n')
}

export interface Readiness {
  readonly isDraining: boolean
  /** A sentence when the log cannot be reached or written. */
  readonly brokerProblem: string | undefined
}

export function readyz({ isDraining, brokerProblem }: Readiness): Answer {
  if (isDraining) return problemAnswer(new TidingsError('draining', 'The server is going away.'))
  if (brokerProblem !== undefined) return problemAnswer(new TidingsError('unavailable', brokerProblem))
  return jsonAnswer(200, '{"status":"ready"}\n')
}

/**
 * Who may read the metrics: who asks on the machine itself, `public` for everybody who reaches the server, or whoever
 * brings the token, as `Authorization: Bearer`, as well as who asks on the machine itself.
 */
export type MetricsAccess = 'local' | 'public' | { readonly token: string }

/** Throws for who may not. What a proxy on this machine passes on comes from elsewhere. */
export function requireMetricsAccess(
  request: Pick<HttpRequest, 'address' | 'header'>,
  access: MetricsAccess,
  digest: (text: string) => string,
): void {
  if (access === 'public') return
  const isPassedOn = FORWARDED.some((name) => request.header(name) !== undefined)
  if (!isPassedOn && isLoopback(request.address)) return
  const given = /^Bearer +(\S+)$/i.exec(request.header('authorization') ?? '')?.[1]
  if (access !== 'local' && given !== undefined && isSame(digest(given), digest(access.token))) return
  throw new TidingsError(
    access === 'local' ? 'forbidden' : 'unauthenticated',
    access === 'local'
      ? 'Metrics are for this machine alone: give the server a token for them (`metrics`, or TIDINGS_METRICS_TOKEN), or make them public.'
      : 'Metrics need their token: Authorization: Bearer <token>.',
  )
}

const FORWARDED = ['forwarded', 'x-forwarded-for', 'x-real-ip', 'via']

const isLoopback = (address: string) => address === '::1' || /^127\./.test(address)

export interface MetricsText {
  readonly contentType: string
  readonly text: string
}

export function metricsAnswer({ contentType, text }: MetricsText): Answer {
  return { status: 200, headers: { 'content-type': contentType, 'cache-control': 'no-store' }, body: text }
}
