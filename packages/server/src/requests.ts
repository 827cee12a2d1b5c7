// What a welcome connection asks for on a channel: the right to it first, then the deed, then an answer. Nothing is
// asked of the application twice, and a refusal says why.

import { type ChannelRef, type ClientFrame, formatPosition, TidingsError } from '@tidings/core'
import type { Action, Identity } from './authority.ts'
import { errorFrame, toTidingsError } from './error-frame.ts'
import { AppendRefused, type PublishReceipt, unknownChannel } from './publishing.ts'
import type { Client, SessionNode } from './session-host.ts'
import { Subscriptions } from './subscriptions.ts'

type Frame<Type extends ClientFrame['type']> = Extract<ClientFrame, { readonly type: Type }>
export type RequestFrame = Frame<
  'subscribe' | 'unsubscribe' | 'publish' | 'signal' | 'enter' | 'leave' | 'call'
>
type AuthorizedFrame = Exclude<RequestFrame, Frame<'unsubscribe' | 'leave'>>

const ACTIONS: Readonly<Record<AuthorizedFrame['type'], Action>> = {
  subscribe: 'subscribe',
  publish: 'publish',
  signal: 'signal',
  enter: 'presence',
  call: 'call',
}

export class Requests {
  readonly #node: SessionNode
  readonly #client: Client
  readonly #subscriptions: Subscriptions
  /** Channels in which this connection is present; absent until there is one. */
  #entered: Set<string> | undefined
  #openCalls = 0
  #isClosed = false

  constructor(node: SessionNode, client: Client) {
    this.#node = node
    this.#client = client
    this.#subscriptions = new Subscriptions(node, client)
  }

  /** A promise where the next request may not be looked at before it resolves: order is kept, answers may come later. */
  take(frame: RequestFrame): Promise<void> | undefined {
    if (frame.type === 'unsubscribe') return void this.#subscriptions.unsubscribe(frame.channel, frame.id)
    if (frame.type === 'leave') return void this.#leave(frame.channel)
    const ref = this.#node.host.resolve(frame.channel)
    if (!ref) return void this.#refuse(frame, unknownChannel(frame.channel))
    let answer: boolean | Promise<boolean>
    try {
      answer = this.#permit(ACTIONS[frame.type], ref, nameOf(frame))
    } catch (error) {
      return void this.#refuse(frame, error)
    }
    // By its two values: whatever else the application gives is waited for, and only then believed.
    if (answer === true || answer === false) return void this.#decided(frame, ref, answer)
    return this.#await(frame, ref, answer)
  }

  async #await(frame: AuthorizedFrame, ref: ChannelRef, answer: Promise<boolean>): Promise<void> {
    let isAllowed: boolean
    try {
      isAllowed = await answer
    } catch (error) {
      // Not a refusal: the same may be tried again, and a write must not be lost for it.
      if (!this.#isClosed) this.#refuse(frame, error)
      return
    }
    if (!this.#isClosed) this.#decided(frame, ref, isAllowed)
  }

  #decided(frame: AuthorizedFrame, ref: ChannelRef, isAllowed: boolean): void {
    if (!isAllowed)
      return this.#refuse(frame, new TidingsError('forbidden', `You may not ${frame.type} here.`))
    try {
      this.#carryOut(frame, ref)
    } catch (error) {
      this.#refuse(frame, error)
    }
  }

  /** Asks again for the rights of what goes on, and ends what is no longer allowed. */
  recheck(): void {
    void this.#subscriptions.recheck((ref) => this.#mayStill('subscribe', ref))
    void this.#recheckPresence()
  }

  async #recheckPresence(): Promise<void> {
    for (const channel of [...(this.#entered ?? [])]) {
      const ref = this.#node.host.resolve(channel)
      if (ref && (await this.#mayStill('presence', ref))) continue
      if (this.#isClosed || !this.#entered?.has(channel)) continue
      this.#leave(channel)
      const error = new TidingsError('forbidden', 'The right to be present in this channel has ended.')
      this.#client.outbound.send(errorFrame(error, { channel }))
    }
  }

  async #mayStill(action: 'subscribe' | 'presence', ref: ChannelRef): Promise<boolean> {
    try {
      return await this.#permit(action, ref, undefined)
    } catch (error) {
      // A right that cannot be asked for stays as it was: the next time decides.
      this.#node.observe({ name: 'fault', where: `authorizing ${action} on ${ref.name}`, error })
      return true
    }
  }

  /** The connection has room again. */
  proceed(): void {
    this.#subscriptions.proceed()
  }

  /** Lets go of everything the connection holds on the node. */
  close(): void {
    this.#isClosed = true
    this.#subscriptions.close()
    for (const channel of this.#entered ?? []) this.#node.host.room(channel).disconnect(this.#client)
    this.#entered = undefined
  }

  #permit(action: Action, ref: ChannelRef, name: string | undefined): boolean | Promise<boolean> {
    return this.#node.host.authorize(this.#client.party.identity, ref, action, name)
  }

  #carryOut(frame: AuthorizedFrame, ref: ChannelRef): void {
    switch (frame.type) {
      case 'subscribe':
        return this.#subscriptions.open(frame, ref, (...refused) => this.#refuse(...refused))
      case 'publish':
        return this.#publish(frame, ref)
      case 'signal':
        return this.#node.host.signal(this.#client, ref, frame.name, frame.data)
      case 'enter':
        return this.#enter(frame, ref)
      case 'call':
        return this.#call(frame, ref, this.#client.party.identity)
    }
  }

  #publish(frame: Frame<'publish'>, ref: ChannelRef): void {
    const { producer, publicName: by } = this.#client.party
    const { event, data, sequence, previous = sequence - 1, producerEpoch = 0 } = frame
    if (sequence < 1 || previous >= sequence) {
      const message = 'Sequence numbers begin at 1, and the previous one is lower.'
      throw new TidingsError('bad-frame', message, { field: 'sequence' })
    }
    // The log counts a producer that it does not know as -1: one that has written nothing yet says 0 here.
    const last = previous === 0 ? -1 : previous
    const identity = { kind: 'producer', producer, epoch: producerEpoch, sequence, previous: last } as const
    const receipt = this.#node.host.write(ref, { events: [{ type: event, data }], by, identity })
    if ('position' in receipt) return this.#acknowledge(frame, receipt)
    receipt.then((late) => this.#acknowledge(frame, late)).catch((error) => this.#refuse(frame, error))
  }

  #acknowledge({ id }: Frame<'publish'>, { position, isDuplicate }: PublishReceipt): void {
    const duplicate = isDuplicate ? ',"duplicate":true' : ''
    this.#client.outbound.send(
      `{"type":"ack","id":${id},"position":"${formatPosition(position)}"${duplicate}}`,
    )
  }

  #enter({ channel, id, state }: Frame<'enter'>, ref: ChannelRef): void {
    const client = this.#client
    this.#node.host.enter(client, ref, { id: client.publicName, user: client.party.identity.user, state })
    this.#entered = (this.#entered ?? new Set()).add(channel)
    client.outbound.send(JSON.stringify({ type: 'entered', id, channel }))
  }

  #leave(channel: string): void {
    if (this.#entered?.delete(channel)) this.#node.host.room(channel).leave(this.#client)
  }

  #call(frame: Frame<'call'>, ref: ChannelRef, identity: Identity): void {
    const { host, limits } = this.#node
    const { outbound } = this.#client
    if (this.#openCalls >= limits.openCalls) {
      const message = `A connection may have ${limits.openCalls} calls under way.`
      throw new TidingsError('rate-limited', message, { retryAfterMs: 1_000 })
    }
    this.#openCalls++
    host
      .call(identity, ref, frame.name, frame.data)
      .then(
        (data) => outbound.send(JSON.stringify({ type: 'reply', id: frame.id, data })),
        (error) => this.#refuse(frame, error),
      )
      .finally(() => {
        this.#openCalls--
      })
  }

  #refuse(frame: RequestFrame, error: unknown): void {
    const { observe } = this.#node
    const { channel, type: what } = frame
    const known = toTidingsError(error, (cause) =>
      observe({ name: 'fault', where: `handling ${what} on ${channel}`, error: cause }),
    )
    observe({ name: 'refused', what, code: known.code, channel, user: this.#client.party.identity.user })
    this.#client.outbound.send(
      errorFrame(known, { id: 'id' in frame ? frame.id : undefined, channel, sequence: lastOf(known) }),
    )
  }
}

/** The event, signal or call that a frame names. */
function nameOf(frame: AuthorizedFrame): string | undefined {
  if (frame.type === 'publish') return frame.event
  return frame.type === 'signal' || frame.type === 'call' ? frame.name : undefined
}

/** For a gap, the highest sequence number that the log has. */
function lastOf(error: TidingsError): number | undefined {
  if (!(error instanceof AppendRefused) || error.outcome.outcome !== 'gap') return undefined
  return Math.max(0, error.outcome.last)
}
