// One connection: the handshake, who is at the other end and for how long, and frames worked off in order. What is asked
// for on channels is carried out by its requests; what other connections have to do with it is the hub's affair. A
// connection that several share says no hello: it carries their lanes, each of which is a session like any other.

import {
  type ClientFrame,
  closeOf,
  type ErrorCode,
  type LaneFrame,
  parseClientFrame,
  type Socket,
  TidingsError,
} from '@tidings/core'
import type { Credentials, Identity } from './authority.ts'
import { errorFrame } from './error-frame.ts'
import { Inbound, isLaneFrame, type Speaker } from './inbound.ts'
import { Lanes } from './lanes.ts'
import { Outbound, type OutboundOwner } from './outbound.ts'
import { type Party, type ProducerNames, partyOf } from './party.ts'
import { Requests } from './requests.ts'
import type { Client, ServerEnd, SessionNode } from './session-host.ts'
import { Waiting } from './waiting.ts'

type HelloFrame = Extract<ClientFrame, { readonly type: 'hello' }>

export interface SessionOptions {
  readonly socket: Socket
  readonly handshake: Omit<Credentials, 'token'>
  /** A connection of its own, or one of the lanes of another: then silence is that one's affair. */
  readonly kind: 'connection' | 'lane'
  /** Whether an address may bring one more of whom nothing is known. */
  readonly admits: (address: string) => boolean
}

export class Session implements ServerEnd, Client, OutboundOwner {
  readonly connection: string
  readonly outbound: Outbound
  readonly #node: SessionNode
  readonly #options: SessionOptions
  readonly #inbound: Inbound
  readonly #requests: Requests
  readonly #openedAt: number
  #state: 'strange' | 'authenticating' | 'welcome' | 'closed' = 'strange'
  #party: Party | undefined
  #lanes: Lanes | undefined
  #heardAt: number
  #checkedAt: number
  #isRefreshAsked = false
  /** When a draining server ends this connection, by the monotonic clock. */
  #drainsAt = Number.POSITIVE_INFINITY
  /** Frames that wait while the application decides about an earlier one: order is kept. */
  #waiting: Waiting | undefined
  #isBusy = false

  constructor(node: SessionNode, options: SessionOptions) {
    const { clock, chance, limits } = node
    this.#node = node
    this.#options = options
    this.connection = chance.token(12)
    this.#openedAt = this.#heardAt = this.#checkedAt = clock.monotonic()
    this.#inbound = new Inbound(clock, limits, parseClientFrame)
    this.outbound = new Outbound(options.socket, this, node)
    this.#requests = new Requests(node, this)
  }

  get party(): Party {
    return this.#party as Party
  }

  get publicName(): string {
    return this.#party?.publicName ?? ''
  }

  get user(): string | undefined {
    return this.#party?.identity.user
  }

  get isLane(): boolean {
    return this.#options.kind === 'lane'
  }

  get isKnown(): boolean {
    return this.#lanes ? this.#lanes.isKnown : this.#party !== undefined
  }

  get strangers(): number {
    if (this.#isOver) return 0
    return this.#lanes ? this.#lanes.strangers : this.isKnown ? 0 : 1
  }

  offer(frame: string): boolean {
    return this.outbound.offer(frame)
  }

  opened(): void {}

  received(text: string): void {
    if (this.#isOver) return
    this.heard()
    const waited = this.#waiting?.count ?? 0
    for (const heard of this.#inbound.hear(text, this.#speaker)) {
      switch (heard.kind) {
        case 'frame':
          this.#take(heard.frame)
          break
        case 'malformed':
          if (!this.isKnown) return this.end('bad-frame', heard.message)
          this.#refuse(new TidingsError('bad-frame', heard.message), 'malformed', heard.id)
          break
        case 'too-fast': {
          const { frame, retryAfterMs } = heard
          // Who lets go of something asks for nothing, and would not ask again.
          if (frame.type === 'leave' || frame.type === 'unsubscribe') {
            this.#take(frame)
            break
          }
          const error = new TidingsError('rate-limited', 'This connection sends faster than it may.', {
            retryAfterMs,
          })
          this.#refuse(error, frame.type, 'id' in frame ? frame.id : undefined)
          break
        }
        case 'fatal':
          return this.end(heard.code, heard.message)
      }
      if (this.#isOver) return
    }
    if (!this.#waiting) return
    if (this.#waiting.count > waited) this.#waiting.weigh(text.length)
    if (this.#waiting.isTooLong) this.end('rate-limited', 'What waits is too long.')
  }

  heard(): void {
    this.#heardAt = this.#node.clock.monotonic()
  }

  drained(): void {
    this.outbound.drained()
  }

  proceed(): void {
    this.#requests.proceed()
  }

  overflowed(): void {
    this.end('slow-reader', 'This connection does not read what is sent to it.')
  }

  closed(code: number): void {
    const { clock, observe, host } = this.#node
    this.#state = 'closed'
    this.outbound.abandon()
    this.#letGo(code, '')
    const name = this.isLane ? 'laneClosed' : 'connectionClosed'
    observe({ name, code, lastedMs: clock.monotonic() - this.#openedAt })
    host.forget(this)
  }

  /** Ends the connection for a reason of the error table; frames that wait go out first. */
  end(code: ErrorCode, message: string): void {
    if (this.#isOver) return
    this.#refuse(new TidingsError(code, message), 'connection', undefined)
    this.#state = 'closed'
    this.outbound.close(closeOf(code), code)
    this.#letGo(closeOf(code), code)
  }

  /** Tells the client when to come back; the connection ends then at the latest. */
  drain(retryAfterMs: number): void {
    if (this.#isOver) return
    this.#drainsAt = this.#node.clock.monotonic() + retryAfterMs
    this.outbound.send(JSON.stringify({ type: 'drain', retryAfterMs }))
  }

  /** Looks at every deadline of the connection, and does so again in `nextMs`. */
  sweep(nextMs: number): void {
    const { clock, limits } = this.#node
    const now = clock.monotonic()
    const strangeMs = this.#lanes ? this.#lanes.emptyMs : this.isKnown ? 0 : now - this.#openedAt
    if (strangeMs >= limits.helloTimeoutMs) {
      this.end('hello-timeout', 'No hello was accepted in time.')
    } else if (now >= this.#drainsAt) {
      this.end('draining', 'The server is going away.')
    } else if (!this.isLane && now - this.#heardAt >= 2 * limits.heartbeatMs) {
      this.end('idle-timeout', 'Nothing was heard for too long.')
    } else if (this.#party && !this.#isOver) {
      this.#sweepRights(this.#party, now + nextMs)
    }
  }

  get #isOver(): boolean {
    return this.#state === 'closed'
  }

  #sweepRights({ identity, refreshAt, endsAt }: Party, nextAt: number): void {
    const { clock, limits } = this.#node
    if (clock.now() >= endsAt) return this.end('token-expired', 'The token has ended.')
    if (clock.now() >= refreshAt && !this.#isRefreshAsked) {
      this.#isRefreshAsked = true
      this.outbound.send(JSON.stringify({ type: 'refresh', expiresAt: identity.expiresAt }))
    }
    // The next look would be too late [AU6].
    if (nextAt - this.#checkedAt > limits.recheckMs) this.#recheck()
  }

  #recheck(): void {
    this.#checkedAt = this.#node.clock.monotonic()
    this.#requests.recheck()
  }

  get #speaker(): Speaker {
    if (!this.isKnown) return 'stranger'
    return this.#lanes ? 'carrier' : 'guest'
  }

  #letGo(code: number, reason: string): void {
    this.#waiting = undefined
    this.#requests.close()
    this.#lanes?.closed(code, reason)
  }

  #take(frame: ClientFrame): void {
    if (!this.#isBusy) return this.#run(frame)
    // Before the welcome nothing is kept for anybody.
    if (!this.isKnown) return this.end('bad-frame', 'Wait for the welcome.')
    // [CN8] The link lives, whatever the application takes its time for.
    if (frame.type === 'ping') return void this.#perform(frame)
    this.#waiting ??= new Waiting(this.#node.limits)
    if (!this.#waiting.push(frame)) this.end('rate-limited', 'Too many frames wait.')
  }

  #run(frame: ClientFrame): void {
    const pending = this.#perform(frame)
    if (!pending) return
    this.#isBusy = true
    pending
      .catch((error) => this.#node.observe({ name: 'fault', where: `handling ${frame.type}`, error }))
      .then(() => {
        this.#isBusy = false
        while (!this.#isBusy && !this.#isOver) {
          const next = this.#waiting?.shift()
          if (!next) return
          this.#run(next)
        }
      })
  }

  /** A promise when what follows has to wait. */
  #perform(frame: ClientFrame): Promise<void> | undefined {
    if (isLaneFrame(frame)) return void this.#carry(frame)
    if (this.#lanes && frame.type !== 'ping')
      return void this.end('bad-frame', 'What is not in a lane is for nobody here.')
    if (this.#state === 'strange' && !this.#lanes) {
      if (frame.type === 'hello') return this.#greet(frame)
      return void this.end('bad-frame', 'The first frame is hello.')
    }
    switch (frame.type) {
      case 'hello':
        return void this.end('bad-frame', 'A connection says hello once.')
      case 'ping':
        return void this.outbound.send('{"type":"pong"}')
      case 'auth':
        return this.#renew(frame.token)
      default:
        return this.#requests.take(frame)
    }
  }

  /** The first frame decides what a connection is: from then on it carries lanes, and nothing else [LN1]. */
  #carry(frame: LaneFrame): void {
    const { host, clock, limits, observe } = this.#node
    const { handshake, admits } = this.#options
    if (!this.#lanes && (this.isLane || this.#state !== 'strange'))
      return this.end('bad-frame', 'Lanes begin with the first frame of a connection.')
    this.#lanes ??= new Lanes({
      accept: (lane) => host.acceptLane(lane, handshake),
      outbound: this.outbound,
      admits: () => admits(handshake.address),
      ...{ clock, limits, observe },
    })
    if (!this.#lanes.take(frame))
      this.end('rate-limited', 'This connection sends more than all of its lanes may.')
  }

  async #greet(frame: HelloFrame): Promise<void> {
    const { host, clock, observe } = this.#node
    this.#state = 'authenticating'
    const identity = await this.#authenticate(frame.token)
    if (this.#isOver) return
    if (!identity) return this.end('unauthenticated', 'These credentials were not accepted.')
    this.#party = this.#partyOf(identity, host.nameProducer(identity, frame.producer))
    this.#state = 'welcome'
    this.#checkedAt = clock.monotonic()
    this.#sendWelcome(this.#party)
    const tookMs = clock.monotonic() - this.#openedAt
    observe({ name: 'welcomed', connection: this.connection, user: identity.user, tookMs })
    if (host.isDraining) this.drain(host.drainDelayMs())
    for (const request of frame.subscribe ?? []) await this.#requests.take({ type: 'subscribe', ...request })
  }

  #sendWelcome({ identity, publicName }: Party): void {
    const { clock, limits } = this.#node
    this.outbound.send(
      JSON.stringify({
        type: 'welcome',
        connection: this.connection,
        you: publicName,
        user: identity.user,
        heartbeatMs: limits.heartbeatMs,
        now: clock.now(),
        expiresAt: identity.expiresAt,
      }),
    )
  }

  async #authenticate(token: string | undefined): Promise<Identity | undefined> {
    const { host, clock, observe } = this.#node
    try {
      const identity = await host.authenticate({ ...this.#options.handshake, token })
      return identity && (identity.expiresAt ?? Number.POSITIVE_INFINITY) > clock.now() ? identity : undefined
    } catch (error) {
      observe({ name: 'fault', where: 'authenticate', error })
      this.end('internal', 'It could not be found out who this is.')
      return undefined
    }
  }

  #partyOf(identity: Identity, names: ProducerNames): Party {
    const { clock, chance, limits } = this.#node
    this.#isRefreshAsked = false
    return partyOf(identity, names, { nowMs: clock.now(), graceMs: limits.expiryGraceMs, chance })
  }

  async #renew(token: string): Promise<void> {
    const identity = await this.#authenticate(token)
    if (this.#isOver || !this.#party) return
    if (!identity) return this.end('unauthenticated', 'The fresh token was not accepted.')
    if (identity.user !== this.user) return this.end('unauthenticated', 'The fresh token is somebody else’s.')
    this.#party = this.#partyOf(identity, this.#party)
    this.#recheck()
  }

  #refuse(error: TidingsError, what: string, id: number | undefined): void {
    this.#node.observe({ name: 'refused', what, code: error.code, channel: undefined, user: this.user })
    this.outbound.send(errorFrame(error, { id }))
  }
}
