// One reader of a channel by server-sent events [HT6]: what its cursor says, as text that EventSource understands.
// An `id` is a position, so a reader that comes back goes on without a hole.

import { formatPosition, type Position, type ResetReason, type TidingsError } from '@tidings/core'
import type { EntryBatch } from '../batch.ts'
import type { Follower } from '../hub.ts'
import type { Reader, ResetAnswer, SubscribedAnswer } from '../reader.ts'
import type { StreamHandlers, StreamSink } from './exchange.ts'
import { problemAnswer } from './problem.ts'

export interface EventStreamOptions {
  /** How long a reader waits before it comes back after the stream has ended, in milliseconds. */
  readonly retryMs: number
  readonly onClosed: (stream: EventStream) => void
}

export class EventStream implements Reader, StreamHandlers {
  readonly #options: EventStreamOptions
  #sink: StreamSink | undefined
  /** What the cursor says before the head of the answer is written: the verdict, and at most one page. */
  #early: string
  #follower: Follower | undefined
  #isClosed = false

  constructor(options: EventStreamOptions) {
    this.#options = options
    this.#early = `retry: ${options.retryMs}\n`
  }

  get isFull(): boolean {
    return this.#sink ? this.#sink.isFull : this.#early.includes('\ndata: ')
  }

  /** Its cursor is the only one. */
  reserve(): () => void {
    return () => {}
  }

  /** It may have ended while the follower was made. */
  follow(follower: Follower): void {
    this.#follower = follower
    if (this.#isClosed) follower.close()
  }

  open(sink: StreamSink): void {
    this.#sink = sink
    sink.write(this.#early)
    this.#early = ''
    if (this.#isClosed) sink.end()
    else if (!sink.isFull) this.#follower?.drained()
  }

  /** Keeps proxies from taking a quiet stream for a dead one. */
  beat(): void {
    if (this.#sink && !this.#sink.isFull) this.#sink.write(':\n\n')
  }

  subscribed(answer: SubscribedAnswer): void {
    if (answer.verdict === 'reset') this.#writeReset(answer.reason, answer.position)
    // Without data no event is dispatched, but the reader knows its position before the first entry comes.
    else this.#write(`id: ${formatPosition(answer.position)}\n\n`)
  }

  entries(batch: EntryBatch): void {
    let text = ''
    for (const { offset, tag, json } of batch.entries)
      text += `id: ${batch.epoch}:${offset}:${tag}\nevent: message\ndata: ${json}\n\n`
    this.#write(text)
  }

  live(): void {}

  behind(): void {}

  reset({ reason, position }: ResetAnswer): void {
    this.#writeReset(reason, position)
  }

  /** Tells the reader why, and when to come back. */
  ended(error: TidingsError): void {
    const retry = error.retryAfterMs === undefined ? '' : `retry: ${error.retryAfterMs}\n`
    this.#write(`${retry}event: ended\ndata: ${problemAnswer(error).body.trim()}\n\n`)
    this.#sink?.end()
    this.closed()
  }

  drained(): void {
    this.#follower?.drained()
  }

  closed(): void {
    if (this.#isClosed) return
    this.#isClosed = true
    this.#follower?.close()
    this.#options.onClosed(this)
  }

  /** For a reader that no longer reads. */
  destroy(): void {
    this.#sink?.destroy()
    this.closed()
  }

  #writeReset(reason: ResetReason, position: Position): void {
    const at = formatPosition(position)
    this.#write(`id: ${at}\nevent: reset\ndata: ${JSON.stringify({ reason, position: at })}\n\n`)
  }

  #write(text: string): void {
    if (this.#isClosed) return
    if (this.#sink) this.#sink.write(text)
    else this.#early += text
  }
}
