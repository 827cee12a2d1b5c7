// GET /v1/channels/{channel}/events: a page of the log as JSON [HT5].

import { type ChannelRef, formatPosition, parsePosition, TidingsError } from '@tidings/core'
import { encodeEntry } from '../batch.ts'
import type { After } from '../cursor.ts'
import type { Hub } from '../hub.ts'
import { type Answer, type HttpRequest, jsonAnswer } from './exchange.ts'
import { resetAnswer } from './problem.ts'

const MAX_LIMIT = 1_000
const DEFAULT_LIMIT = 100

export async function history(
  request: HttpRequest,
  ref: ChannelRef,
  hub: Pick<Hub, 'history'>,
): Promise<Answer> {
  const after = parseAfter(request.query.get('after'), 'start')
  const limit = parseLimit(request.query.get('limit'))
  const found = await hub.history({ channel: ref.name, after, limit })
  if (found.outcome === 'reset') return resetAnswer(found.reason, found.position)
  const entries = found.entries.map((entry) => encodeEntry(entry).json).join(',')
  const head = `"position":"${formatPosition(found.position)}","isComplete":${found.isComplete}`
  return jsonAnswer(200, `{${head},"entries":[${entries}]}\n`)
}

/** `text`: a query value or the Last-Event-ID header. */
export function parseAfter(text: string | null | undefined, otherwise: 'start' | 'now'): After {
  if (text === null || text === undefined) return otherwise
  if (text === 'start' || text === 'now') return text
  const position = parsePosition(text)
  if (position) return position
  throw new TidingsError('bad-position', `"${text.slice(0, 96)}" is not a position, nor "start" or "now".`, {
    field: 'after',
  })
}

function parseLimit(text: string | null): number {
  const limit = text === null ? DEFAULT_LIMIT : /^[0-9]{1,4}$/.test(text) ? Number(text) : Number.NaN
  if (limit <= MAX_LIMIT) return limit
  throw new TidingsError('bad-request', `limit must be a whole number from 0 to ${MAX_LIMIT}.`, {
    field: 'limit',
  })
}
