// The reading half of a connection: text to frames, within limits. Decides what each message is; acts on nothing.

import {
  type ClientFrame,
  type Clock,
  type DecodeLimits,
  decodeMessage,
  defaultDecodeLimits,
  LANE_BYTES,
  LANE_DEPTH,
  type LaneFrame,
  type Parsed,
} from '@tidings/core'
import { type Limits, TokenBucket } from './limits.ts'

/** Who speaks: somebody unknown, somebody welcome, or several through lanes. */
export type Speaker = 'stranger' | 'guest' | 'carrier'

export type Heard<Frame = ClientFrame> =
  | { readonly kind: 'frame'; readonly frame: Frame }
  /** Not a frame; the connection lives. */
  | { readonly kind: 'malformed'; readonly message: string; readonly id: number | undefined }
  | { readonly kind: 'too-fast'; readonly frame: Frame; readonly retryAfterMs: number }
  /** The connection cannot go on. */
  | {
      readonly kind: 'fatal'
      readonly code: 'bad-frame' | 'too-large' | 'rate-limited'
      readonly message: string
    }

/** Malformed messages within a minute that end the connection. */
const MALFORMED_ALLOWED = 10
const MALFORMED_WINDOW_MS = 60_000
/** More refused than let through, for this long, ends the connection. */
const TOO_FAST_MS = 5_000
/** Without a refusal for this long it is fast no more. */
const CALM_MS = 1_000

export class Inbound<Frame extends { readonly type: string } = ClientFrame> {
  readonly #clock: Clock
  readonly #limits: Limits
  readonly #parse: (value: unknown) => Parsed<Frame>
  readonly #bucket: TokenBucket
  #malformed = 0
  #malformedSince = 0
  /** What became of its frames since it began to be too fast. */
  #flood: { readonly since: number; lastRefusal: number; passed: number; refused: number } | undefined

  /** `parse`: what a decoded value is in the language that is spoken here. */
  constructor(clock: Clock, limits: Limits, parse: (value: unknown) => Parsed<Frame>) {
    this.#clock = clock
    this.#limits = limits
    this.#parse = parse
    this.#bucket = new TokenBucket(limits.framesPerSecond, limits.frameBurst, clock.monotonic())
  }

  /** What a message says, in order. */
  *hear(text: string, speaker: Speaker): Generator<Heard<Frame>> {
    const decoded = decodeMessage(text, this.#decodeLimits(speaker))
    if (!decoded.ok) {
      if (decoded.problem === 'too-large')
        yield { kind: 'fatal', code: 'too-large', message: decoded.message }
      else yield this.#malformedMessage(decoded.message, undefined)
      return
    }
    // All of a message came at one time.
    const now = this.#clock.monotonic()
    for (const value of decoded.values) {
      const parsed = this.#parse(value)
      if (!parsed.ok) yield this.#malformedMessage(parsed.message, idOf(value))
      else yield this.#measured(parsed.frame, now)
    }
  }

  #decodeLimits(speaker: Speaker): DecodeLimits {
    const { messageBytes, helloBytes } = this.#limits
    if (speaker !== 'carrier')
      return { ...defaultDecodeLimits, maxLength: speaker === 'guest' ? messageBytes : helloBytes }
    const { maxKeys, maxDepth } = defaultDecodeLimits
    return { maxKeys, maxDepth: maxDepth + LANE_DEPTH, maxLength: messageBytes + LANE_BYTES }
  }

  #measured(frame: Frame, now: number): Heard<Frame> {
    // What is in a lane is measured there, and how much a connection may say to all its lanes, by them.
    if (isLaneFrame(frame)) return { kind: 'frame', frame }
    const retryAfterMs = this.#bucket.take(now)
    if (this.#flood && now - this.#flood.lastRefusal >= CALM_MS) this.#flood = undefined
    if (retryAfterMs === 0) {
      // A flood lets a frame through whenever the bucket has a drop: that alone is no sign of calm.
      if (this.#flood) this.#flood.passed++
      return { kind: 'frame', frame }
    }
    const flood = (this.#flood ??= { since: now, lastRefusal: now, passed: 0, refused: 0 })
    flood.lastRefusal = now
    flood.refused++
    if (now - flood.since < TOO_FAST_MS) return { kind: 'too-fast', frame, retryAfterMs }
    if (flood.refused <= flood.passed) {
      this.#flood = undefined
      return { kind: 'too-fast', frame, retryAfterMs }
    }
    return {
      kind: 'fatal',
      code: 'rate-limited',
      message: 'This connection sends more than it may, and does not slow down.',
    }
  }

  #malformedMessage(message: string, id: number | undefined): Heard<Frame> {
    const now = this.#clock.monotonic()
    if (this.#malformed === 0 || now - this.#malformedSince > MALFORMED_WINDOW_MS) {
      this.#malformed = 0
      this.#malformedSince = now
    }
    this.#malformed++
    if (this.#malformed < MALFORMED_ALLOWED) return { kind: 'malformed', message, id }
    return { kind: 'fatal', code: 'bad-frame', message }
  }
}

export function isLaneFrame<Frame extends { readonly type: string }>(
  frame: Frame,
): frame is Frame & LaneFrame {
  return frame.type === 'lane' || frame.type === 'laneClosed' || frame.type === 'laneRead'
}

/** The request's number, where a malformed frame has one: so that its sender learns which request failed. */
function idOf(value: unknown): number | undefined {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, 'id')) return undefined
  const { id } = value as { id: unknown }
  return Number.isSafeInteger(id) && (id as number) >= 0 ? (id as number) : undefined
}
