// The channels that one connection listens to: at most one subscription for each, replaced by the next one that is asked
// for, ended when a right ends, and taken in turn when the connection has room again.

import { type ChannelRef, type ClientFrame, parsePosition, TidingsError } from '@tidings/core'
import type { After } from './cursor.ts'
import { endedFrame } from './error-frame.ts'
import type { Limits } from './limits.ts'
import type { Observe } from './observe.ts'
import type { Outbound } from './outbound.ts'
import type { Occupant } from './room.ts'
import type { SessionHost } from './session-host.ts'
import { Subscription } from './subscription.ts'

type SubscribeFrame = Extract<ClientFrame, { readonly type: 'subscribe' }>

export interface SubscriptionsOptions {
  readonly host: SessionHost
  readonly occupant: Occupant
  readonly outbound: Outbound
  readonly limits: Pick<Limits, 'channelsPerConnection'>
  readonly observe: Observe
  /** A subscription that was accepted at first could not be opened after all. */
  readonly onRefused: (frame: SubscribeFrame, error: unknown) => void
}

export class Subscriptions {
  readonly #options: SubscriptionsOptions
  readonly #open = new Map<string, Subscription>()

  constructor(options: SubscriptionsOptions) {
    this.#options = options
  }

  /** Throws when the request itself is wrong. */
  open(frame: SubscribeFrame, ref: ChannelRef): void {
    const { host, occupant, outbound, limits, onRefused } = this.#options
    const after = parseAfter(frame.after)
    const version = ref.definition.state?.version
    if (frame.state !== undefined && frame.state !== version) {
      throw new TidingsError(
        'unsupported-version',
        `The state of ${ref.name} has version ${version ?? 'none'}, not ${frame.state}.`,
      )
    }
    const replaced = this.#open.get(ref.name)
    if (!replaced && this.#open.size >= limits.channelsPerConnection) {
      throw new TidingsError(
        'too-many-channels',
        `A connection may hold ${limits.channelsPerConnection} channels.`,
      )
    }
    replaced?.close()
    const subscription: Subscription = new Subscription({
      id: frame.id,
      ref,
      outbound,
      onSubscribed: () =>
        host.room(ref.name).listen(occupant, ref.definition.presence ? frame.presence : undefined),
      onEnded: (error) => this.#end(subscription, error),
    })
    this.#open.set(ref.name, subscription)
    host.openCursor(subscription, { after, wantsState: frame.state !== undefined }).catch((error) => {
      if (subscription.isClosed) return
      this.#drop(subscription)
      onRefused(frame, error)
    })
  }

  unsubscribe(channel: string, id: number): void {
    const subscription = this.#open.get(channel)
    if (subscription) this.#drop(subscription)
    this.#options.outbound.send(JSON.stringify({ type: 'unsubscribed', channel, id }))
  }

  /** Ends those that `isAllowed` no longer lets through. */
  async recheck(isAllowed: (ref: ChannelRef) => Promise<boolean>): Promise<void> {
    for (const subscription of [...this.#open.values()]) {
      if (await isAllowed(subscription.ref)) continue
      if (subscription.isClosed) continue
      this.#end(subscription, new TidingsError('forbidden', 'The right to read this channel has ended.'))
    }
  }

  /** The connection has room again: cursors that are behind go on, and rooms tell what was held back. */
  proceed(): void {
    const { outbound, host, occupant } = this.#options
    for (const [channel, subscription] of [...this.#open]) {
      if (!outbound.hasRoom()) return
      if (!subscription.cursor?.isBehind) continue
      // To the end of the line, so that one long catch-up does not hold up the others.
      this.#open.delete(channel)
      this.#open.set(channel, subscription)
      subscription.cursor.proceed()
    }
    for (const channel of this.#open.keys()) host.room(channel).drained(occupant)
  }

  close(): void {
    for (const subscription of [...this.#open.values()]) this.#drop(subscription)
  }

  #end(subscription: Subscription, error: TidingsError): void {
    this.#drop(subscription)
    this.#options.outbound.send(endedFrame(subscription.ref.name, error))
  }

  #drop(subscription: Subscription): void {
    const { host, occupant, observe } = this.#options
    const channel = subscription.ref.name
    subscription.close()
    if (this.#open.get(channel) !== subscription) return
    this.#open.delete(channel)
    host.room(channel).unlisten(occupant)
    observe({ name: 'unsubscribed', channel })
  }
}

function parseAfter(text: string | undefined): After {
  if (text === undefined || text === 'now') return 'now'
  if (text === 'start') return 'start'
  const position = parsePosition(text)
  if (position) return position
  throw new TidingsError('bad-position', `"${text.slice(0, 40)}" is not a position.`, { field: 'after' })
}
