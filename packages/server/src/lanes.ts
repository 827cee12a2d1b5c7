// Several sessions on one connection, as the tabs of a browser share it: takes their envelopes apart and puts them on.
// Each lane is a Socket to its session, which knows nothing of the others; what frames mean is the sessions' affair.

import { type Clock, closeOf, type LaneFrame, type Socket, TidingsError } from '@tidings/core'
import { errorFrame } from './error-frame.ts'
import { type Limits, TokenBucket } from './limits.ts'
import type { Observe } from './observe.ts'
import type { Outbound } from './outbound.ts'
import type { ServerEnd } from './session-host.ts'

export interface LanesOptions {
  /** Makes the session of a new lane. */
  readonly accept: (lane: Socket) => ServerEnd
  /** Whether the node takes on one more of whom it knows nothing. */
  readonly admits: () => boolean
  readonly outbound: Outbound
  readonly limits: Limits
  readonly clock: Clock
  readonly observe: Observe
}

export class Lanes {
  readonly #options: LanesOptions
  readonly #frames: TokenBucket
  readonly #openings: TokenBucket
  readonly #open = new Map<number, Lane>()
  /** Numbers up to here have been used: one of them that is not open is over for good. */
  #highest = 0
  #isKnown = false
  /** Since when there has been no lane, by the monotonic clock. */
  #emptySince: number

  constructor(options: LanesOptions) {
    const { limits, clock } = options
    const { framesPerSecond, frameBurst, lanesPerConnection, lanesPerSecond, laneBurst } = limits
    const now = clock.monotonic()
    this.#options = options
    this.#frames = new TokenBucket(framesPerSecond * lanesPerConnection, frameBurst * lanesPerConnection, now)
    this.#openings = new TokenBucket(lanesPerSecond, laneBurst, now)
    this.#emptySince = now
  }

  /** Whether anybody on this connection has been welcome. */
  get isKnown(): boolean {
    if (!this.#isKnown) this.#isKnown = [...this.#open.values()].some(({ end }) => end?.isKnown)
    return this.#isKnown
  }

  /** Those who count as strangers. Once one of them is known, the others came with somebody. */
  get strangers(): number {
    return this.isKnown ? 0 : Math.max(1, this.#open.size)
  }

  /** How long there has been no lane, in milliseconds. */
  get emptyMs(): number {
    return this.#open.size > 0 ? 0 : this.#options.clock.monotonic() - this.#emptySince
  }

  /** What the client says about a lane. False when it says more than all of its lanes together may. */
  take(frame: LaneFrame): boolean {
    if (this.#frames.take(this.#options.clock.monotonic()) > 0) return false
    switch (frame.type) {
      case 'lane':
        this.#laneOf(frame.lane)?.end?.received(JSON.stringify(frame.frames))
        break
      case 'laneRead':
        this.#open.get(frame.lane)?.read(frame.mark)
        break
      case 'laneClosed':
        this.#open.get(frame.lane)?.over(1000, '')
        this.#forget(frame.lane)
        break
    }
    return true
  }

  /** The connection is over, and every lane with it. */
  closed(code: number, reason: string): void {
    for (const [number, lane] of [...this.#open]) {
      this.#open.delete(number)
      lane.over(code, reason)
    }
  }

  #laneOf(number: number): Lane | undefined {
    if (number <= this.#highest) return this.#open.get(number)
    this.#highest = number
    const refusal = this.#refusal()
    return refusal ? this.#refuse(number, refusal) : this.#begin(number)
  }

  #begin(number: number): Lane {
    const { outbound, limits, accept } = this.#options
    const lane = new Lane({
      number,
      markEvery: limits.highWaterBytes / MARKS,
      send: (frame, isShared) => {
        if (isShared) outbound.share(frame, frame.length)
        else outbound.send(frame)
      },
      onClosed: () => this.#forget(number),
    })
    this.#open.set(number, lane)
    outbound.shares = Math.max(outbound.shares, 1 + this.#open.size)
    lane.begin(accept(lane))
    return lane
  }

  #refusal(): TidingsError | undefined {
    const { limits, admits, clock } = this.#options
    const retryAfterMs = this.#openings.take(clock.monotonic())
    if (retryAfterMs > 0) {
      const message = 'This connection opens lanes faster than it may.'
      return new TidingsError('rate-limited', message, { retryAfterMs })
    }
    if (this.#open.size >= limits.lanesPerConnection) {
      const message = `A connection may have ${limits.lanesPerConnection} lanes.`
      return new TidingsError('too-many-connections', message)
    }
    // The first lane counts as its connection does.
    if (this.#open.size === 0 || this.isKnown || admits()) return undefined
    const message = 'Too many connections of this address have not said hello yet.'
    return new TidingsError('too-many-connections', message, { retryAfterMs: 1_000 })
  }

  #refuse(lane: number, error: TidingsError): undefined {
    const { outbound, observe } = this.#options
    const { code } = error
    observe({ name: 'refused', what: 'lane', code, channel: undefined, user: undefined })
    outbound.send(envelope(lane, errorFrame(error, {})))
    outbound.send(farewell(lane, closeOf(code), code))
  }

  #forget(lane: number): void {
    // It may be the one who is known.
    this.#isKnown = this.isKnown
    if (this.#open.delete(lane) && this.#open.size === 0) this.#emptySince = this.#options.clock.monotonic()
  }
}

/** How many marks there are in what a reader may leave unread. */
const MARKS = 8

interface LaneOptions {
  readonly number: number
  /** Another mark after this many UTF-16 units. */
  readonly markEvery: number
  /** `isShared`: the lanes of this number on other connections are sent the same. */
  readonly send: (frame: string, isShared: boolean) => void
  /** The session has closed it. */
  readonly onClosed: () => void
}

/** One lane: what its reader has not said to have read counts as buffered, wherever on the way it lies. */
class Lane implements Socket {
  end: ServerEnd | undefined
  readonly #options: LaneOptions
  #sent = 0
  #marked = 0
  #read = 0
  #closing: { readonly code: number; readonly reason: string } | undefined
  #isOver = false

  constructor(options: LaneOptions) {
    this.#options = options
  }

  /** What follows the last mark counts with it: who has read that far is not asked about the rest. */
  get bufferedBytes(): number {
    return this.#read === this.#marked ? 0 : this.#sent - this.#read
  }

  begin(end: ServerEnd): void {
    this.end = end
    // It may have been refused at once.
    if (this.#closing) this.over(this.#closing.code, this.#closing.reason)
    else end.opened()
  }

  send(text: string, isShared = false): void {
    if (this.#closing) return
    const { number, markEvery, send } = this.#options
    this.#sent += text.length
    const isDue = this.#sent - this.#marked >= markEvery
    if (isDue) this.#marked = this.#sent
    send(envelope(number, text, isDue ? this.#sent : undefined), isShared && !isDue)
  }

  close(code: number, reason: string): void {
    if (this.#closing) return
    this.#closing = { code, reason }
    const { number, send, onClosed } = this.#options
    onClosed()
    send(farewell(number, code, reason), false)
    if (this.end) this.over(code, reason)
  }

  read(mark: number): void {
    if (mark <= this.#read || mark > this.#marked) return
    this.#read = mark
    this.end?.drained()
  }

  over(code: number, reason: string): void {
    if (this.#isOver) return
    this.#isOver = true
    this.#closing ??= { code, reason }
    this.end?.closed(code, reason)
  }
}

/** `text` is one frame or a list of them, as every message: made once for all who read it, and only wrapped here. */
function envelope(lane: number, text: string, mark?: number): string {
  const frames = text.startsWith('[') ? text : `[${text}]`
  return `{"type":"lane","lane":${lane}${mark === undefined ? '' : `,"mark":${mark}`},"frames":${frames}}`
}

function farewell(lane: number, code: number, message: string): string {
  return JSON.stringify({ type: 'laneClosed', lane, code, message: message || undefined })
}
