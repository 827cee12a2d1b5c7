// A channel's place on the connection: subscribes while anything holds it, again after every drop, and anew from its
// last entry when one is missing. What arrives in order goes to the reader.

import {
  backoffDelayMs,
  type Cancel,
  formatPosition,
  type Position,
  parsePosition,
  type ResetReason,
  type ServerFrame,
  type SubscribeRequest,
  TidingsError,
  type WireEntry,
  type WireSnapshot,
} from '@tidings/core'
import { Alarm } from './alarm.ts'
import { Cursor, type Verdict } from './cursor.ts'
import type { Link } from './link.ts'
import { type Answer, problemOf } from './requests.ts'

/** Frames about one channel that nobody asked for one by one. */
export type ChannelFrame = Extract<
  ServerFrame,
  {
    readonly type:
      | 'entries'
      | 'live'
      | 'behind'
      | 'reset'
      | 'unsubscribed'
      | 'presence'
      | 'presenceChange'
      | 'signal'
  }
>
type LogFrame = Exclude<ChannelFrame, { readonly type: 'presence' | 'presenceChange' | 'signal' }>

export interface ReceivedEntry {
  readonly epoch: string
  readonly entry: WireEntry
  readonly isReplay: boolean
}

export interface Reader {
  /** What to ask for besides the place in the log. */
  wants(): Pick<SubscribeRequest, 'state' | 'presence'> & {
    /** Where to begin when there is no place to go on from. */
    readonly after: 'now' | 'start' | undefined
    /** Whether what was built so far can go on from the cursor's place. */
    readonly canResume: boolean
  }
  /** A reset that does not end what the reader has: it asks from another place instead. */
  passesOver(reason: ResetReason): boolean
  /** The channel begins at the verdict's position; what was built before does not go on. */
  began(verdict: Exclude<Verdict, { readonly name: 'resumed' }>, snapshot: WireSnapshot | undefined): void
  /** It goes on from `at`, the cursor's place; `behind` entries follow. */
  resumed(at: Position, behind: number): void
  /** Each entry once, in order; from an earlier one on after `goTo`. */
  received(entry: ReceivedEntry): void
  /** Everything up to the log's head was received. */
  caughtUp(head: Position): void
  /** The continuity may have changed. */
  changed(): void
  /** Nothing holds the channel any more. */
  released(): void
}

/** How long a channel that nobody holds stays subscribed, in milliseconds: a remount, or the next page, takes it over. */
const LINGER_MS = 1_000

export class Subscription {
  readonly cursor = new Cursor()
  readonly #name: string
  readonly #link: Link
  readonly #reader: Reader
  readonly #linger: Alarm
  readonly #retry: Alarm
  #holds = 0
  #isOpen = false
  /** Its standing on this connection. Only what arrives while it is joined counts. */
  #stage: 'none' | 'asked' | 'joined' | 'leaving' = 'none'
  /** A subscribe has to be sent. */
  #isDue = false
  #request: number | undefined
  /** Asked for instead of the cursor's place. */
  #proof: Position | undefined
  #failures = 0

  constructor(name: string, link: Link, reader: Reader) {
    this.#name = name
    this.#link = link
    this.#reader = reader
    this.#linger = new Alarm(link.clock, () => this.#release())
    this.#retry = new Alarm(link.clock, () => this.again())
  }

  /** Whether something holds the channel, or did a moment ago. */
  get isOpen(): boolean {
    return this.#isOpen
  }

  /** Whether what arrives now belongs to the subscription that it has [SB9]. */
  get isJoined(): boolean {
    return this.#stage === 'joined'
  }

  /** Whether there is nothing left to do for it. */
  get isOver(): boolean {
    return !this.#isOpen && this.#stage !== 'leaving'
  }

  /** Keeps the channel subscribed until the returned function is called. */
  hold(): Cancel {
    this.#holds++
    this.#linger.stop()
    if (!this.#isOpen && !this.#link.isClosed) this.#open()
    let isHeld = true
    return () => {
      if (!isHeld) return
      isHeld = false
      if (--this.#holds > 0) return
      if (this.#link.isClosed) this.#release()
      else this.#linger.set(LINGER_MS)
    }
  }

  /** Subscribes again, from the last entry. */
  again(): void {
    if (!this.#isOpen) return
    this.#isDue = true
    this.#link.schedule()
  }

  /** Subscribes again from `position`, which was passed before: the server says whether the log still has it. */
  goTo(position: Position): void {
    this.cursor.position = position
    // What is still to come of the old one does not follow it.
    if (this.#stage === 'joined') this.#stage = 'asked'
    this.again()
  }

  /** Asks whether the log has `position`, which lies ahead: a reset says that it does not. */
  prove(position: Position): void {
    this.#proof = position
    this.again()
  }

  /** Sends what is due. */
  sync(): void {
    if (this.#isDue) this.#link.send({ type: 'subscribe', ...this.request() })
    if (this.#stage === 'leaving') {
      this.#stage = 'none'
      this.#link.send({ type: 'unsubscribe', id: this.#link.requests.open(), channel: this.#name })
    }
  }

  /** The request as it is to be sent now. Until its answer, frames of this channel belong to an earlier one [SB9]. */
  request(): SubscribeRequest {
    const { after, canResume, ...wants } = this.#reader.wants()
    const position = this.#proof ?? this.cursor.position
    const from = position && canResume ? formatPosition(position) : after
    this.#link.requests.drop(this.#request)
    const id = this.#link.requests.open((answer) => this.#answered(id, answer))
    this.#isDue = false
    this.#stage = 'asked'
    this.#request = id
    return { id, channel: this.#name, ...(from && { after: from }), ...wants }
  }

  /** The request did not fit into the hello: it is sent after the welcome. */
  postpone(): void {
    this.#isDue = true
  }

  /** The connection has ended. What was denied is asked for again on the next one: it may be somebody else's. */
  dropped(): void {
    this.#stage = 'none'
    this.#isDue = this.#isOpen
    this.#failures = 0
    this.#retry.stop()
    this.cursor.pause()
    this.#reader.changed()
  }

  /** No connection is wanted: nothing lingers and nothing is tried again. */
  rest(): void {
    this.#retry.stop()
    if (this.#linger.isSet) this.#release()
  }

  take(frame: LogFrame): void {
    if (this.#stage !== 'joined') return
    switch (frame.type) {
      case 'entries':
        this.#entries(frame)
        break
      case 'live':
        this.#live(frame.position)
        break
      case 'behind':
        this.cursor.catchUp()
        break
      case 'reset': {
        const position = parsePosition(frame.position)
        if (!position) return this.#failed(badPosition(this.#name))
        this.#begin({ name: 'reset', position, reason: frame.reason }, 0, frame.snapshot)
        break
      }
      case 'unsubscribed':
        if (frame.code !== undefined) this.#failed(problemOf(frame))
        break
    }
    this.#reader.changed()
  }

  #open(): void {
    this.#isOpen = true
    this.cursor.join()
    this.#reader.changed()
    this.again()
    this.#link.want()
  }

  #release(): void {
    if (!this.#isOpen) return
    this.#isOpen = false
    this.#linger.stop()
    this.#retry.stop()
    this.#stage = this.#stage === 'none' ? 'none' : 'leaving'
    this.#isDue = false
    this.#proof = undefined
    this.cursor.release()
    this.#link.schedule()
    this.#reader.released()
    this.#reader.changed()
  }

  #answered(id: number, answer: Answer): void {
    if (this.#stage !== 'asked' || id !== this.#request) return
    if (answer.type !== 'subscribed') this.#failed(problemOf(answer))
    else {
      const position = parsePosition(answer.position)
      if (!position) this.#failed(badPosition(this.#name))
      else {
        const { verdict, behind, reason = 'epoch', snapshot } = answer
        const isProven = this.#proof !== undefined && verdict === 'resumed'
        this.#proof = undefined
        if (isProven) return this.again()
        this.#stage = 'joined'
        if (verdict === 'reset') this.#begin({ name: verdict, position, reason }, behind, snapshot)
        else if (verdict === 'fresh' || !this.cursor.position)
          this.#begin({ name: 'fresh', position }, behind, snapshot)
        else {
          const { position: at } = this.cursor
          this.cursor.answered({ name: 'resumed', position: at, behind }, behind)
          this.#reader.resumed(at, behind)
        }
      }
    }
    this.#reader.changed()
  }

  #begin(
    verdict: Exclude<Verdict, { readonly name: 'resumed' }>,
    behind: number,
    snapshot: WireSnapshot | undefined,
  ): void {
    if (verdict.name === 'reset' && this.#reader.passesOver(verdict.reason)) return
    this.cursor.answered(verdict, behind)
    this.#reader.began(verdict, snapshot)
  }

  #entries({
    epoch,
    entries,
    replay: isReplay = false,
  }: Extract<ChannelFrame, { readonly type: 'entries' }>): void {
    for (const entry of entries) {
      // A listener may have ended the connection, or the subscription.
      if (this.#stage !== 'joined') return
      const place = this.cursor.accept(epoch, entry)
      if (place === 'hole') return this.#repair()
      if (place === 'seen') continue
      this.#failures = 0
      this.#reader.received({ epoch, entry, isReplay })
    }
  }

  #live(text: string): void {
    const position = parsePosition(text)
    if (!position) return this.#failed(badPosition(this.#name))
    if (!this.cursor.reached(position)) return this.#repair()
    this.#failures = 0
    this.#reader.caughtUp(position)
  }

  /** Something is missing: asks from the last entry on. The second time without one in between, not at once. */
  #repair(): void {
    this.#stage = 'none'
    if (this.#failures++ === 0) return this.again()
    this.#wait(undefined)
  }

  #failed(error: TidingsError): void {
    if (error.retry === 'never') {
      this.#stage = 'none'
      this.cursor.deny(error)
      // [SB11] Another channel may make room: the one refusal that lasts no longer than its cause.
      if (error.code !== 'too-many-channels') return
    }
    this.#failures++
    this.cursor.pause()
    this.#wait(error.retryAfterMs)
  }

  #wait(retryAfterMs: number | undefined): void {
    const { backoff, chance } = this.#link
    this.#stage = 'none'
    this.#retry.set(retryAfterMs ?? backoffDelayMs(backoff, this.#failures, chance))
  }
}

function badPosition(channel: string): TidingsError {
  return new TidingsError('internal', 'The server gave a position that is none.', { channel })
}
