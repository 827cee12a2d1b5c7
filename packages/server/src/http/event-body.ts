// The body of a POST: one event, or a list of them. Only its shape is looked at here; the contract comes after.

import { nestingProblem, TidingsError } from '@tidings/core'

export interface PostedEvent {
  readonly type: string
  readonly data: unknown
}

/** Keys beside `type` and `data` are ignored, as they are in frames [CN7]. */
export function parseEvents(body: string, maxEvents: number): readonly PostedEvent[] {
  const problem = nestingProblem(body, { maxDepth: 32, maxKeys: 65_536 })
  if (problem) throw new TidingsError('bad-request', problem)
  const value = parseJson(body)
  if (!Array.isArray(value)) return [toEvent(value, '')]
  if (value.length === 0)
    throw new TidingsError('bad-request', 'The list of events is empty; send at least one.')
  if (value.length > maxEvents) {
    throw new TidingsError(
      'too-large',
      `A request may carry ${maxEvents} events; this one has ${value.length}.`,
    )
  }
  return value.map((item, i) => toEvent(item, `[${i}].`))
}

function parseJson(body: string): unknown {
  try {
    return JSON.parse(body)
  } catch {
    throw new TidingsError(
      'bad-request',
      'The body is not JSON; send {"type": …, "data": …} or a list of such objects.',
    )
  }
}

function toEvent(value: unknown, prefix: string): PostedEvent {
  const where = prefix === '' ? 'The body' : prefix.slice(0, -1)
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new TidingsError('bad-request', `${where} must be an object with "type" and "data".`, {
      field: prefix.slice(0, -1) || undefined,
    })
  }
  const type = own(value, 'type')
  const data = own(value, 'data')
  if (typeof type !== 'string' || type === '') {
    throw new TidingsError('bad-request', `${prefix}type must be the name of an event.`, {
      field: `${prefix}type`,
    })
  }
  if (data === undefined)
    throw new TidingsError('bad-request', `${prefix}data is missing.`, { field: `${prefix}data` })
  return { type, data }
}

function own(value: object, key: string): unknown {
  return Object.hasOwn(value, key) ? (value as Record<string, unknown>)[key] : undefined
}
