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
/** An alarm that rings this late means that it was this tab that did nothing. Milliseconds. */
const SLEPT_MS = 1_000

export class Watch {
  readonly #options: WatchOptions
  readonly #alarm: Alarm
  #heardAt = 0
  #ringsAt = 0
  #isAsking = false

  constructor(options: WatchOptions) {
    this.#options = options
    this.#alarm = new Alarm(options.clock, () => this.#rang())
  }

  /** The holder gives a sign of life. */
  heard(): void {
    this.#heardAt = this.#options.clock.monotonic()
    this.#isAsking = false
  }

  /** Somebody was told something that is to be answered. */
  expect(): void {
    this.#isAsking = true
    this.#set(ANSWER_MS + 1_000 * this.#options.chance.fraction())
  }

  /** Something is sent, of which one would like to know that it is heard. */
  used(): void {
    const { clock } = this.#options
    if (this.#alarm.isSet && !this.#isAsking && clock.monotonic() - this.#heardAt > ASK_IN_USE_MS) this.#ask()
  }

  stop(): void {
    this.#alarm.stop()
    this.#isAsking = false
  }

  #rang(): void {
    const { clock, chance, onSilent } = this.#options
    const now = clock.monotonic()
    const silentMs = now - this.#heardAt
    if (!this.#isAsking && silentMs < ASK_MS) this.#set(ASK_MS * (1 + chance.fraction()) - silentMs)
    else if (!this.#isAsking || now - this.#ringsAt > SLEPT_MS) this.#ask()
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
