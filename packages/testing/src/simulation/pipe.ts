// One direction of a connection: messages arrive in order, each after its latency, when the receiver reads them. What
// the receiver has not read beyond the kernels' window lies in the sender's process.

import type { Chance } from '@tidings/core'
import type { Machine } from './machine.ts'
import type { Timeline } from './timeline.ts'

export type Parcel =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'close'; readonly code: number; readonly reason: string }

export interface PipeOptions {
  readonly timeline: Timeline
  readonly chance: Chance
  readonly receiver: Machine
  /** Typical time of a message on its way, in milliseconds. */
  readonly latencyMs: number
  /** Bytes that the kernels hold between the two processes. */
  readonly windowBytes: number
  readonly onArrived: (parcel: Parcel) => void
  /** The sender's buffer has become empty. */
  readonly onDrained: () => void
}

export class Pipe {
  readonly #options: PipeOptions
  readonly #queue: { readonly parcel: Parcel; readonly at: number }[] = []
  #unread = 0
  #lastArrival = 0
  #lastRead = 0
  #isReading = false
  #isStalled = false
  #isLost = false
  /** A slow reader takes one message in this time, in milliseconds. */
  #readEveryMs = 0
  #extraMs = 0

  constructor(options: PipeOptions) {
    this.#options = options
  }

  /** Bytes that have not left the sender's process. Everything here is ASCII. */
  get bufferedBytes(): number {
    return Math.max(0, this.#unread - this.#options.windowBytes)
  }

  get isEmpty(): boolean {
    return this.#queue.length === 0
  }

  send(parcel: Parcel): void {
    const { timeline, chance, latencyMs } = this.#options
    const tookMs = latencyMs * (0.5 + chance.fraction()) + this.#extraMs
    this.#lastArrival = Math.max(this.#lastArrival, timeline.now + tookMs)
    this.#queue.push({ parcel, at: this.#lastArrival })
    if (parcel.kind === 'text') this.#unread += parcel.text.length
    this.#read()
  }

  /** Nothing passes until `resume`; nothing is lost. */
  stall(): void {
    this.#isStalled = true
  }

  resume(): void {
    this.#isStalled = false
    this.#readEveryMs = 0
    this.#extraMs = 0
    this.#read()
  }

  /** From now on messages take this much longer. */
  delay(extraMs: number): void {
    this.#extraMs = extraMs
  }

  /** From now on the receiver takes one message in this time. */
  slow(readEveryMs: number): void {
    this.#readEveryMs = readEveryMs
  }

  /** Nothing passes any more; the sender is none the wiser, and its buffer fills. */
  lose(): void {
    this.#isLost = true
  }

  #read(): void {
    const next = this.#queue[0]
    if (!next || this.#isReading || this.#isStalled || this.#isLost) return
    const { timeline, receiver } = this.#options
    this.#isReading = true
    timeline.at(Math.max(next.at, this.#lastRead + this.#readEveryMs), () =>
      receiver.run(() => this.#arrive()),
    )
  }

  #arrive(): void {
    this.#isReading = false
    if (this.#isStalled || this.#isLost) return
    const { timeline, onArrived, onDrained } = this.#options
    const next = this.#queue.shift()
    if (!next) return
    const wasBuffered = this.bufferedBytes > 0
    if (next.parcel.kind === 'text') this.#unread -= next.parcel.text.length
    this.#lastRead = timeline.now
    onArrived(next.parcel)
    if (wasBuffered && this.bufferedBytes === 0) timeline.after(0, onDrained)
    this.#read()
  }
}
