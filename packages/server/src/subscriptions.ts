// The channels that one connection listens to: at most one subscription for each, replaced by the next one that is asked
// for, ended when a right ends, and taken in turn when the connection has room again.

import { type ChannelRef, parsePosition, TidingsError } from '@tidings/core'
import type { After } from './cursor.ts'
import type { Outbound } from './outbound.ts'
import type { Client, SessionNode } from './session-host.ts'
import { type SubscribeFrame, Subscription, type SubscriptionOwner } from './subscription.ts'

/** A subscription that was accepted at first could not be opened after all. */
type Refuse = (frame: SubscribeFrame, error: unknown) => void

export class Subscriptions implements SubscriptionOwner {
  readonly #node: SessionNode
  readonly #client: Client
  /** Few, and replaced rather than changed: who walks it is not disturbed. */
  #open: readonly Subscription[] = []

  constructor(node: SessionNode, client: Client) {
    this.#node = node
    this.#client = client
  }

  get outbound(): Outbound {
    return this.#client.outbound
  }

  /** Throws when the request itself is wrong. */
  open(frame: SubscribeFrame, ref: ChannelRef, refuse: Refuse): void {
    const { host, limits } = this.#node
    const after = parseAfter(frame.after)
    const version = ref.definition.state?.version
    if (frame.state !== undefined && frame.state !== version) {
      throw new TidingsError(
        'unsupported-version',
        `The state of ${ref.name} has version ${version ?? 'none'}, not ${frame.state}.`,
      )
    }
    const replaced = this.#of(ref.name)
    if (!replaced && this.#open.length >= limits.channelsPerConnection) {
      throw new TidingsError(
        'too-many-channels',
        `A connection may hold ${limits.channelsPerConnection} channels.`,
      )
    }
    replaced?.close()
    const subscription = new Subscription(frame, ref, this)
    this.#open = [...this.#open.filter((other) => other !== replaced), subscription]
    host.openCursor(subscription, { after, wantsState: frame.state !== undefined }).catch((error) => {
      if (subscription.isClosed) return
      this.#drop(subscription)
      refuse(frame, error)
    })
  }

  begun({ ref, presence }: Subscription): void {
    this.#node.host.room(ref.name).listen(this.#client, ref.definition.presence ? presence : undefined)
  }

  ended(subscription: Subscription, error: TidingsError): void {
    this.#drop(subscription)
    subscription.tellEnd(error)
  }

  unsubscribe(channel: string, id: number): void {
    const subscription = this.#of(channel)
    if (subscription) this.#drop(subscription)
    this.outbound.send(JSON.stringify({ type: 'unsubscribed', channel, id }))
  }

  /** Ends those that `isAllowed` no longer lets through. */
  async recheck(isAllowed: (ref: ChannelRef) => Promise<boolean>): Promise<void> {
    for (const subscription of this.#open) {
      if (await isAllowed(subscription.ref)) continue
      if (subscription.isClosed) continue
      this.ended(subscription, new TidingsError('forbidden', 'The right to read this channel has ended.'))
    }
  }

  /** The connection has room again: cursors that are behind go on, and rooms tell what was held back. */
  proceed(): void {
    for (const subscription of this.#open) {
      if (!this.outbound.hasRoom()) return
      if (!subscription.cursor?.isBehind) continue
      // To the end of the line, so that one long catch-up does not hold up the others.
      this.#open = [...this.#open.filter((other) => other !== subscription), subscription]
      subscription.cursor.proceed()
    }
    for (const { ref } of this.#open) this.#node.host.room(ref.name).drained(this.#client)
  }

  close(): void {
    for (const subscription of this.#open) this.#drop(subscription)
  }

  #drop(subscription: Subscription): void {
    const { host, observe } = this.#node
    const channel = subscription.ref.name
    subscription.close()
    if (!this.#open.includes(subscription)) return
    this.#open = this.#open.filter((other) => other !== subscription)
    host.room(channel).unlisten(this.#client)
    observe({ name: 'unsubscribed', channel })
  }

  #of(channel: string): Subscription | undefined {
    return this.#open.find(({ ref }) => ref.name === channel)
  }
}

function parseAfter(text: string | undefined): After {
  if (text === undefined || text === 'now') return 'now'
  if (text === 'start') return 'start'
  const position = parsePosition(text)
  if (position) return position
  throw new TidingsError('bad-position', `"${text.slice(0, 40)}" is not a position.`, { field: 'after' })
}
