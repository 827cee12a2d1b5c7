// One channel of one connection: what its cursor says, as frames.

import { type Cancel, type ChannelRef, formatPosition, type Position, type TidingsError } from '@tidings/core'
import type { EntryBatch } from './batch.ts'
import type { StoredSnapshot } from './broker.ts'
import type { Cursor } from './cursor.ts'
import type { Outbound } from './outbound.ts'
import type { Reader, ResetAnswer, SubscribedAnswer } from './reader.ts'

export interface SubscriptionOptions {
  /** The client's number of the request. */
  readonly id: number
  readonly ref: ChannelRef
  readonly outbound: Outbound
  /** The verdict was given: entries follow. */
  readonly onSubscribed: () => void
  readonly onEnded: (error: TidingsError) => void
}

export class Subscription implements Reader {
  readonly ref: ChannelRef
  /** Given once the channel is open on this node. */
  cursor: Cursor | undefined
  isClosed = false
  readonly #options: SubscriptionOptions
  readonly #channelJson: string

  constructor(options: SubscriptionOptions) {
    this.#options = options
    this.ref = options.ref
    this.#channelJson = JSON.stringify(options.ref.name)
  }

  get isFull(): boolean {
    return !this.#options.outbound.hasRoom()
  }

  reserve(length: number): Cancel | undefined {
    return this.#options.outbound.reserve(length)
  }

  close(): void {
    this.isClosed = true
    this.cursor?.close()
  }

  subscribed(answer: SubscribedAnswer): void {
    const { id, outbound, onSubscribed } = this.#options
    const reason = answer.verdict === 'reset' ? `,"reason":"${answer.reason}"` : ''
    outbound.send(
      `{"type":"subscribed","id":${id},"channel":${this.#channelJson},"verdict":"${answer.verdict}"${reason},` +
        `"position":"${formatPosition(answer.position)}","behind":${answer.behind}${snapshotField(answer.snapshot)}}`,
    )
    onSubscribed()
  }

  entries(batch: EntryBatch, isReplay: boolean): void {
    this.#options.outbound.send(batch.frame(isReplay), batch.bytes)
  }

  live(position: Position): void {
    this.#options.outbound.send(
      `{"type":"live","channel":${this.#channelJson},"position":"${formatPosition(position)}"}`,
    )
  }

  behind(): void {
    this.#options.outbound.send(`{"type":"behind","channel":${this.#channelJson}}`)
  }

  reset(answer: ResetAnswer): void {
    this.#options.outbound.send(
      `{"type":"reset","channel":${this.#channelJson},"reason":"${answer.reason}",` +
        `"position":"${formatPosition(answer.position)}"${snapshotField(answer.snapshot)}}`,
    )
  }

  ended(error: TidingsError): void {
    this.#options.onEnded(error)
  }
}

/** The state is JSON text already: it goes through as it is. */
function snapshotField(snapshot: StoredSnapshot | undefined): string {
  if (!snapshot) return ''
  return `,"snapshot":{"position":"${formatPosition(snapshot.position)}","version":${snapshot.version},"state":${snapshot.state}}`
}
