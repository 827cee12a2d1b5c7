// The language of plain endpoints: what a client may say, and how it is told things [PL3, PL4, PL5]. Each entry is
// written once for all readers of a shape.

import type { Parsed, Position, TidingsError } from '@tidings/core'
import { formatPosition } from '@tidings/core'
import type { EncodedEntry, EntryBatch } from '../batch.ts'
import type { PlainShape } from './endpoint.ts'

export type PlainMessage =
  | { readonly type: 'plain-ping'; readonly data: unknown }
  /** A sign of life. */
  | { readonly type: 'plain-pong' }
  | { readonly type: 'plain-auth'; readonly token: string }
  | { readonly type: 'plain-event'; readonly event: string; readonly data: unknown }

const MAX_TOKEN = 8_192

/** `{type, data}`, `{event, data}` or `{type, payload}`: whatever the dialect, it is the same. */
export function parsePlain(value: unknown): Parsed<PlainMessage> {
  const event = field(value, 'type') ?? field(value, 'event')
  if (typeof event !== 'string' || event === '')
    return {
      ok: false,
      message: 'A message is an object with a "type" (or an "event") and "data" (or a "payload").',
    }
  const data = field(value, 'data') ?? field(value, 'payload')
  switch (event) {
    case 'ping':
      return { ok: true, frame: { type: 'plain-ping', data } }
    case 'pong':
      return { ok: true, frame: { type: 'plain-pong' } }
    case 'auth': {
      const token = field(value, 'token') ?? field(data, 'token')
      return typeof token === 'string' && token.length <= MAX_TOKEN
        ? { ok: true, frame: { type: 'plain-auth', token } }
        : { ok: false, message: `"auth" needs a "token": text of at most ${MAX_TOKEN} characters.` }
    }
    default:
      return { ok: true, frame: { type: 'plain-event', event, data: data ?? null } }
  }
}

function field(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, name)
    ? (value as Record<string, unknown>)[name]
    : undefined
}

const texts: Readonly<Record<PlainShape, WeakMap<EncodedEntry, string>>> = {
  data: new WeakMap(),
  payload: new WeakMap(),
}

export function entryTexts(batch: EntryBatch, shape: PlainShape): string[] {
  const known = texts[shape]
  return batch.entries.map((entry) => {
    let text = known.get(entry)
    if (text === undefined) {
      const position: Position = { epoch: batch.epoch, offset: entry.offset, tag: entry.tag }
      text = framed(shape, entry.event, entry.data, { at: entry.at, id: formatPosition(position) })
      known.set(entry, text)
    }
    return text
  })
}

/** What the endpoint says of itself: `pong`, `ping`, `error`, `reset`. */
export function ownText(
  shape: PlainShape,
  message: { readonly type: string; readonly data: unknown },
  stamp: { readonly at: number; readonly id: string },
): string {
  return framed(shape, message.type, JSON.stringify(message.data ?? null), stamp)
}

/** `json`: the data as it is in the log. */
function framed(
  shape: PlainShape,
  type: string,
  json: string,
  { at, id }: { readonly at: number; readonly id: string },
): string {
  return shape === 'data'
    ? `{"type":${JSON.stringify(type)},"data":${json}}`
    : `{"type":${JSON.stringify(type)},"payload":${json},"timestamp":${at},"messageId":"${id}"}`
}

export function errorData({ code, message, field: name, channel, retryAfterMs }: TidingsError) {
  return { code, message, field: name, channel, retryAfterMs }
}
