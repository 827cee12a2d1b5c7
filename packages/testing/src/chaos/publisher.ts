// A backend that publishes over HTTP: one event after the other, each tried again until it has its answer, and
// recognisable by an Idempotency-Key or by the Producer headers.

import { systemClock } from '@tidings/core'
import type { Draw } from '../simulation/draw.ts'
import { channels, NUMBERS_PER_WRITER } from './contract.ts'
import { pause } from './proxy.ts'

export interface Posted {
  readonly n: number
  readonly channel: string
  /** Where the answer says that it is; undefined before the answer. */
  position: string | undefined
}

export interface PublisherOptions {
  /** From 1, counted with the clients. */
  readonly number: number
  readonly identity: 'key' | 'producer'
  readonly origin: string
  readonly apiKey: string
  readonly paceMs: number
  readonly draw: Draw
  /** Since when nothing can become durable, in monotonic milliseconds; undefined: it can. */
  readonly diskFailsSince: () => number | undefined
  readonly onFalseAnswer: (message: string) => void
}

/** Longer than the server takes for anything but a fault, in milliseconds. */
const ANSWER_MS = 2_000
const RETRY_MS = 150

export class Publisher {
  readonly posted: Posted[] = []
  readonly name: string
  /** Answers that said that the log cannot be written. */
  unavailable = 0
  readonly #options: PublisherOptions
  readonly #sequences = new Map<string, number>()
  #isResting = false
  #done: Promise<void> | undefined
  #isIdle = false

  constructor(options: PublisherOptions) {
    this.#options = options
    this.name = `backend ${options.number}`
  }

  get isIdle(): boolean {
    return this.#isIdle
  }

  start(): void {
    this.#done ??= this.#work()
  }

  rest(): void {
    this.#isResting = true
  }

  async #work(): Promise<void> {
    const { number, draw, paceMs } = this.#options
    for (let i = 1; !this.#isResting; i++) {
      const posted: Posted = {
        n: number * NUMBERS_PER_WRITER + i,
        channel: draw.one(channels),
        position: undefined,
      }
      this.posted.push(posted)
      const headers = this.#identityOf(posted)
      while (posted.position === undefined) {
        posted.position = await this.#post(posted, headers)
        if (posted.position === undefined) await pause(RETRY_MS)
      }
      await pause(paceMs * 2 * draw.fraction())
    }
    this.#isIdle = true
  }

  #identityOf({ n, channel }: Posted): Record<string, string> {
    if (this.#options.identity === 'key') return { 'Idempotency-Key': `event-${n}` }
    // Numbers are counted for each channel, from 0.
    const sequence = this.#sequences.get(channel) ?? 0
    this.#sequences.set(channel, sequence + 1)
    return { 'Producer-Id': this.name, 'Producer-Epoch': '0', 'Producer-Seq': String(sequence) }
  }

  async #post({ n, channel }: Posted, identity: Record<string, string>): Promise<string | undefined> {
    const { origin, apiKey, diskFailsSince, onFalseAnswer } = this.#options
    const beganAt = systemClock.monotonic()
    const abort = new AbortController()
    const stop = systemClock.setTimer(ANSWER_MS, () => abort.abort())
    try {
      const answer = await fetch(`${origin}/v1/channels/${encodeURIComponent(channel)}/events`, {
        method: 'POST',
        headers: { authorization: `Bearer ${apiKey}`, 'content-type': 'application/json', ...identity },
        body: JSON.stringify({ type: 'marked', data: { n } }),
        signal: abort.signal,
      })
      const body = (await answer.json()) as { position?: string; code?: string; detail?: string }
      if (answer.status === 503 && body.code === 'unavailable') this.unavailable++
      if (answer.status < 300) {
        const since = diskFailsSince()
        if (answer.status === 201 && since !== undefined && beganAt > since)
          onFalseAnswer(`${this.name} was told that ${n} is in ${channel} while nothing could become durable`)
        return body.position
      }
      // Anything below is for the client to mend, and this one has nothing to mend.
      if (answer.status < 500 && answer.status !== 429)
        onFalseAnswer(`${this.name} was refused ${n} with ${answer.status} ${body.code}: ${body.detail}`)
      return undefined
    } catch {
      // Cut, refused, silent: the same again.
      return undefined
    } finally {
      stop()
    }
  }
}
