// One channel of one connection: what its cursor says, as frames.

import {
  type Cancel,
  type ChannelRef,
  type ClientFrame,
  formatPosition,
  type Position,
  type TidingsError,
} from '@tidings/core'
import type { EntryBatch } from './batch.ts'
import type { StoredSnapshot } from './broker.ts'
import type { Cursor } from './cursor.ts'
import { endedFrame, errorFrame } from './error-frame.ts'
import type { Outbound } from './outbound.ts'
import type { Reader, ResetAnswer, SubscribedAnswer } from './reader.ts'

export type SubscribeFrame = Extract<ClientFrame, { readonly type: 'subscribe' }>

/** Whose subscription it is. */
export interface SubscriptionOwner {
  readonly outbound: Outbound
  /** The verdict was given: entries follow. */
  begun(subscription: Subscription): void
  ended(subscription: Subscription, error: TidingsError): void
}

export class Subscription implements Reader {
  readonly ref: ChannelRef
  /** How much the client wants to know of who is here. */
  readonly presence: SubscribeFrame['presence']
  /** Given once the channel is open on this node. */
  cursor: Cursor | undefined
  isClosed = false
  /** The client's number of the request. */
  readonly #id: number
  readonly #owner: SubscriptionOwner
  readonly #outbound: Outbound
  #isAnswered = false

  constructor(frame: SubscribeFrame, ref: ChannelRef, owner: SubscriptionOwner) {
    this.ref = ref
    this.presence = frame.presence
    this.#id = frame.id
    this.#owner = owner
    this.#outbound = owner.outbound
  }

  get isFull(): boolean {
    return !this.#outbound.hasRoom()
  }

  reserve(length: number): Cancel | undefined {
    return this.#outbound.reserve(length)
  }

  close(): void {
    this.isClosed = true
    this.cursor?.close()
  }

  /** The server ends it: that is the answer, where there was none yet [SB1], and news otherwise [SB10]. */
  tellEnd(error: TidingsError): void {
    const channel = this.ref.name
    this.#outbound.send(
      this.#isAnswered ? endedFrame(channel, error) : errorFrame(error, { id: this.#id, channel }),
    )
  }

  subscribed(answer: SubscribedAnswer): void {
    this.#isAnswered = true
    const reason = answer.verdict === 'reset' ? `,"reason":"${answer.reason}"` : ''
    this.#outbound.send(
      `{"type":"subscribed","id":${this.#id},"channel":${this.#channelJson},"verdict":"${answer.verdict}"${reason},` +
        `"position":"${formatPosition(answer.position)}","behind":${answer.behind}${snapshotField(answer.snapshot)}}`,
    )
    this.#owner.begun(this)
  }

  entries(batch: EntryBatch, isReplay: boolean): void {
    const frame = batch.frame(isReplay)
    // A page of history is one reader's affair, however many read the same.
    if (isReplay) this.#outbound.send(frame, batch.bytes)
    else this.#outbound.share(frame, batch.bytes)
  }

  live(position: Position): void {
    this.#outbound.send(
      `{"type":"live","channel":${this.#channelJson},"position":"${formatPosition(position)}"}`,
    )
  }

  behind(): void {
    this.#outbound.send(`{"type":"behind","channel":${this.#channelJson}}`)
  }

  reset(answer: ResetAnswer): void {
    this.#outbound.send(
      `{"type":"reset","channel":${this.#channelJson},"reason":"${answer.reason}",` +
        `"position":"${formatPosition(answer.position)}"${snapshotField(answer.snapshot)}}`,
    )
  }

  ended(error: TidingsError): void {
    this.#owner.ended(this, error)
  }

  get #channelJson(): string {
    return JSON.stringify(this.ref.name)
  }
}

/** The state is JSON text already: it goes through as it is. */
function snapshotField(snapshot: StoredSnapshot | undefined): string {
  if (!snapshot) return ''
  return `,"snapshot":{"position":"${formatPosition(snapshot.position)}","version":${snapshot.version},"state":${snapshot.state}}`
}
