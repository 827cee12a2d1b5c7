// POST /v1/channels/{channel}/events: appends one event or a list, all or none [HT2].

import { type ChannelRef, formatPosition, TidingsError } from '@tidings/core'
import type { Hub } from '../hub.ts'
import type { Asker } from './asker.ts'
import { parseEvents } from './event-body.ts'
import { type Answer, type HttpRequest, jsonAnswer } from './exchange.ts'
import { writeIdentity } from './write-identity.ts'

export interface AppendOptions {
  readonly hub: Pick<Hub, 'publish'>
  readonly maxEvents: number
  /** SHA-256 in hex. */
  readonly digest: (text: string) => string
}

export async function append(
  request: HttpRequest,
  asker: Asker,
  ref: ChannelRef,
  options: AppendOptions,
): Promise<Answer> {
  const { hub, maxEvents, digest } = options
  const { writer } = asker
  if (writer === undefined) {
    // Nobody's keys and producers could be told from anybody else's.
    throw new TidingsError(
      'unauthenticated',
      'Publishing over HTTP needs an API key or the token of a user: Authorization: Bearer <key>.',
      {
        field: 'authorization',
      },
    )
  }
  requireJson(request.header('content-type'))
  const body = await request.text()
  const identity = writeIdentity(request, { writer, body, digest })
  const events = parseEvents(body, maxEvents)
  for (const type of new Set(events.map((event) => event.type))) {
    if (await asker.may('publish', ref, type)) continue
    throw new TidingsError('forbidden', `You may not publish "${type.slice(0, 80)}" to ${ref.name}.`, {
      channel: ref.name,
    })
  }
  const { position, firstOffset, count, isDuplicate } = await hub.publish({
    channel: ref.name,
    events,
    identity,
  })
  const receipt = {
    position: formatPosition(position),
    firstOffset,
    count,
    ...(isDuplicate && { duplicate: true }),
  }
  return jsonAnswer(isDuplicate ? 200 : 201, `${JSON.stringify(receipt)}\n`)
}

/** A page of another origin can send a form or plain text unasked, but JSON only after a preflight. */
function requireJson(contentType: string | undefined): void {
  const [type = '', ...parameters] = (contentType ?? '')
    .toLowerCase()
    .split(';')
    .map((part) => part.trim())
  const isUtf8 = parameters.every((part) => !part.startsWith('charset=') || /^charset="?utf-8"?$/.test(part))
  if (type === 'application/json' && isUtf8) return
  const found = contentType === undefined ? 'has none' : `is "${contentType.slice(0, 80)}"`
  throw new TidingsError(
    'unsupported-media-type',
    `The Content-Type must be application/json in UTF-8; this request’s ${found}.`,
    {
      field: 'content-type',
    },
  )
}
