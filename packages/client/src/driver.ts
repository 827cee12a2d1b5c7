// Carries out what connection.ts decides: tokens, sockets, pings, the timer; and moves frames both ways. Knows nothing
// of channels and writes: their frames go to and come from the switchboard.

import {
  type Chance,
  type ClientFrame,
  type Clock,
  joinFrames,
  type Socket,
  type SocketHandlers,
  SUBPROTOCOL,
  type SubscribeRequest,
  TidingsError,
} from '@tidings/core'
import { Alarm } from './alarm.ts'
import {
  type Circumstances,
  type Connection,
  type ConnectionRules,
  type ConnectionState,
  type Effect,
  type Input,
  initialConnection,
  isSignedOut,
  transition,
} from './connection.ts'
import { readFrame, type SessionFrame } from './frame.ts'
import type { Dial, Lifecycle } from './ports.ts'
import { problemOf } from './requests.ts'
import { type Batch, type Source, Value } from './source.ts'

export interface TokenRequest {
  /** Before a dial; because the server refused the last one; because the last one ends soon. */
  readonly reason: 'connect' | 'refused' | 'expiring'
  readonly signal: AbortSignal
}

export type GetToken = (request: TokenRequest) => string | undefined | Promise<string | undefined>

/** What the frames of a connection are about. */
export interface Switchboard {
  /** Secret name of this writer: the same across connections. */
  producer(): string
  /** What the hello asks for: as many as fit into `maxLength` characters. */
  subscriptions(maxLength: number): readonly SubscribeRequest[]
  welcomed(you: string, user: string | undefined): void
  received(frame: SessionFrame): void
  /** The frames of this turn are about to leave: the last moment to send more. */
  gather(): void
  dropped(): void
}

export interface DriverOptions {
  readonly url: string
  readonly token: GetToken | undefined
  readonly rules: ConnectionRules
  readonly clock: Clock
  readonly chance: Chance
  readonly dial: Dial
  readonly lifecycle: Lifecycle
  readonly batch: Batch
  readonly report: (error: TidingsError) => void
}

/** [CN3] A hello may have 16 KB; what it holds is ASCII, but for a token perhaps. */
const MAX_HELLO_LENGTH = 15_000
/** [CN6] Frames go together up to this length: even as UTF-8, three bytes a character, it stays under the server's 64 KB. */
const MAX_JOINED_LENGTH = 16_384
/** A timer that is this late, in milliseconds, means that the device slept. */
const SLEPT_MS = 30_000

export class Driver {
  readonly connection: Source<ConnectionState>
  readonly #options: DriverOptions
  readonly #switchboard: Switchboard
  readonly #shown: Value<ConnectionState>
  readonly #alarm: Alarm
  #state: Connection = initialConnection
  /** Counts tokens and sockets: what an earlier one still says is not heard. */
  #generation = 0
  #abort: AbortController | undefined
  #socket: Socket | undefined
  #stopHints: (() => void) | undefined
  #complaint: TidingsError | undefined
  #outgoing: string[] = []
  #isScheduled = false
  #isRefreshing = false
  #heardAt = 0
  #saidAt = 0
  #due = { elapsed: 0, wall: 0 }

  constructor(options: DriverOptions, switchboard: Switchboard) {
    this.#options = options
    this.#switchboard = switchboard
    this.#alarm = new Alarm(options.clock, () => this.#rang())
    this.connection = this.#shown = new Value(options.batch, () => this.#state.shown)
  }

  get isOnline(): boolean {
    return this.#state.name === 'online'
  }

  /** What has to be sent leaves at the end of this turn, as one message. */
  schedule(): void {
    if (this.#isScheduled || !this.isOnline) return
    this.#isScheduled = true
    this.#options.clock.endOfTurn(() => {
      this.#isScheduled = false
      this.#options.batch.run(() => this.#flush())
    })
  }

  /** Sends the frame, or its text, at the end of this turn; dropped when there is no connection. */
  send(frame: ClientFrame | string): void {
    if (!this.isOnline) return
    this.#outgoing.push(typeof frame === 'string' ? frame : JSON.stringify(frame))
    this.schedule()
  }

  tell(input: Extract<Input, { readonly type: 'wanted' | `${string}Asked` }>): void {
    this.#input(input)
  }

  #input(input: Input): void {
    const { batch } = this.#options
    batch.run(() => {
      const before = this.#state
      const [state, effects] = transition(before, input, this.#circumstances())
      this.#state = state
      if (state.shown !== before.shown) this.#shown.changed()
      if (before.name === 'online' && state.name !== 'online') this.#leave()
      for (const effect of effects) this.#perform(effect)
      this.#listenForHints()
    })
  }

  #circumstances(): Circumstances {
    const { rules, chance, clock, lifecycle } = this.#options
    const isOnline = lifecycle.isOnline()
    return {
      rules,
      chance,
      now: clock.now(),
      elapsed: clock.monotonic(),
      heardAt: this.#heardAt,
      saidAt: this.#saidAt,
      isOnline,
    }
  }

  #perform(effect: Effect): void {
    switch (effect.type) {
      case 'askToken':
        if (this.#abandon()) void this.#askToken(effect.reason)
        break
      case 'dial':
        this.#dial(effect.token)
        break
      case 'hangUp':
        this.#abandon()
        break
      case 'ping':
        this.send({ type: 'ping' })
        break
      case 'setTimer':
        this.#setTimer(effect.delayMs)
        break
    }
  }

  /**
   * Leaves the token and the socket that there are: nothing of them is heard any more. False: the app, which is told
   * when a token is not wanted any more, has decided otherwise meanwhile.
   */
  #abandon(): boolean {
    const generation = ++this.#generation
    this.#socket?.close(1000, '')
    this.#socket = undefined
    this.#abort?.abort()
    return generation === this.#generation
  }

  /** What was written before the connection ended by our own choice still leaves. */
  #leave(): void {
    this.#write()
    this.#isRefreshing = false
    this.#switchboard.dropped()
  }

  /** The platform is only listened to while a connection is wanted. */
  #listenForHints(): void {
    const isWanted = this.#state.name !== 'off'
    if (isWanted)
      this.#stopHints ??= this.#options.lifecycle.subscribe((hint) => this.#input({ type: 'hinted', hint }))
    else {
      this.#stopHints?.()
      this.#stopHints = undefined
    }
  }

  // ── Time ────────────────────────────────────────────────────────────────────────────────────────────────────────────

  #setTimer(delayMs: number | undefined): void {
    if (delayMs === undefined) return this.#alarm.stop()
    const { clock } = this.#options
    this.#due = { elapsed: clock.monotonic() + delayMs, wall: clock.now() + delayMs }
    this.#alarm.set(delayMs)
  }

  #rang(): void {
    const { clock } = this.#options
    const lateMs = Math.max(clock.monotonic() - this.#due.elapsed, clock.now() - this.#due.wall)
    this.#input(
      this.isOnline && lateMs > SLEPT_MS ? { type: 'hinted', hint: 'resumed' } : { type: 'timerFired' },
    )
  }

  // ── Token and socket ────────────────────────────────────────────────────────────────────────────────────────────────

  async #askToken(reason: TokenRequest['reason']): Promise<void> {
    const generation = this.#generation
    const { signal } = (this.#abort = new AbortController())
    try {
      const token = await this.#options.token?.({ reason, signal })
      if (generation === this.#generation) this.#input({ type: 'tokenArrived', token })
    } catch (error) {
      if (generation !== this.#generation) return
      if (!isSignedOut(error)) this.#report(error, `The token could not be had: ${messageOf(error)}`)
      this.#input({ type: 'tokenFailed', error })
    }
  }

  #dial(token: string | undefined): void {
    const { dial, url } = this.#options
    const generation = this.#generation
    const isCurrent = () => generation === this.#generation
    this.#complaint = undefined
    let isOpen = false
    const greet = () => isCurrent() && isOpen && this.#socket && this.#greet(token)
    const handlers: SocketHandlers = {
      opened: () => {
        isOpen = true
        greet()
      },
      received: (text) => isCurrent() && this.#received(text, isCurrent),
      drained: () => {},
      closed: (code, reason) => isCurrent() && this.#closed(code, reason),
    }
    try {
      const socket = dial(url, [SUBPROTOCOL], handlers)
      // A dial may succeed, or fail and the next one begin, before it has returned.
      if (!isCurrent()) return socket.close(1000, '')
      this.#socket = socket
      greet()
    } catch (error) {
      if (isCurrent()) this.#input({ type: 'dialFailed', error })
    }
  }

  #closed(code: number, reason: string): void {
    this.#socket = undefined
    this.#input({ type: 'socketClosed', code, reason, complaint: this.#complaint })
  }

  #greet(token: string | undefined): void {
    const { clock } = this.#options
    const hello = { type: 'hello', producer: this.#switchboard.producer(), ...(token && { token }) } as const
    const subscribe = this.#switchboard.subscriptions(MAX_HELLO_LENGTH - JSON.stringify(hello).length)
    this.#socket?.send(JSON.stringify(subscribe.length > 0 ? { ...hello, subscribe } : hello))
    this.#saidAt = clock.monotonic()
  }

  async #refresh(): Promise<void> {
    const generation = this.#generation
    if (this.#isRefreshing || !this.#abort) return
    this.#isRefreshing = true
    try {
      const token = await this.#options.token?.({ reason: 'expiring', signal: this.#abort.signal })
      if (generation === this.#generation && token) this.send({ type: 'auth', token })
    } catch (error) {
      // The server ends the connection when the old token has ended; then a fresh one is asked for again.
      if (generation === this.#generation)
        this.#report(error, `The token could not be renewed: ${messageOf(error)}`)
    }
    if (generation === this.#generation) this.#isRefreshing = false
  }

  // ── Frames ──────────────────────────────────────────────────────────────────────────────────────────────────────────

  #received(text: string, isCurrent: () => boolean): void {
    const { batch, clock, report } = this.#options
    this.#heardAt = clock.monotonic()
    batch.hear(() => {
      for (const value of valuesOf(text)) {
        // An earlier frame of this message may have ended the connection.
        if (!isCurrent()) return
        const frame = readFrame(value)
        if (frame) this.#take(frame)
        else report(new TidingsError('bad-frame', `The server sent what is no frame: ${text.slice(0, 200)}`))
      }
    })
  }

  #take(frame: SessionFrame): void {
    switch (frame.type) {
      case 'welcome':
        if (this.isOnline) return
        this.#input({ type: 'welcomed', welcome: frame })
        this.#switchboard.welcomed(frame.you, frame.user)
        return this.schedule()
      case 'pong':
        return this.#input({ type: 'ponged' })
      case 'drain':
        if (!this.isOnline) return
        this.#switchboard.gather()
        return this.#input({ type: 'drainAnnounced', retryAfterMs: frame.retryAfterMs })
      case 'refresh':
        return void this.#refresh()
      case 'error':
        if (frame.id === undefined && frame.channel === undefined) {
          this.#complaint = problemOf(frame)
          // The others end the connection, and its state tells.
          if (this.#complaint.retry === 'never') this.#options.report(this.#complaint)
          return
        }
    }
    if (this.isOnline) this.#switchboard.received(frame)
  }

  #flush(): void {
    if (!this.isOnline) return
    this.#switchboard.gather()
    this.#write()
  }

  #write(): void {
    let message: string[] = []
    let length = 0
    for (const text of this.#outgoing.splice(0)) {
      if (length > 0 && length + text.length > MAX_JOINED_LENGTH) {
        this.#socket?.send(joinFrames(message))
        message = []
        length = 0
      }
      message.push(text)
      length += text.length
    }
    if (message.length === 0) return
    this.#socket?.send(joinFrames(message))
    this.#saidAt = this.#options.clock.monotonic()
  }

  #report(error: unknown, message: string): void {
    this.#options.report(
      error instanceof TidingsError ? error : new TidingsError('internal', message, { cause: error }),
    )
  }
}

/** The frames of a message; for one that is not JSON, a value that is none. */
function valuesOf(text: string): readonly unknown[] {
  try {
    return [JSON.parse(text)].flat()
  } catch {
    return [text]
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
