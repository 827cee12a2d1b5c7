// Every frame of the protocol, one table per direction. A WebSocket message is one frame or a list of frames;
// a frame is an object whose `type` names its row here. SPEC.md says when each is sent and what it causes.

import { MAX_EVENT_NAME_LENGTH, MAX_NAME_LENGTH } from './contract.ts'
import { count, flag, json, list, object, oneOf, optional, type Shape, type TypeOf, text } from './shape.ts'

/** The WebSocket subprotocol: name, version, codec. */
export const SUBPROTOCOL = 'tidings.v1.json'

/** Channels that one connection may hold; also the most that a hello may ask for. */
export const MAX_CHANNELS_PER_CONNECTION = 128

/** How much longer a message may be, in bytes, and how much deeper it may nest, because its frames are in a lane. */
export const LANE_BYTES = 64
export const LANE_DEPTH = 2

const channel = text(MAX_NAME_LENGTH)
const name = text(MAX_EVENT_NAME_LENGTH)
const token = text(8_192)
const position = text(96)
/** Chosen by the client, unique among its requests that are still open. */
const id = count
/** Chosen by the client: each higher than all before it on this connection. */
const lane = count
/** Frames of the other end's table, which the lane's own session checks. */
const frames = list(json, Number.MAX_SAFE_INTEGER)

const subscribe = {
  id,
  channel,
  /** Where to begin: a position, `start` (the oldest kept) or `now`. */
  after: optional(text(96)),
  /** The version of the state's fold that the client has: it wants a snapshot where `after` cannot be honoured. */
  state: optional(count),
  presence: optional(oneOf('members', 'counts')),
} as const

export const clientFrames = {
  /** First, once: who this is, and what it wants to hear. */
  hello: object({
    token: optional(token),
    /** Secret name of the writer behind this connection; it stays the same across connections. */
    producer: text(64),
    subscribe: optional(list(object(subscribe), MAX_CHANNELS_PER_CONNECTION)),
  }),
  /** A fresh token for the same person, without a new connection. */
  auth: object({ token }),
  subscribe: object(subscribe),
  unsubscribe: object({ id, channel }),
  publish: object({
    id,
    channel,
    event: name,
    data: json,
    /** Number of this write among the producer's writes to this channel, from 1. */
    sequence: count,
    /** The last number before it that was not refused; `sequence - 1` when absent. */
    previous: optional(count),
    /** Producer epoch: a writer that takes over counts one up, and the one before it is fenced off. 0 when absent. */
    producerEpoch: optional(count),
  }),
  signal: object({ channel, name, data: json }),
  /** Enters, or changes one's state when already here; `leave` leaves. */
  enter: object({ id, channel, state: json }),
  leave: object({ channel }),
  call: object({ id, channel, name, data: json }),
  ping: object({}),
  /** Frames of one of several sessions that share this connection; the first of a lane opens it. */
  lane: object({ lane, frames }),
  laneClosed: object({ lane }),
  /** What came with this mark has been worked off. */
  laneRead: object({ lane, mark: count }),
} as const

/** One entry of a log, as it travels. */
const entry = object({
  offset: count,
  tag: text(32),
  event: name,
  data: json,
  /** When it was appended, by the broker's clock: milliseconds since 1970. */
  at: count,
  /** Public name of the producer, and its sequence number, where the entry was published over a connection. */
  by: optional(text(64)),
  sequence: optional(count),
})

const snapshot = object({ position, version: count, state: json })
const resetReason = oneOf('epoch', 'trimmed', 'fork', 'ahead', 'limit')
const member = object({ id: text(64), user: optional(text(256)), state: json })

export const serverFrames = {
  welcome: object({
    connection: text(64),
    /** The public name under which this client's producer appears as `by` and in presence. */
    you: text(64),
    user: optional(text(256)),
    /** Silence longer than this means that the link is dead: the client sends a ping well before, in milliseconds. */
    heartbeatMs: count,
    /** The server's clock, milliseconds since 1970. */
    now: count,
    /** When the token ends; absent when it does not. */
    expiresAt: optional(count),
  }),
  /** The verdict. Entries after `position` follow. */
  subscribed: object({
    id,
    channel,
    verdict: oneOf('fresh', 'resumed', 'reset'),
    reason: optional(resetReason),
    position,
    /** How many entries follow before the channel is live, as far as is known now. */
    behind: count,
    snapshot: optional(snapshot),
  }),
  entries: object({
    channel,
    epoch: text(32),
    /** True: read back from the log, not pushed as it happened. */
    replay: optional(flag),
    entries: list(entry, Number.MAX_SAFE_INTEGER),
  }),
  /** The cursor has reached the head: what follows is pushed as it happens. */
  live: object({ channel, position }),
  /** The cursor fell behind (a slow reader): what follows is read back from the log, until the next `live`. */
  behind: object({ channel }),
  /** History between what was sent and `position` is gone; the reader starts again from there. */
  reset: object({ channel, reason: resetReason, position, snapshot: optional(snapshot) }),
  /** The subscription is over; with a code when the client did not ask for it. */
  unsubscribed: object({
    channel,
    id: optional(id),
    code: optional(text(64)),
    message: optional(text(1_024)),
  }),
  ack: object({ id, position, duplicate: optional(flag) }),
  /** Answers the request with this `id`; without one, it speaks about the connection. */
  error: object({
    id: optional(id),
    channel: optional(channel),
    code: text(64),
    message: text(1_024),
    field: optional(text(256)),
    retryAfterMs: optional(count),
    /** For `sequence-gap`: the highest sequence number that the log has of this producer. */
    sequence: optional(count),
  }),
  /** Everybody who is here (`members`), or how many (`total`); replaces what was known. */
  presence: object({ channel, total: count, members: optional(list(member, Number.MAX_SAFE_INTEGER)) }),
  /** What changed since; `total` counts everybody. */
  presenceChange: object({
    channel,
    total: count,
    joined: optional(list(member, Number.MAX_SAFE_INTEGER)),
    updated: optional(list(member, Number.MAX_SAFE_INTEGER)),
    left: optional(list(text(64), Number.MAX_SAFE_INTEGER)),
  }),
  /** `enter` was accepted. */
  entered: object({ id, channel }),
  signal: object({ channel, name, from: text(64), data: json }),
  reply: object({ id, data: optional(json) }),
  /** The token ends soon: send `auth` with a fresh one. */
  refresh: object({ expiresAt: count }),
  /** The server goes away: connect again after this many milliseconds. */
  drain: object({ retryAfterMs: count }),
  pong: object({}),
  /** Frames for one of several sessions that share this connection. A mark asks for a `laneRead`. */
  lane: object({ lane, frames, mark: optional(count) }),
  /** The session is over, as if its connection had been closed with this code. */
  laneClosed: object({ lane, code: count, message: optional(text(1_024)) }),
} as const

type Frames<Table> = { [Type in keyof Table]: { readonly type: Type } & TypeOf<Table[Type]> }[keyof Table]
export type ClientFrame = Frames<typeof clientFrames>
export type ServerFrame = Frames<typeof serverFrames>
export type WireEntry = TypeOf<typeof entry>
export type WireSnapshot = TypeOf<typeof snapshot>
export type WireMember = TypeOf<typeof member>
export type ResetReason = TypeOf<typeof resetReason>
export type SubscribeRequest = TypeOf<typeof clientFrames.subscribe>
/** What a client says about its lanes. */
export type LaneFrame = Extract<ClientFrame, { readonly type: 'lane' | 'laneClosed' | 'laneRead' }>

export type Parsed<Frame> =
  | { readonly ok: true; readonly frame: Frame }
  | { readonly ok: false; readonly message: string }

/** Checks one decoded value against the table of its direction. A type that the table lacks is a problem, too. */
function parse<Frame>(table: Readonly<Record<string, Shape<unknown>>>, value: unknown): Parsed<Frame> {
  const type =
    typeof value === 'object' && value !== null && Object.hasOwn(value, 'type')
      ? (value as { type: unknown }).type
      : undefined
  if (typeof type !== 'string') return { ok: false, message: 'A frame is an object with a "type".' }
  const shape = Object.hasOwn(table, type) ? table[type] : undefined
  if (!shape) return { ok: false, message: `There is no frame of type "${type.slice(0, 40)}".` }
  const problem = shape.problem(value, '')
  return problem
    ? { ok: false, message: `In a ${type} frame, ${problem}.` }
    : { ok: true, frame: value as Frame }
}

export const parseClientFrame = (value: unknown): Parsed<ClientFrame> => parse(clientFrames, value)
export const parseServerFrame = (value: unknown): Parsed<ServerFrame> => parse(serverFrames, value)
