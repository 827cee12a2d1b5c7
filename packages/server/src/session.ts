// One connection: who it is, what it listens to, and what it asks for, frame by frame and in order. What a frame
// needs of the node (channels, the log, other connections) it asks of the hub.

import {
  type Chance,
  type ChannelRef,
  type ClientFrame,
  type Clock,
  type ErrorCode,
  errorTable,
  formatPosition,
  type Socket,
  type SocketHandlers,
  TidingsError,
} from '@tidings/core'
import type { Action, Credentials, Identity } from './authority.ts'
import { errorFrame, toTidingsError } from './error-frame.ts'
import { Inbound } from './inbound.ts'
import type { Limits } from './limits.ts'
import type { Observe } from './observe.ts'
import { Outbound, type Turn } from './outbound.ts'
import { type Party, type ProducerNames, partyOf } from './party.ts'
import { AppendRefused, unknownChannel } from './publishing.ts'
import type { Occupant } from './room.ts'
import type { SessionHost } from './session-host.ts'
import { Subscriptions } from './subscriptions.ts'

type Frame<Type extends ClientFrame['type']> = Extract<ClientFrame, { readonly type: Type }>
/** Frames that ask for a right on a channel. */
type RequestFrame = Frame<'subscribe' | 'publish' | 'signal' | 'enter' | 'call'>

const ACTIONS: Readonly<Record<RequestFrame['type'], Action>> = {
  subscribe: 'subscribe',
  publish: 'publish',
  signal: 'signal',
  enter: 'presence',
  call: 'call',
}

export interface SessionOptions {
  readonly host: SessionHost
  readonly socket: Socket
  readonly handshake: Omit<Credentials, 'token'>
  readonly turn: Turn
  readonly clock: Clock
  readonly chance: Chance
  readonly limits: Limits
  readonly observe: Observe
}

export class Session implements SocketHandlers, Occupant {
  readonly connection: string
  readonly #options: SessionOptions
  readonly #outbound: Outbound
  readonly #inbound: Inbound
  readonly #subscriptions: Subscriptions
  /** Channels in which this connection is present. */
  readonly #entered = new Set<string>()
  readonly #openedAt: number
  #party: Party | undefined
  #state: 'strange' | 'authenticating' | 'welcome' | 'closed' = 'strange'
  #heardAt: number
  #checkedAt: number
  #refreshAsked = false
  #openCalls = 0
  /** When a draining server ends this connection, by the monotonic clock. */
  #drainsAt = Number.POSITIVE_INFINITY
  /** Frames that wait while the application decides about an earlier one: order is kept. */
  #waiting: ClientFrame[] = []
  #isBusy = false

  constructor(options: SessionOptions) {
    const { clock, chance, limits, socket, turn } = options
    this.#options = options
    this.connection = chance.token(12)
    this.#openedAt = this.#heardAt = this.#checkedAt = clock.monotonic()
    this.#inbound = new Inbound(clock, limits)
    this.#outbound = new Outbound({
      socket,
      turn,
      limits,
      onRoom: () => this.#subscriptions.proceed(),
      onOverflow: () => this.end('slow-reader', 'This connection does not read what is sent to it.'),
    })
    this.#subscriptions = new Subscriptions({
      host: options.host,
      occupant: this,
      outbound: this.#outbound,
      limits,
      observe: options.observe,
      onRefused: (frame, error) => this.#refuseFor(frame, error),
    })
  }

  get publicName(): string {
    return this.#party?.publicName ?? ''
  }

  get user(): string | undefined {
    return this.#party?.identity.user
  }

  get isStrange(): boolean {
    return this.#state === 'strange' || this.#state === 'authenticating'
  }

  offer(frame: string): boolean {
    return this.#outbound.offer(frame)
  }

  opened(): void {}

  received(text: string): void {
    if (this.#state === 'closed') return
    this.#heardAt = this.#options.clock.monotonic()
    for (const heard of this.#inbound.hear(text, this.#state === 'welcome')) {
      switch (heard.kind) {
        case 'frame':
          this.#take(heard.frame)
          break
        case 'malformed':
          if (this.#state !== 'welcome') return this.end('bad-frame', heard.message)
          this.#refuse(new TidingsError('bad-frame', heard.message), { id: heard.id, what: 'malformed' })
          break
        case 'too-fast': {
          const { frame, retryAfterMs } = heard
          const error = new TidingsError('rate-limited', 'This connection sends faster than it may.', {
            retryAfterMs,
          })
          this.#refuse(error, { id: idOf(frame), what: frame.type })
          break
        }
        case 'fatal':
          return this.end(heard.code, heard.message)
      }
      if (this.#isOver) return
    }
  }

  drained(): void {
    this.#outbound.drained()
  }

  closed(code: number): void {
    this.#state = 'closed'
    this.#outbound.abandon()
    this.#letGo()
    const lastedMs = this.#options.clock.monotonic() - this.#openedAt
    this.#options.observe({ name: 'connectionClosed', code, lastedMs })
    this.#options.host.forget(this)
  }

  /** Ends the connection for a reason of the error table; frames that wait go out first. */
  end(code: ErrorCode, message: string): void {
    if (this.#isOver) return
    this.#options.observe({ name: 'refused', what: 'connection', code, channel: undefined, user: this.user })
    this.#outbound.send(errorFrame(new TidingsError(code, message)))
    this.#state = 'closed'
    this.#outbound.close(errorTable[code].close, code)
    this.#letGo()
  }

  /** Tells the client when to come back; the connection ends then at the latest. */
  drain(retryAfterMs: number): void {
    if (this.#isOver) return
    this.#drainsAt = this.#options.clock.monotonic() + retryAfterMs
    this.#outbound.send(JSON.stringify({ type: 'drain', retryAfterMs }))
  }

  /** Looks at every deadline of the connection. Called about once a second. */
  sweep(): void {
    const { clock, limits } = this.#options
    const now = clock.monotonic()
    if (this.isStrange) {
      if (now - this.#openedAt >= limits.helloTimeoutMs) this.end('hello-timeout', 'No hello came in time.')
      return
    }
    if (!this.#party) return
    if (now >= this.#drainsAt) return this.end('draining', 'The server is going away.')
    if (now - this.#heardAt >= 2 * limits.heartbeatMs)
      return this.end('idle-timeout', 'Nothing was heard for too long.')
    if (clock.now() >= this.#party.endsAt) return this.end('token-expired', 'The token has ended.')
    if (clock.now() >= this.#party.refreshAt) this.#askForToken(this.#party)
    if (now - this.#checkedAt >= limits.recheckMs) this.#recheck()
  }

  get #isOver(): boolean {
    return this.#state === 'closed'
  }

  /** Lets go of everything this connection holds on the node. */
  #letGo(): void {
    const { host } = this.#options
    this.#waiting = []
    this.#subscriptions.close()
    for (const channel of this.#entered) host.room(channel).disconnect(this)
    this.#entered.clear()
  }

  #take(frame: ClientFrame): void {
    if (!this.#isBusy) return this.#run(frame)
    if (this.#waiting.length >= this.#options.limits.waitingFrames)
      return this.end('rate-limited', 'Too many frames wait.')
    this.#waiting.push(frame)
  }

  #run(frame: ClientFrame): void {
    const pending = this.#perform(frame)
    if (!pending) return
    this.#isBusy = true
    pending
      .catch((error) => this.#fault(`handling ${frame.type}`, error))
      .then(() => {
        this.#isBusy = false
        while (!this.#isBusy && !this.#isOver) {
          const next = this.#waiting.shift()
          if (!next) return
          this.#run(next)
        }
      })
  }

  /** A promise when what follows has to wait. */
  #perform(frame: ClientFrame): Promise<void> | undefined {
    if (frame.type === 'ping') return void this.#outbound.send('{"type":"pong"}')
    if (this.#state === 'strange' && frame.type === 'hello') return this.#welcome(frame)
    if (this.#state !== 'welcome')
      return void this.end('bad-frame', 'The first frame is hello; everything else comes after the welcome.')
    switch (frame.type) {
      case 'hello':
        return void this.end('bad-frame', 'A connection says hello once.')
      case 'auth':
        return this.#renew(frame.token)
      case 'unsubscribe':
        return void this.#subscriptions.unsubscribe(frame.channel, frame.id)
      case 'leave':
        return void this.#leave(frame.channel)
      case 'subscribe':
      case 'publish':
      case 'signal':
      case 'enter':
      case 'call':
        return this.#request(frame)
    }
  }

  async #welcome(frame: Frame<'hello'>): Promise<void> {
    const { host, clock, limits, observe } = this.#options
    this.#state = 'authenticating'
    const identity = await this.#authenticate(frame.token)
    if (this.#isOver) return
    if (!identity) return this.end('unauthenticated', 'These credentials were not accepted.')
    const names = host.nameProducer(identity, frame.producer)
    this.#party = this.#partyOf(identity, names)
    this.#state = 'welcome'
    this.#checkedAt = clock.monotonic()
    this.#outbound.send(
      JSON.stringify({
        type: 'welcome',
        connection: this.connection,
        you: names.publicName,
        user: identity.user,
        heartbeatMs: limits.heartbeatMs,
        now: clock.now(),
        expiresAt: identity.expiresAt,
      }),
    )
    observe({
      name: 'welcomed',
      connection: this.connection,
      user: identity.user,
      tookMs: clock.monotonic() - this.#openedAt,
    })
    if (host.isDraining) this.drain(host.drainDelayMs())
    for (const request of frame.subscribe ?? []) await this.#request({ type: 'subscribe', ...request })
  }

  async #authenticate(token: string | undefined): Promise<Identity | undefined> {
    const { host, handshake, clock } = this.#options
    try {
      const identity = await host.authenticate({ ...handshake, token })
      return identity && (identity.expiresAt ?? Number.POSITIVE_INFINITY) > clock.now() ? identity : undefined
    } catch (error) {
      this.#options.observe({ name: 'fault', where: 'authenticate', error })
      this.end('internal', 'It could not be found out who this is.')
      return undefined
    }
  }

  #partyOf(identity: Identity, names: ProducerNames): Party {
    const { clock, chance, limits } = this.#options
    this.#refreshAsked = false
    return partyOf(identity, names, { nowMs: clock.now(), graceMs: limits.expiryGraceMs, chance })
  }

  #askForToken({ identity }: Party): void {
    if (this.#refreshAsked) return
    this.#refreshAsked = true
    this.#outbound.send(JSON.stringify({ type: 'refresh', expiresAt: identity.expiresAt }))
  }

  async #renew(token: string): Promise<void> {
    const identity = await this.#authenticate(token)
    if (this.#isOver || !this.#party) return
    if (!identity) return this.end('unauthenticated', 'The fresh token was not accepted.')
    if (identity.user !== this.user) return this.end('unauthenticated', 'The fresh token is somebody else’s.')
    this.#party = this.#partyOf(identity, this.#party)
    this.#recheck()
  }

  /** Asks again for the rights of what goes on, and ends what is no longer allowed. */
  #recheck(): void {
    this.#checkedAt = this.#options.clock.monotonic()
    void this.#subscriptions.recheck((ref) => this.#permit('subscribe', ref, undefined))
  }

  async #permit(action: Action, ref: ChannelRef, name: string | undefined): Promise<boolean> {
    const { identity } = this.#party as Party
    try {
      return await this.#options.host.authorize(identity, ref, action, name)
    } catch (error) {
      this.#fault(`authorizing ${action} on ${ref.name}`, error)
      return false
    }
  }

  async #request(frame: RequestFrame): Promise<void> {
    const ref = this.#options.host.resolve(frame.channel)
    if (!ref) return this.#refuseFor(frame, unknownChannel(frame.channel))
    const name =
      frame.type === 'publish'
        ? frame.event
        : frame.type === 'signal' || frame.type === 'call'
          ? frame.name
          : undefined
    const isAllowed = await this.#permit(ACTIONS[frame.type], ref, name)
    if (this.#isOver) return
    if (!isAllowed)
      return this.#refuseFor(frame, new TidingsError('forbidden', `You may not ${frame.type} here.`))
    try {
      this.#carryOut(frame, ref)
    } catch (error) {
      this.#refuseFor(frame, error)
    }
  }

  #carryOut(frame: RequestFrame, ref: ChannelRef): void {
    switch (frame.type) {
      case 'subscribe':
        return this.#subscriptions.open(frame, ref)
      case 'publish':
        return this.#publish(frame, ref)
      case 'signal':
        return this.#options.host.signal(this, ref, frame.name, frame.data)
      case 'enter':
        return this.#enter(frame, ref)
      case 'call':
        return this.#call(frame, ref)
    }
  }

  #publish(frame: Frame<'publish'>, ref: ChannelRef): void {
    const { producer, publicName } = this.#party as Party
    const { id, event, data, sequence, previous = sequence - 1, producerEpoch = 0 } = frame
    if (sequence < 1 || previous >= sequence) {
      throw new TidingsError('bad-frame', 'Sequence numbers begin at 1, and the previous one is lower.', {
        field: 'sequence',
      })
    }
    this.#options.host
      .publish({
        channel: ref.name,
        events: [{ type: event, data }],
        by: publicName,
        // The log counts a producer that it does not know as -1: one that has written nothing yet says 0 here.
        identity: {
          kind: 'producer',
          producer,
          epoch: producerEpoch,
          sequence,
          previous: previous === 0 ? -1 : previous,
        },
      })
      .then(
        ({ position, isDuplicate }) => {
          const duplicate = isDuplicate ? ',"duplicate":true' : ''
          this.#outbound.send(
            `{"type":"ack","id":${id},"position":"${formatPosition(position)}"${duplicate}}`,
          )
        },
        (error) => this.#refuseFor(frame, error),
      )
  }

  #enter({ channel, id, state }: Frame<'enter'>, ref: ChannelRef): void {
    this.#options.host.enter(this, ref, { id: this.publicName, user: this.user, state })
    this.#entered.add(channel)
    this.#outbound.send(JSON.stringify({ type: 'entered', id, channel }))
  }

  #leave(channel: string): void {
    if (this.#entered.delete(channel)) this.#options.host.room(channel).leave(this)
  }

  #call(frame: Frame<'call'>, ref: ChannelRef): void {
    const { host, limits } = this.#options
    if (this.#openCalls >= limits.openCalls) {
      throw new TidingsError('rate-limited', `A connection may have ${limits.openCalls} calls under way.`, {
        retryAfterMs: 1_000,
      })
    }
    this.#openCalls++
    host
      .call((this.#party as Party).identity, ref, frame.name, frame.data)
      .then(
        (data) => this.#outbound.send(JSON.stringify({ type: 'reply', id: frame.id, data })),
        (error) => this.#refuseFor(frame, error),
      )
      .finally(() => {
        this.#openCalls--
      })
  }

  /** Answers a request with what went wrong. */
  #refuseFor(frame: RequestFrame, error: unknown): void {
    const known = toTidingsError(error, (cause) =>
      this.#fault(`handling ${frame.type} on ${frame.channel}`, cause),
    )
    this.#refuse(known, { id: idOf(frame), what: frame.type, channel: frame.channel })
  }

  #refuse(
    error: TidingsError,
    {
      id,
      what,
      channel,
    }: { readonly id: number | undefined; readonly what: string; readonly channel?: string | undefined },
  ): void {
    this.#options.observe({ name: 'refused', what, code: error.code, channel, user: this.user })
    const sequence =
      error instanceof AppendRefused && error.outcome.outcome === 'gap'
        ? Math.max(0, error.outcome.last)
        : undefined
    this.#outbound.send(errorFrame(error, { id, channel, sequence }))
  }

  #fault(where: string, error: unknown): void {
    this.#options.observe({ name: 'fault', where, error })
  }
}

function idOf(frame: ClientFrame): number | undefined {
  return 'id' in frame ? frame.id : undefined
}
