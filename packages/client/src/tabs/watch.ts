// Whether the tab that holds the connection still lives: asks when nothing was heard of it, and tells when it does not
// answer. It is asked, and does not beat by itself, because the timers of a hidden tab may ring once a minute.

import type { Chance, Clock } from '@tidings/core'
import { Alarm } from '../alarm.ts'

export interface WatchOptions {
  readonly clock: Clock
  readonly chance: Chance
  readonly ask: () => void
  readonly onSilent: () => void
}

/** Silence after which it is asked, in milliseconds; up to twice that, so that one tab asks for all. */
const ASK_MS = 3_000
/** The same while this tab has something to send, in milliseconds. */
const ASK_IN_USE_MS = 1_000
/** What it may take for an answer, in milliseconds; up to 1,000 more, so that one tab steps in for all. */
const ANSWER_MS = 4_000
/** However long it was asked in vain before: a new question has at least this long to be answered. Milliseconds. */
const ANSWER_AT_LEAST_MS = 250
/** Questions that are further apart have nothing to do with one another. Milliseconds. */
const FORGET_MS = 10_000
/** An alarm that rings this late means that it was this tab that did nothing. Milliseconds. */
const SLEPT_MS = 1_000

export class Watch {
  readonly #options: WatchOptions
  readonly #alarm: Alarm
  #heardAt = 0
  #ringsAt = 0
  #isAsking = false
  #askedAt = 0
  /** How long it did not answer before, in milliseconds: a client that gives up sooner than this tab asks again and again. */
  #inVainMs = 0
  #stoppedAt = 0

  constructor(options: WatchOptions) {
    this.#options = options
    this.#alarm = new Alarm(options.clock, () => this.#rang())
  }

  /** The holder gives a sign of life. */
  heard(): void {
    this.#heardAt = this.#options.clock.monotonic()
    this.#isAsking = false
    this.#inVainMs = 0
  }

  /** Somebody was told something that is to be answered. */
  expect(): void {
    this.#count()
    const { clock, chance } = this.#options
    this.#askedAt = clock.monotonic()
    if (this.#askedAt - this.#stoppedAt > FORGET_MS) this.#inVainMs = 0
    this.#isAsking = true
    this.#set(Math.max(ANSWER_AT_LEAST_MS, ANSWER_MS + 1_000 * chance.fraction() - this.#inVainMs))
  }

  /** Something is sent, of which one would like to know that it is heard. */
  used(): void {
    const { clock } = this.#options
    if (this.#alarm.isSet && !this.#isAsking && clock.monotonic() - this.#heardAt > ASK_IN_USE_MS) this.#ask()
  }

  /** Nobody wants to know any more. How long it was silent is remembered for a while. */
  stop(): void {
    this.#count()
    this.#alarm.stop()
  }

  #count(): void {
    if (!this.#isAsking) return
    this.#isAsking = false
    this.#stoppedAt = this.#options.clock.monotonic()
    if (this.#hasSlept()) this.#inVainMs = 0
    else this.#inVainMs += this.#stoppedAt - this.#askedAt
  }

  #hasSlept(): boolean {
    return this.#options.clock.monotonic() - this.#ringsAt > SLEPT_MS
  }

  #rang(): void {
    const { clock, chance, onSilent } = this.#options
    const now = clock.monotonic()
    const silentMs = now - this.#heardAt
    if (!this.#isAsking && silentMs < ASK_MS) this.#set(ASK_MS * (1 + chance.fraction()) - silentMs)
    else if (!this.#isAsking || this.#hasSlept()) this.#ask()
    else onSilent()
  }

  #ask(): void {
    this.expect()
    this.#options.ask()
  }

  #set(delayMs: number): void {
    this.#ringsAt = this.#options.clock.monotonic() + delayMs
    this.#alarm.set(Math.round(delayMs))
  }
}
