// Where everything about one connection meets: channels by name, requests by number, own writes, calls. Routes frames
// both ways; what they mean is for their owners to say.

import {
  type Backoff,
  type Chance,
  type ChannelRef,
  type ClientFrame,
  type Clock,
  MAX_CHANNELS_PER_CONNECTION,
  type ServerFrame,
  type SubscribeRequest,
  TidingsError,
} from '@tidings/core'
import { Calls } from './calls.ts'
import { type ChannelHost, LiveChannel } from './channel.ts'
import { Courier } from './courier.ts'
import { Driver, type DriverOptions, type Switchboard } from './driver.ts'
import { Outbox, type OutboxLimits } from './outbox.ts'
import { problemOf, Requests } from './requests.ts'
import { Batch } from './source.ts'

export interface ExchangeOptions extends Omit<DriverOptions, 'batch'> {
  readonly outbox: OutboxLimits
}

export class Exchange implements Switchboard, ChannelHost {
  readonly clock: Clock
  readonly chance: Chance
  readonly backoff: Backoff
  readonly batch: Batch
  readonly requests = new Requests()
  readonly outbox: Outbox
  readonly calls: Calls
  readonly driver: Driver
  readonly #courier: Courier
  readonly #report: (error: TidingsError) => void
  /** Channels in use. The others live as long as the app holds them: the same name is the same object. */
  readonly #inUse = new Map<string, LiveChannel>()
  readonly #known = new Map<string, WeakRef<LiveChannel>>()
  #isClosed = false

  constructor(options: ExchangeOptions) {
    const { clock, chance, rules, report } = options
    this.clock = clock
    this.chance = chance
    this.backoff = rules.backoff
    this.#report = report
    this.batch = new Batch((cause) =>
      report(new TidingsError('internal', 'A listener of the app threw.', { cause })),
    )
    this.outbox = new Outbox({ limits: options.outbox, backoff: rules.backoff, chance, batch: this.batch })
    this.calls = new Calls(this)
    this.#courier = new Courier(this, this.outbox)
    this.driver = new Driver({ ...options, batch: this.batch }, this)
  }

  // ── For the app ─────────────────────────────────────────────────────────────────────────────────────────────────────

  channel(ref: ChannelRef): LiveChannel {
    const known = this.#inUse.get(ref.name) ?? this.#known.get(ref.name)?.deref()
    if (known) return known
    const channel = new LiveChannel(ref, this)
    for (const [name, weak] of this.#known) if (!weak.deref()) this.#known.delete(name)
    this.#known.set(ref.name, new WeakRef(channel))
    return channel
  }

  disconnect(): void {
    this.batch.run(() => {
      this.driver.tell({ type: 'disconnectAsked', isForGood: false })
      this.#rest()
    })
  }

  close(): void {
    if (this.#isClosed) return
    this.batch.run(() => {
      this.#isClosed = true
      this.driver.tell({ type: 'disconnectAsked', isForGood: true })
      this.#rest()
      this.outbox.refuseAll(
        new TidingsError('unavailable', 'The client was closed before the server had answered.'),
      )
    })
    this.batch.close()
  }

  // ── For channels and calls ──────────────────────────────────────────────────────────────────────────────────────────

  get isOnline(): boolean {
    return this.driver.isOnline
  }

  get isClosed(): boolean {
    return this.#isClosed
  }

  want(): void {
    this.driver.tell({ type: 'wanted' })
  }

  send(frame: ClientFrame | string): void {
    this.driver.send(frame)
  }

  schedule(): void {
    this.driver.schedule()
  }

  report(error: TidingsError): void {
    if (!this.#isClosed) this.#report(error)
  }

  keep(channel: LiveChannel, isInUse: boolean): void {
    if (isInUse) this.#inUse.set(channel.ref.name, channel)
    else this.#inUse.delete(channel.ref.name)
  }

  // ── For the driver ──────────────────────────────────────────────────────────────────────────────────────────────────

  subscriptions(maxLength: number): readonly SubscribeRequest[] {
    this.requests.forget()
    const requests: SubscribeRequest[] = []
    let length = 0
    for (const { inbox } of this.#inUse.values()) {
      if (!inbox.subscription.isOpen) continue
      const request = inbox.subscription.request()
      length += JSON.stringify(request).length + 1
      if (length <= maxLength && requests.length < MAX_CHANNELS_PER_CONNECTION) requests.push(request)
      else inbox.subscription.postpone()
    }
    return requests
  }

  welcomed(you: string): void {
    this.outbox.rename(you)
    for (const { inbox } of this.#inUse.values()) inbox.decided()
  }

  received(frame: ServerFrame): void {
    switch (frame.type) {
      case 'ack':
      case 'entered':
      case 'reply':
      case 'subscribed':
        return this.requests.answer(frame.id, frame)
      case 'error':
        if (frame.id === undefined) return this.report(problemOf(frame))
        return this.requests.answer(frame.id, frame)
      case 'unsubscribed':
        if (frame.id !== undefined) return this.requests.answer(frame.id, frame)
        return this.#inUse.get(frame.channel)?.take(frame)
      case 'entries':
      case 'live':
      case 'behind':
      case 'reset':
      case 'presence':
      case 'presenceChange':
      case 'signal':
        return this.#inUse.get(frame.channel)?.take(frame)
    }
  }

  gather(): void {
    for (const channel of this.#inUse.values()) channel.sync()
    this.#courier.sync()
    this.calls.sync()
  }

  dropped(): void {
    this.requests.forget()
    this.#courier.dropped()
    this.calls.dropped()
    for (const channel of this.#inUse.values()) channel.dropped()
  }

  /** No connection is coming: nothing waits for one, and no timer is left. */
  #rest(): void {
    this.calls.stop()
    for (const channel of this.#inUse.values()) channel.rest()
  }
}
