// This client's own presence in a channel: entered while anything in the app says so, again on every connection, with
// the latest state. A change of state within a turn is an update, not a leave and a join [PR1].

import { backoffDelayMs, type Cancel } from '@tidings/core'
import { Alarm } from './alarm.ts'
import type { Link } from './link.ts'
import { type Answer, problemOf } from './requests.ts'

/** Changes of state are sent at most this often, in milliseconds: the latest wins. */
const INTERVAL_MS = 50

export class Attendance {
  readonly #channel: string
  readonly #link: Link
  readonly #pace: Alarm
  /** What each part of the app says, as JSON; the last one counts. */
  readonly #states = new Map<symbol, string>()
  /** What the server was told on this connection. */
  #told: string | undefined
  #request: number | undefined
  #failures = 0

  constructor(channel: string, link: Link) {
    this.#channel = channel
    this.#link = link
    this.#pace = new Alarm(link.clock, () => link.schedule())
  }

  /** Whether there is nothing left to do for it. */
  get isOver(): boolean {
    return this.#states.size === 0 && this.#told === undefined
  }

  enter(state: string): Cancel {
    const key = Symbol()
    this.#states.set(key, state)
    this.#link.want()
    this.#link.schedule()
    return () => {
      if (this.#states.delete(key)) this.#link.schedule()
    }
  }

  /** Sends what is due. */
  sync(): void {
    const state = [...this.#states.values()].at(-1)
    if (state === this.#told) return
    if (state === undefined) {
      this.rest()
      this.#link.send({ type: 'leave', channel: this.#channel })
    } else if (!this.#pace.isSet) {
      this.#pace.set(INTERVAL_MS)
      this.#told = state
      const id = this.#link.requests.open((answer) => this.#answered(id, answer))
      this.#request = id
      const channel = JSON.stringify(this.#channel)
      this.#link.send(`{"type":"enter","id":${id},"channel":${channel},"state":${state}}`)
    }
  }

  /** The connection has ended, or none is wanted: on the next one it enters anew. */
  rest(): void {
    this.#told = undefined
    this.#failures = 0
    this.#pace.stop()
  }

  #answered(id: number, answer: Answer): void {
    if (id !== this.#request) return
    if (answer.type === 'entered') {
      this.#failures = 0
      return
    }
    const error = problemOf(answer)
    this.#link.report(error)
    if (error.retry === 'never') return
    const { backoff, chance } = this.#link
    this.#told = undefined
    this.#pace.set(error.retryAfterMs ?? backoffDelayMs(backoff, ++this.#failures, chance))
  }
}
