// Failures as problem details (RFC 9457): status, words and advice come from core's table of errors, so that HTTP,
// frames and close codes say the same [HT1].

import {
  adviceFor,
  formatPosition,
  type Position,
  type ResetReason,
  statusOf,
  TidingsError,
} from '@tidings/core'
import { AppendRefused } from '../publishing.ts'
import { type Answer, type Headers, jsonAnswer } from './exchange.ts'

/** `extra`: headers that the failure needs beside the usual ones. */
export function problemAnswer(error: TidingsError, extra: Headers = {}): Answer {
  const status = statusOf(error.code)
  const body = {
    title: titleOf(error.code),
    status,
    code: error.code,
    detail: error.message,
    advice: adviceFor(error.code),
    field: error.field,
    channel: error.channel,
    retryAfterMs: error.retryAfterMs,
  }
  return problem(status, body, { ...headersOf(error), ...extra })
}

/** A position that the history does not contain: what was asked for is gone [HT5]. */
export function resetAnswer(reason: ResetReason, position: Position): Answer {
  return problem(410, {
    title: titleOf('reset'),
    status: 410,
    code: 'reset',
    detail: `The history after this position cannot be given: ${RESET_WORDS[reason]}.`,
    advice: 'Load the current state anew, then read on from the position given here.',
    field: 'after',
    reason,
    position: formatPosition(position),
  })
}

/** Whatever was thrown, as an error that may be shown: anything unforeseen keeps its details to itself. */
export function toTidingsError(thrown: unknown): TidingsError {
  if (thrown instanceof TidingsError) return thrown
  return new TidingsError('internal', 'The server failed to answer this request; its log says why.', {
    cause: thrown,
  })
}

const RESET_WORDS: Readonly<Record<ResetReason, string>> = {
  epoch: 'another history has begun',
  trimmed: 'entries after it are no longer kept',
  fork: 'this history has another entry there',
  ahead: 'this history ends before it',
  limit: 'more is missing than is replayed',
}

function problem(status: number, body: object, headers: Headers = {}): Answer {
  return jsonAnswer(status, `${JSON.stringify(body)}\n`, {
    'content-type': 'application/problem+json',
    ...headers,
  })
}

function headersOf(error: TidingsError): Headers {
  if (error.code === 'unauthenticated') return { 'www-authenticate': 'Bearer realm="tidings"' }
  if (error.retryAfterMs !== undefined)
    return { 'retry-after': String(Math.ceil(error.retryAfterMs / 1_000)) }
  if (!(error instanceof AppendRefused)) return {}
  const { outcome } = error
  if (outcome.outcome === 'fenced') return { 'producer-epoch': String(outcome.epoch) }
  if (outcome.outcome === 'gap') return { 'producer-expected-seq': String(outcome.last + 1) }
  return {}
}

const titleOf = (code: string) => code.charAt(0).toUpperCase() + code.slice(1).replaceAll('-', ' ')
