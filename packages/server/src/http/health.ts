// /healthz, /readyz and /metrics [HT8]: for those who watch the server, not for its users.

import { TidingsError } from '@tidings/core'
import { type Answer, jsonAnswer } from './exchange.ts'
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

export interface MetricsText {
  readonly contentType: string
  readonly text: string
}

export function metricsAnswer({ contentType, text }: MetricsText): Answer {
  return { status: 200, headers: { 'content-type': contentType, 'cache-control': 'no-store' }, body: text }
}
