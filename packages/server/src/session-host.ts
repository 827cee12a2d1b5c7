// What a session asks of its node. The hub is the host; the interface keeps sessions from knowing more of it.

import type { Chance, ChannelRef, Clock, Socket, SocketHandlers, WireMember } from '@tidings/core'
import type { Action, Credentials, Identity } from './authority.ts'
import type { After } from './cursor.ts'
import type { Limits } from './limits.ts'
import type { Observe } from './observe.ts'
import type { Outbound } from './outbound.ts'
import type { Party } from './party.ts'
import type { PublishContent, PublishReceipt } from './publishing.ts'
import type { Occupant, Room } from './room.ts'
import type { Subscription } from './subscription.ts'
import type { Turn } from './turn.ts'

/** This end of a connection, as what carries its messages sees it. */
export interface ServerEnd extends SocketHandlers {
  /** Whether a hello was accepted on it. */
  readonly isKnown: boolean
  /** How many there are at the other end of whom nothing is known, none once it is over: they may share the connection. */
  readonly strangers: number
  /** A sign of life that says nothing: a ping of the peer's platform, or the answer to one. */
  heard(): void
}

/** What all sessions of a node share: one object for all of them. */
export interface SessionNode {
  readonly host: SessionHost
  readonly turn: Turn
  readonly clock: Clock
  readonly chance: Chance
  readonly limits: Limits
  readonly observe: Observe
}

/** Who is at the other end, as what is asked for on its behalf sees it. */
export interface Client extends Occupant {
  readonly outbound: Outbound
  /** Known since the welcome. */
  readonly party: Party
}

export interface SessionHost {
  readonly isDraining: boolean
  /** A delay of this client's own within the drain's window, in milliseconds. */
  drainDelayMs(): number
  authenticate(credentials: Credentials): Identity | undefined | Promise<Identity | undefined>
  authorize(
    identity: Identity,
    ref: ChannelRef,
    action: Action,
    name: string | undefined,
  ): boolean | Promise<boolean>
  resolve(channel: string): ChannelRef | undefined
  /** The producer's name, bound to the person, and the name that others see. */
  nameProducer(
    identity: Identity,
    producer: string,
  ): { readonly producer: string; readonly publicName: string }
  openCursor(
    subscription: Subscription,
    from: { readonly after: After; readonly wantsState: boolean },
  ): Promise<void>
  /** A promise only where the log has to be waited for. Throws or rejects with what was wrong. */
  write(channel: ChannelRef, content: PublishContent): PublishReceipt | Promise<PublishReceipt>
  room(channel: string): Room
  /** Throws when the contract refuses the state. */
  enter(occupant: Occupant, ref: ChannelRef, member: WireMember): void
  signal(occupant: Occupant, ref: ChannelRef, name: string, data: unknown): void
  call(identity: Identity, ref: ChannelRef, name: string, input: unknown): Promise<unknown>
  /** Takes on a session that shares its connection with others. */
  acceptLane(socket: Socket, handshake: Omit<Credentials, 'token'>): ServerEnd
  /** The session's socket is gone. */
  forget(session: Occupant): void
}
