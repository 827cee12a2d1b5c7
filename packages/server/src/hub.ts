// The node: its connections, the channels that are open on it, and the way of a publish into the log. It brings the
// pieces together and decides nothing that one of them could.

import type { Chance, ChannelRef, Clock, Contract, Position, Socket, WireMember } from '@tidings/core'
import {
  type Action,
  type Authenticate,
  type Authorize,
  authorizeRequest,
  type Credentials,
  type Identity,
} from './authority.ts'
import type { Broker } from './broker.ts'
import { Calls, type UntypedHandlers } from './calls.ts'
import { type After, Cursor } from './cursor.ts'
import { Feeds } from './feeds.ts'
import { type HistoryOutcome, type HistoryRequest, readHistory } from './history.ts'
import type { Limits } from './limits.ts'
import type { Observe } from './observe.ts'
import {
  type PublishContent,
  Publishing,
  type PublishReceipt,
  type PublishRequest,
  unknownChannel,
} from './publishing.ts'
import type { Reader } from './reader.ts'
import { Recent } from './recent.ts'
import type { Occupant, Room } from './room.ts'
import { Rooms } from './rooms.ts'
import { Session, type SessionOptions } from './session.ts'
import type { ServerEnd, SessionHost, SessionNode } from './session-host.ts'
import { Strangers } from './strangers.ts'
import type { Subscription } from './subscription.ts'
import { Turn } from './turn.ts'
import { Views } from './views.ts'

export interface HubOptions {
  readonly contract: Contract
  readonly broker: Broker
  readonly authenticate: Authenticate
  readonly authorize: Authorize
  readonly calls: UntypedHandlers
  readonly limits: Limits
  readonly clock: Clock
  readonly chance: Chance
  /** A one-way digest of a text, as hexadecimal digits: SHA-256. */
  readonly digest: (text: string) => string
  readonly observe: Observe
  /** Readers that have no session here, and count as connections nevertheless. Default: none. */
  readonly readersBeside?: (() => number) | undefined
}

export type { ServerEnd } from './session-host.ts'

/** What there is on this node at one moment. */
export interface Census {
  readonly connections: number
  /** Sessions that share a connection with others. */
  readonly lanes: number
  /** Channels that are open. */
  readonly channels: number
  /** Cursors at the head, and behind it. */
  readonly live: number
  readonly catchingUp: number
  readonly present: number
}

/** A reader without a WebSocket, as its transport sees it. */
export interface Follower {
  /** The transport can take more. */
  drained(): void
  close(): void
}

const anybody = () => true
const nobody = () => false

/** Deadlines are looked at this often: one timer for the whole node. */
const SWEEP_MS = 1_000
/** Names of channels whose place in the contract is kept at hand. */
const KNOWN_NAMES = 16_384

export class Hub implements SessionHost {
  /** For those who bring connections: each asks first, and adds what it brings. */
  readonly strangers: Strangers
  readonly #options: HubOptions
  readonly #feeds: Feeds
  readonly #views: Views
  readonly #publishing: Publishing
  readonly #calls: Calls
  readonly #sessionNode: SessionNode
  /** What names mean by the contract: those that were spoken of lately. */
  readonly #refs = new Recent<string, ChannelRef>(KNOWN_NAMES)
  readonly #sessions = new Set<Session>()
  /** How many of the sessions are lanes of others. */
  #lanes = 0
  readonly #followers = new Set<Cursor>()
  readonly #rooms: Rooms
  #cancelSweep: (() => void) | undefined
  #drainWindowMs: number | undefined
  #isClosed = false

  constructor(options: HubOptions) {
    const { contract, broker, clock, chance, limits, observe, calls } = options
    this.#options = options
    const turn = new Turn(clock, (error) => observe({ name: 'fault', where: 'the end of a turn', error }))
    this.strangers = new Strangers(limits.strangersPerAddress)
    this.#sessionNode = { host: this, turn, clock, chance, limits, observe }
    this.#feeds = new Feeds({ broker, clock, turn, limits, observe })
    this.#rooms = new Rooms({ clock, turn, limits, observe })
    const page = { maxEntries: limits.pageEntries, maxLength: limits.pageLength }
    this.#views = new Views({ contract, broker, page, observe })
    this.#publishing = new Publishing({
      broker,
      clock,
      limits,
      observe,
      onSnapshotDue: (channel) => this.#saveSnapshot(channel),
    })
    this.#calls = new Calls({ contract, handlers: calls, clock, timeoutMs: limits.callTimeoutMs, observe })
    this.#scheduleSweep()
  }

  get connections(): number {
    return this.#sessions.size - this.#lanes
  }

  /** Whether the node may have one more, whatever carries it. */
  get hasRoom(): boolean {
    const { limits, readersBeside } = this.#options
    return this.#sessions.size + (readersBeside?.() ?? 0) < limits.connections
  }

  /** Counted at the moment it is asked for: fit for a metrics page, not for every event. */
  census(): Census {
    let [channels, live, readers] = [0, 0, 0]
    for (const feed of this.#feeds.all()) {
      channels++
      live += feed.liveReaders
      readers += feed.allReaders
    }
    const { connections } = this
    const { present } = this.#rooms
    return { connections, lanes: this.#lanes, channels, live, catchingUp: readers - live, present }
  }

  get isDraining(): boolean {
    return this.#drainWindowMs !== undefined
  }

  /**
   * Takes on a WebSocket connection; what it is told goes to the handlers returned. `admits`: whether an address may
   * bring one more of whom nothing is known, as over the same connection.
   */
  accept(
    socket: Socket,
    handshake: Omit<Credentials, 'token'>,
    admits: SessionOptions['admits'] = anybody,
  ): ServerEnd {
    this.#options.observe({ name: 'connectionOpened' })
    return this.#begin({ kind: 'connection', socket, handshake, admits })
  }

  acceptLane(socket: Socket, handshake: Omit<Credentials, 'token'>): ServerEnd {
    this.#options.observe({ name: 'laneOpened' })
    this.#lanes++
    return this.#begin({ kind: 'lane', socket, handshake, admits: nobody })
  }

  #begin(options: SessionOptions): Session {
    const session = new Session(this.#sessionNode, options)
    const { hasRoom } = this
    this.#sessions.add(session)
    if (!hasRoom) session.end('too-many-connections', 'This node has no room for another connection.')
    return session
  }

  async publish(request: PublishRequest): Promise<PublishReceipt> {
    return this.write(this.#mustResolve(request.channel), request)
  }

  write(channel: ChannelRef, content: PublishContent): PublishReceipt | Promise<PublishReceipt> {
    return this.#publishing.publish(channel, content)
  }

  /** A page of a channel's log. Throws `unknown-channel`, `unavailable`. */
  async history(request: HistoryRequest): Promise<HistoryOutcome> {
    this.#mustResolve(request.channel)
    const { broker, limits } = this.#options
    return readHistory(broker, request, limits.pageLength)
  }

  /** Follows a channel without a WebSocket, by the same cursor. */
  async follow({ channel, after }: { channel: string; after: After }, reader: Reader): Promise<Follower> {
    this.#mustResolve(channel)
    const cursor = await this.#newCursor(channel, reader, false)
    this.#followers.add(cursor)
    const close = () => {
      this.#followers.delete(cursor)
      cursor.close()
    }
    try {
      await cursor.start(after)
    } catch (error) {
      close()
      throw error
    }
    return { drained: () => cursor.proceed(), close }
  }

  async position(channel: string): Promise<Position> {
    this.#mustResolve(channel)
    return this.#feeds.openNow(channel)?.head ?? (await this.#options.broker.head(channel)).position
  }

  /** What the channel's entries up to now add up to. Throws `unknown-channel`, `unavailable`, and a TypeError where the contract gives it no state. */
  async state(channel: string): Promise<unknown> {
    this.#mustResolve(channel)
    const snapshot = await this.#views.snapshotOf(await this.#feeds.open(channel))
    if (!snapshot) throw new TypeError(`The contract gives the channel "${channel}" no state.`)
    return JSON.parse(snapshot.state)
  }

  presence(channel: string): { readonly total: number; readonly members: readonly WireMember[] } {
    this.#mustResolve(channel)
    return this.#rooms.presence(channel)
  }

  /** Ends the connections of a user, or one connection; says how many there were. */
  revoke({
    user,
    connection,
  }: {
    readonly user?: string | undefined
    readonly connection?: string | undefined
  }): number {
    const named = [...this.#sessions].filter(
      (session) =>
        (user !== undefined && session.user === user) ||
        (connection !== undefined && session.connection === connection),
    )
    for (const session of named) session.end('revoked', 'The right to be connected was taken away.')
    return named.length
  }

  /** Asks every connection to leave and to come back at a time of its own within the window. */
  drain(windowMs: number): void {
    this.#drainWindowMs = windowMs
    for (const session of this.#sessions) session.drain(this.drainDelayMs())
  }

  drainDelayMs(): number {
    return Math.round((this.#drainWindowMs ?? 0) * this.#options.chance.fraction())
  }

  close(): void {
    if (this.#isClosed) return
    this.#isClosed = true
    this.#cancelSweep?.()
    // A lane before its connection, so that what waits in it still goes out.
    for (const session of [...this.#sessions].reverse()) session.end('draining', 'The server is going away.')
    for (const cursor of this.#followers) cursor.close()
    this.#followers.clear()
    this.#feeds.close()
  }

  authenticate(credentials: Credentials): Identity | undefined | Promise<Identity | undefined> {
    return this.#options.authenticate(credentials)
  }

  authorize(identity: Identity, ref: ChannelRef, action: Action, name?: string): boolean | Promise<boolean> {
    return this.#options.authorize(authorizeRequest(identity, ref, action, name))
  }

  resolve(channel: string): ChannelRef | undefined {
    const known = this.#refs.get(channel)
    if (known) return known
    const ref = this.#options.contract.resolve(channel)
    if (ref) this.#refs.set(channel, ref)
    return ref
  }

  nameProducer(
    identity: Identity,
    producer: string,
  ): { readonly producer: string; readonly publicName: string } {
    const bound = this.#options.digest(JSON.stringify([identity.user ?? null, producer]))
    // The public name is a digest of a digest: knowing it does not help to write under the producer's name.
    return { producer: bound, publicName: this.#options.digest(bound).slice(0, 16) }
  }

  async openCursor(
    subscription: Subscription,
    { after, wantsState }: { readonly after: After; readonly wantsState: boolean },
  ): Promise<void> {
    const cursor = await this.#newCursor(subscription.ref.name, subscription, wantsState)
    if (subscription.isClosed) return cursor.close()
    subscription.cursor = cursor
    await cursor.start(after)
  }

  room(channel: string): Room {
    return this.#rooms.open(channel)
  }

  enter(occupant: Occupant, ref: ChannelRef, member: WireMember): void {
    this.#rooms.enter(occupant, ref, member)
  }

  signal(occupant: Occupant, ref: ChannelRef, name: string, data: unknown): void {
    this.#rooms.signal(occupant, ref, name, data)
  }

  call(identity: Identity, ref: ChannelRef, name: string, input: unknown): Promise<unknown> {
    return this.#calls.call(identity, ref, name, input)
  }

  forget(session: Session): void {
    if (this.#sessions.delete(session) && session.isLane) this.#lanes--
  }

  #mustResolve(channel: string): ChannelRef {
    const ref = this.resolve(channel)
    if (!ref) throw unknownChannel(channel)
    return ref
  }

  async #newCursor(channel: string, reader: Reader, wantsState: boolean): Promise<Cursor> {
    const feed = await this.#feeds.open(channel)
    return new Cursor(feed, reader, wantsState ? this.#views : undefined)
  }

  #saveSnapshot(channel: string): void {
    this.#feeds
      .open(channel)
      .then((feed) => this.#views.save(feed))
      .catch((error) =>
        this.#options.observe({ name: 'fault', where: `keeping a snapshot of ${channel}`, error }),
      )
  }

  #scheduleSweep(): void {
    this.#cancelSweep = this.#options.clock.setTimer(SWEEP_MS, () => {
      this.#sweep()
      if (!this.#isClosed) this.#scheduleSweep()
    })
  }

  #sweep(): void {
    for (const session of this.#sessions) session.sweep(SWEEP_MS)
    this.strangers.sweep()
    this.#rooms.sweep()
    this.#feeds.sweep()
  }
}
