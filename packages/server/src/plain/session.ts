// One connection of a client that knows nothing of Tidings: who it is, what it is told by its cursors, and what it says.
// Nothing is queued for it: a reader that is slow costs its cursors' positions, as everywhere [PL3].

import {
  type Cancel,
  type Chance,
  type ChannelRef,
  type Clock,
  closeOf,
  type ErrorCode,
  type Position,
  type ResetReason,
  type Socket,
  TidingsError,
} from '@tidings/core'
import {
  type Action,
  type Authenticate,
  type Authorize,
  authorizeRequest,
  type Credentials,
  type Identity,
} from '../authority.ts'
import type { EntryBatch } from '../batch.ts'
import type { After } from '../cursor.ts'
import { toTidingsError } from '../error-frame.ts'
import type { Follower, Hub } from '../hub.ts'
import { Inbound } from '../inbound.ts'
import type { Limits } from '../limits.ts'
import type { Observe } from '../observe.ts'
import type { Reader, ResetAnswer, SubscribedAnswer } from '../reader.ts'
import type { ServerEnd } from '../session-host.ts'
import type { PlainEndpoint } from './endpoint.ts'
import { entryTexts, errorData, ownText, type PlainMessage, parsePlain } from './message.ts'

export interface PlainSessionOptions {
  readonly hub: Pick<Hub, 'follow' | 'publish' | 'resolve'>
  readonly endpoint: PlainEndpoint
  readonly params: Readonly<Record<string, string>>
  readonly refs: readonly ChannelRef[]
  readonly after: After
  /** From the address; undefined where there was none. */
  readonly token: string | undefined
  readonly socket: Socket
  readonly handshake: Omit<Credentials, 'token'>
  readonly authenticate: Authenticate
  readonly authorize: Authorize
  readonly limits: Limits
  readonly clock: Clock
  readonly chance: Chance
  readonly observe: Observe
  readonly onClosed: (session: PlainSession) => void
}

/** A reader that has taken nothing for this long is let go. */
const STALLED_MS = 60_000
/** Messages that wait for somebody of whom nothing is known yet. */
const STRANGERS_WAITING = 16
/** Close codes of RFC 6455 for failures that have none of their own. */
const POLICY = 1008
const TRY_AGAIN_LATER = 1013

export class PlainSession implements ServerEnd {
  readonly #options: PlainSessionOptions
  readonly #inbound: Inbound<PlainMessage>
  readonly #followers = new Set<Follower>()
  readonly #openedAt: number
  #state: 'strange' | 'authenticating' | 'open' | 'closed' = 'strange'
  #identity: Identity | undefined
  #saidAt: number
  #checkedAt: number
  /** Since when its buffer is full, by the monotonic clock. */
  #fullSince: number | undefined
  /** Room that is kept for pages that are being read. */
  #reserved = 0
  #drainsAt = Number.POSITIVE_INFINITY
  /** What it wrote and what is not in the log yet, one after the other. */
  #writes: Promise<void> = Promise.resolve()
  #waiting = 0
  /** UTF-16 units of the messages that these came in. */
  #waitingLength = 0

  constructor(options: PlainSessionOptions) {
    const { clock, limits, observe } = options
    this.#options = options
    this.#inbound = new Inbound(clock, limits, parsePlain)
    this.#openedAt = this.#saidAt = this.#checkedAt = clock.monotonic()
    observe({ name: 'connectionOpened' })
  }

  get isKnown(): boolean {
    return this.#identity !== undefined
  }

  get strangers(): number {
    return this.isKnown || this.#isOver ? 0 : 1
  }

  get user(): string | undefined {
    return this.#identity?.user
  }

  opened(): void {
    const { token, endpoint } = this.#options
    if (token !== undefined || endpoint.token === 'query') this.#writes = this.#greet(token)
  }

  received(text: string): void {
    if (this.#isOver) return
    for (const heard of this.#inbound.hear(text, this.isKnown ? 'guest' : 'stranger')) {
      switch (heard.kind) {
        case 'frame':
          this.#take(heard.frame, text.length)
          break
        case 'malformed':
          if (!this.isKnown) return this.end('bad-frame', heard.message)
          this.#refuse(new TidingsError('bad-frame', heard.message))
          break
        case 'too-fast': {
          const { retryAfterMs } = heard
          this.#refuse(
            new TidingsError('rate-limited', 'This connection sends faster than it may.', { retryAfterMs }),
          )
          break
        }
        case 'fatal':
          return this.end(heard.code, heard.message)
      }
      if (this.#isOver) return
    }
  }

  /** Silence ends nothing here [PL4]. */
  heard(): void {}

  drained(): void {
    for (const follower of [...this.#followers]) follower.drained()
  }

  closed(code: number): void {
    const { clock, observe, onClosed } = this.#options
    this.#letGo()
    observe({ name: 'connectionClosed', code, lastedMs: clock.monotonic() - this.#openedAt })
    onClosed(this)
  }

  /** Says why, and closes. */
  end(code: ErrorCode, message: string): void {
    if (this.#isOver) return
    const error = new TidingsError(code, message)
    this.#refuse(error)
    // To say it may have been too much already.
    if (this.#isOver) return
    this.#letGo()
    const otherwise = error.retry === 'later' ? TRY_AGAIN_LATER : POLICY
    this.#options.socket.close(closeOf(code) || otherwise, code)
  }

  /** Ends the connection when its time in the drain's window has come. */
  drain(delayMs: number): void {
    this.#drainsAt = this.#options.clock.monotonic() + delayMs
  }

  /** Looks at every deadline of the connection; the next look is that much later. */
  sweep(nextMs: number): void {
    const { clock, limits } = this.#options
    const now = clock.monotonic()
    const endsAt = (this.#identity?.expiresAt ?? Number.POSITIVE_INFINITY) + limits.expiryGraceMs
    this.#fullSince = this.#isFull ? (this.#fullSince ?? now) : undefined
    if (!this.isKnown && now - this.#openedAt >= limits.helloTimeoutMs) {
      this.end('hello-timeout', 'No token came in time.')
    } else if (now >= this.#drainsAt) {
      this.end('draining', 'The server is going away.')
    } else if (clock.now() >= endsAt) {
      this.end('token-expired', 'The token has ended.')
    } else if (this.#fullSince !== undefined && now - this.#fullSince >= STALLED_MS) {
      this.end('slow-reader', 'This connection does not read what is sent to it.')
    } else if (this.#state === 'open') {
      if (now - this.#saidAt >= limits.heartbeatMs) this.#say('ping', null)
      // The next look would be too late [AU6].
      if (now + nextMs - this.#checkedAt > limits.recheckMs) void this.#recheck(now)
    }
  }

  get #isOver(): boolean {
    return this.#state === 'closed'
  }

  get #isFull(): boolean {
    const { socket, limits } = this.#options
    return socket.bufferedBytes > limits.highWaterBytes
  }

  #letGo(): void {
    this.#state = 'closed'
    for (const follower of this.#followers) follower.close()
    this.#followers.clear()
  }

  // ── Who it is ─────────────────────────────────────────────────────────────────────────────────────────────────────

  async #greet(token: string | undefined): Promise<void> {
    const { refs, clock } = this.#options
    this.#state = 'authenticating'
    try {
      const identity = await this.#identify(token)
      if (this.#isOver) return
      if (!identity) return this.end('unauthenticated', 'These credentials were not accepted.')
      for (const ref of refs) {
        if (!(await this.#may(identity, ref, 'subscribe')))
          return this.end('forbidden', `You may not read ${ref.name}.`)
        if (this.#isOver) return
      }
      this.#identity = identity
      this.#state = 'open'
      this.#checkedAt = clock.monotonic()
      for (const ref of refs) await this.#follow(ref)
    } catch (error) {
      this.#endWith(error, 'opening a plain endpoint')
    }
  }

  async #identify(token: string | undefined): Promise<Identity | undefined> {
    const { authenticate, handshake, clock } = this.#options
    const identity = await authenticate({ ...handshake, token })
    return identity && (identity.expiresAt ?? Number.POSITIVE_INFINITY) > clock.now() ? identity : undefined
  }

  async #may(identity: Identity, ref: ChannelRef, action: Action, name?: string): Promise<boolean> {
    // As the contract has it: its parameters are the ones that rights are decided by.
    const known = this.#options.hub.resolve(ref.name)
    if (!known) throw new TidingsError('unknown-channel', `The contract has no channel "${ref.name}".`)
    return this.#options.authorize(authorizeRequest(identity, known, action, name))
  }

  async #follow(ref: ChannelRef): Promise<void> {
    const { hub, after } = this.#options
    const follower = await hub.follow({ channel: ref.name, after }, this.#readerOf(ref))
    if (this.#isOver) follower.close()
    else this.#followers.add(follower)
  }

  /** A right that cannot be asked for stays as it was: the next time decides. */
  async #recheck(now: number): Promise<void> {
    this.#checkedAt = now
    for (const ref of this.#options.refs) {
      try {
        const identity = this.#identity
        if (this.#isOver || !identity || (await this.#may(identity, ref, 'subscribe'))) continue
        return this.end('forbidden', `You may no longer read ${ref.name}.`)
      } catch (error) {
        this.#options.observe({ name: 'fault', where: `authorizing a reader of ${ref.name}`, error })
      }
    }
  }

  // ── What it is told ───────────────────────────────────────────────────────────────────────────────────────────────

  #readerOf(ref: ChannelRef): Reader {
    const session = this
    return {
      get isFull() {
        return session.#isFull
      },
      reserve: (length) => this.#reserve(length),
      subscribed: (answer: SubscribedAnswer) => {
        if (answer.verdict === 'reset') this.#sayReset(ref, answer.reason)
      },
      entries: (batch: EntryBatch) => {
        for (const text of entryTexts(batch, this.#options.endpoint.shape)) this.#send(text)
      },
      live: (_position: Position) => {},
      behind: () => {},
      reset: ({ reason }: ResetAnswer) => this.#sayReset(ref, reason),
      ended: (error) => this.#endWith(error, `reading ${ref.name}`),
    }
  }

  #reserve(length: number): Cancel | undefined {
    const { socket, limits } = this.#options
    const taken = socket.bufferedBytes + this.#reserved
    if (taken > 0 && taken + length > limits.highWaterBytes) return undefined
    this.#reserved += length
    let isKept = true
    return () => {
      if (!isKept) return
      isKept = false
      this.#reserved -= length
      this.drained()
    }
  }

  #sayReset(ref: ChannelRef, reason: ResetReason): void {
    this.#say('reset', { channel: ref.name, reason })
  }

  #say(type: string, data: unknown): void {
    const { endpoint, clock, chance, limits, socket } = this.#options
    if (socket.bufferedBytes > limits.hardBytes) {
      // Even the answers to its own messages pile up.
      const refused = { name: 'refused', what: 'plain', code: 'slow-reader' } as const
      this.#options.observe({ ...refused, channel: undefined, user: this.user })
      this.#letGo()
      return socket.close(closeOf('slow-reader'), 'slow-reader')
    }
    this.#send(ownText(endpoint.shape, { type, data }, { at: clock.now(), id: chance.token(12) }))
  }

  #send(text: string): void {
    if (this.#isOver) return
    this.#saidAt = this.#options.clock.monotonic()
    this.#options.socket.send(text)
  }

  #refuse(error: TidingsError): void {
    const { code, channel } = error
    this.#options.observe({ name: 'refused', what: 'plain', code, channel, user: this.user })
    this.#say('error', errorData(error))
  }

  #endWith(thrown: unknown, where: string): void {
    const { code, message } = toTidingsError(thrown, (error) =>
      this.#options.observe({ name: 'fault', where, error }),
    )
    this.end(code, message)
  }

  // ── What it says ──────────────────────────────────────────────────────────────────────────────────────────────────

  #take(message: PlainMessage, length: number): void {
    if (message.type === 'plain-pong') return
    // [CN8] The link lives, whatever the application takes its time for.
    if (message.type === 'plain-ping' && this.isKnown) return this.#say('pong', message.data)
    if (this.#state === 'strange') {
      if (message.type !== 'plain-auth')
        return this.end('unauthenticated', 'The first message is {"type": "auth", "token": …}.')
      this.#writes = this.#greet(message.token)
      return
    }
    // Such clients know no welcome: what they say at once waits until it is known who they are.
    if (this.#waiting >= (this.isKnown ? this.#options.limits.waitingFrames : STRANGERS_WAITING))
      return this.end('rate-limited', 'Too many messages wait.')
    if (this.#waitingLength + length > this.#options.limits.waitingLength)
      return this.end('rate-limited', 'What waits is too long.')
    this.#waiting++
    this.#waitingLength += length
    this.#writes = this.#writes
      .then(() => (this.#isOver ? undefined : this.#carryOut(message)))
      .catch((thrown) => {
        const report = (error: unknown) =>
          this.#options.observe({ name: 'fault', where: 'a message of a plain endpoint', error })
        if (!this.#isOver) this.#refuse(toTidingsError(thrown, report))
      })
      .finally(() => {
        this.#waiting--
        this.#waitingLength -= length
      })
  }

  async #carryOut(message: Exclude<PlainMessage, { readonly type: 'plain-pong' }>): Promise<void> {
    if (message.type === 'plain-ping') return this.#say('pong', message.data)
    if (message.type === 'plain-auth') return this.#renew(message.token)
    const { hub, endpoint, params } = this.#options
    const { event, data } = message
    const ref = endpoint.publish?.(params, event)
    if (!ref) throw new TidingsError('forbidden', `Nothing called "${event.slice(0, 80)}" can be sent here.`)
    if (!(await this.#may(this.#identity as Identity, ref, 'publish', event)))
      throw new TidingsError('forbidden', `You may not publish "${event.slice(0, 80)}" here.`)
    await hub.publish({ channel: ref.name, events: [{ type: event, data }] })
  }

  /** A fresh token for the same person. */
  async #renew(token: string): Promise<void> {
    const identity = await this.#identify(token)
    if (this.#isOver) return
    if (!identity || identity.user !== this.user)
      return this.end('unauthenticated', 'The fresh token was not accepted.')
    this.#identity = identity
    await this.#recheck(this.#options.clock.monotonic())
  }
}
