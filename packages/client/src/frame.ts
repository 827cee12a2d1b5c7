// Whether what came over the wire is a frame of the server's. Core's table says the same and more (what is wrong, how
// long a text may be); a page asks this of a server that it has chosen. A test holds the two tables together.

import type { ServerFrame } from '@tidings/core'

/** What a connection says about its lanes. */
export type LaneFrame = Extract<ServerFrame, { readonly type: 'lane' | 'laneClosed' }>
export type SessionFrame = Exclude<ServerFrame, LaneFrame>

type Check = (value: unknown) => boolean

const text: Check = (value) => typeof value === 'string' && value !== ''
const count: Check = (value) => Number.isSafeInteger(value) && (value as number) >= 0
const flag: Check = (value) => typeof value === 'boolean'
const json: Check = (value) => value !== undefined

const oneOf = (words: string): Check => {
  const list = words.split(' ')
  return (value) => list.includes(value as string)
}

const listOf =
  (item: Check): Check =>
  (value) =>
    Array.isArray(value) && value.every(item)

/** An object with these fields: `name` has to be there, `name?` may be. Others are let through [CN7]. */
function shape(names: string, own: typeof kinds = kinds): Check {
  const fields = names.split(' ').map((name) => {
    const field = name.replace('?', '')
    return { field, check: own[field] ?? json, isOptional: name !== field }
  })
  return (value) =>
    fields.every(({ field, check, isOptional }) => {
      const inner = (value as Readonly<Record<string, unknown>> | null)?.[field]
      return (isOptional && inner === undefined) || check(inner)
    })
}

/** A field is of one kind, whatever frame it is in. Those that are not named are data. */
const kinds: Record<string, Check | undefined> = {}
const are = (check: Check, names: string) => {
  for (const name of names.split(' ')) kinds[name] = check
}
are(text, 'channel connection you user position epoch tag event by name from code message field')
are(count, 'id behind offset at sequence version total heartbeatMs now expiresAt retryAfterMs')
are(flag, 'replay duplicate')
are(listOf(text), 'left')
are(oneOf('fresh resumed reset'), 'verdict')
are(oneOf('epoch trimmed fork ahead limit'), 'reason')
are(shape('position version state'), 'snapshot')
are(listOf(shape('offset tag event data at by? sequence?')), 'entries')
are(listOf(shape('id user? state', { id: text, user: text })), 'members joined updated')

const frames: Readonly<Record<SessionFrame['type'], Check>> = {
  welcome: shape('connection you user? heartbeatMs now expiresAt?'),
  subscribed: shape('id channel verdict reason? position behind snapshot?'),
  entries: shape('channel epoch replay? entries'),
  live: shape('channel position'),
  behind: shape('channel'),
  reset: shape('channel reason position snapshot?'),
  unsubscribed: shape('channel id? code? message?'),
  ack: shape('id position duplicate?'),
  error: shape('id? channel? code message field? retryAfterMs? sequence?'),
  presence: shape('channel total members?'),
  presenceChange: shape('channel total joined? updated? left?'),
  entered: shape('id channel'),
  signal: shape('channel name from data'),
  reply: shape('id'),
  refresh: shape('expiresAt'),
  drain: shape('retryAfterMs'),
  pong: () => true,
}

/** The frame; undefined where it is none that a session may hear. */
export function readFrame(value: unknown): SessionFrame | undefined {
  const type = (value as { readonly type?: unknown } | null)?.type as SessionFrame['type']
  return Object.hasOwn(frames, type) && frames[type](value) ? (value as SessionFrame) : undefined
}

/** The same of those that carry lanes. */
export function readLaneFrame(value: unknown): LaneFrame | undefined {
  const { type, lane, frames, mark = 0, code, message = 'closed' } = Object(value)
  const isRight =
    (type === 'lane' && Array.isArray(frames) && count(mark)) ||
    (type === 'laneClosed' && count(code) && text(message))
  return count(lane) && isRight ? (value as LaneFrame) : undefined
}
