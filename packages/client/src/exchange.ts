// Where everything about one connection meets: channels by name, requests by number, own writes and who keeps them.
// Routes frames both ways; what they mean is for their owners to say.

import {
  type Backoff,
  type Chance,
  type ChannelRef,
  type ClientFrame,
  type Clock,
  MAX_CHANNELS_PER_CONNECTION,
  type SubscribeRequest,
  TidingsError,
} from '@tidings/core'
import type { Calls } from './calls.ts'
import type { ChannelHost, LiveChannel } from './channel.ts'
import { Courier } from './courier.ts'
import { Driver, type DriverOptions, type Switchboard, type TokenRequest } from './driver.ts'
import type { SessionFrame } from './frame.ts'
import { Outbox, type OutboxLimits, type WriteKeeper } from './outbox.ts'
import { problemOf, Requests } from './requests.ts'
import { Batch, type Source } from './source.ts'

/** Keeps the outbox of one exchange beyond its page. */
export interface Keeper extends WriteKeeper {
  /** Resolves when the outbox has its name, and what was kept under it; nothing is dialled before. Never rejects. */
  ready(): Promise<void>
  /** Somebody holds this channel now: it may be one in which an earlier page wrote. */
  opened(channel: LiveChannel): void
  /** [AU7] The server has said whose the name is. */
  welcomed(you: string, user: string | undefined): void
  dropped(): void
  /** What is queued may be in the log already, if its record is somebody else's by now: asks whether it is. */
  doubt(): void
  /** For good. What is not stored by now is refused. */
  close(error: TidingsError): void
}

/** A storage, with the logic that keeps outboxes in it. */
export interface DurableStorage {
  /** What an outbox may hold where it need not be held in memory alone. */
  readonly limits: Partial<OutboxLimits>
  keep(exchange: Exchange, user: string | undefined): Keeper
  /**
   * How many writes wait on this device, for this server, of which nobody knows whose they are: made without `outbox: { user }`
   * before the server had said who writes, on pages that ended before it did [OB4]. Known once the client is welcome, and looked
   * for every 30 s. Always 0 for somebody anonymous, as whom they are sent without asking. Of several clients on one storage,
   * the last that was made.
   */
  readonly unclaimed: Source<number>
  /**
   * Makes what is `unclaimed` a write of whoever is signed in here, to be sent in its order, once; resolves with how many that
   * are. Rejects with `bad-request` before the client's welcome and after its end, with `unavailable` where the storage fails; one
   * that did not answer within 4 s may have done it all the same.
   */
  claim(): Promise<number>
  /** Removes what is `unclaimed` for good; resolves with how many that were. Rejects as `claim()` does. */
  discard(): Promise<number>
  /**
   * For who signs out and wants to leave nothing behind: after `client.close()`, removes what they have written and was not
   * sent, and what nobody is known to have written. Other people's waits on. Pages that are still open keep their own.
   */
  wipe(): Promise<void>
}

export interface ExchangeOptions extends Omit<DriverOptions, 'batch'> {
  readonly outbox: OutboxLimits
  /** What a channel is. */
  readonly open: (ref: ChannelRef, host: ChannelHost) => LiveChannel
  /** Brings the keeper along, where writes shall outlive the page. */
  readonly keep: ((exchange: Exchange) => Keeper) | undefined
}

/** 130 bits: nobody guesses it, and no two clients draw the same. */
export const PRODUCER_LENGTH = 22

export class Exchange implements Switchboard, ChannelHost {
  readonly clock: Clock
  readonly chance: Chance
  readonly backoff: Backoff
  readonly batch: Batch
  readonly requests = new Requests()
  readonly outbox: Outbox
  /** There once a channel has had one. */
  calls: Calls | undefined
  readonly driver: Driver
  readonly options: ExchangeOptions
  readonly #courier: Courier
  readonly #keeper: Keeper | undefined
  /** Channels in use. The others live as long as the app holds them: the same name is the same object. */
  readonly #inUse = new Map<string, LiveChannel>()
  readonly #known = new Map<string, WeakRef<LiveChannel>>()
  #isClosed = false

  constructor(options: ExchangeOptions) {
    const { clock, chance, rules, report, token, keep } = options
    this.options = options
    this.clock = clock
    this.chance = chance
    this.backoff = rules.backoff
    this.batch = new Batch((cause) =>
      report(new TidingsError('internal', 'A listener of the app threw.', { cause })),
    )
    this.outbox = new Outbox({ limits: options.outbox, backoff: rules.backoff, chance, batch: this.batch })
    this.#courier = new Courier(this, this.outbox)
    const ready = async (request: TokenRequest) => {
      await this.#keeper?.ready()
      return token?.(request)
    }
    this.driver = new Driver({ ...options, token: keep ? ready : token, batch: this.batch }, this)
    this.outbox.keeper = this.#keeper = keep?.(this)
    this.outbox.storage.changed()
  }

  // ── For the app ─────────────────────────────────────────────────────────────────────────────────────────────────────

  channel(ref: ChannelRef): LiveChannel {
    const known = this.#inUse.get(ref.name) ?? this.#known.get(ref.name)?.deref()
    if (known) return known
    const channel = this.options.open(ref, this)
    for (const [name, weak] of this.#known) if (!weak.deref()) this.#known.delete(name)
    this.#known.set(ref.name, new WeakRef(channel))
    this.#keeper?.opened(channel)
    return channel
  }

  /** All that anybody holds. */
  get channels(): readonly LiveChannel[] {
    return [...this.#known.values()].flatMap((weak) => weak.deref() ?? [])
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
      const error = new TidingsError('unavailable', 'The client was closed before the server had answered.')
      if (this.#keeper) this.#keeper.close(error)
      else this.outbox.refuseAll(error)
    })
    this.batch.close()
  }

  // ── For channels ────────────────────────────────────────────────────────────────────────────────────────────────────

  get isOnline(): boolean {
    return this.driver.isOnline
  }

  get isClosed(): boolean {
    return this.#isClosed
  }

  want(): void {
    // Also without a network: what is written is stored, and what was kept is shown.
    void this.#keeper?.ready()
    this.driver.tell({ type: 'wanted' })
  }

  send(frame: ClientFrame | string): void {
    this.driver.send(frame)
  }

  schedule(): void {
    if (this.isOnline) this.driver.schedule()
    // Nothing is sent now; what is over need not wait for a connection to be let go of.
    else for (const channel of this.#inUse.values()) channel.keepIfNeeded()
  }

  doubt(): void {
    this.#keeper?.doubt()
  }

  report(error: TidingsError): void {
    if (!this.#isClosed) this.options.report(error)
  }

  keep(channel: LiveChannel, isInUse: boolean): void {
    if (isInUse) this.#inUse.set(channel.ref.name, channel)
    else this.#inUse.delete(channel.ref.name)
  }

  // ── For the driver ──────────────────────────────────────────────────────────────────────────────────────────────────

  producer(): string {
    return (this.outbox.producer ??= this.chance.token(PRODUCER_LENGTH))
  }

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

  welcomed(you: string, user: string | undefined): void {
    if (this.#keeper) this.#keeper.welcomed(you, user)
    else this.outbox.rename(you)
    this.renamed()
  }

  /** Own writes have another name now. */
  renamed(): void {
    for (const { inbox } of this.#inUse.values()) inbox.folding?.decided()
  }

  received(frame: SessionFrame): void {
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
    // After the writes of the same turn: a call may ask about them.
    this.calls?.sync()
  }

  dropped(): void {
    this.requests.forget()
    this.#courier.dropped()
    this.#keeper?.dropped()
    this.calls?.dropped()
    for (const channel of this.#inUse.values()) channel.dropped()
  }

  /** No connection is coming: nothing waits for one, and no timer is left. */
  #rest(): void {
    this.calls?.stop()
    for (const channel of this.#inUse.values()) channel.rest()
  }
}
