// One channel as the app holds it.

import type {
  AnyDefinition,
  CallInput,
  CallName,
  CallOutput,
  Cancel,
  ChannelRef,
  EventData,
  EventInput,
  EventName,
  Position,
  PresenceInput,
  PresenceState,
  ResetReason,
  SignalData,
  SignalInput,
  SignalName,
  StateOf,
} from '@tidings/core'
import type { Continuity } from './cursor.ts'
import type { Publication } from './outbox.ts'
import type { Presence } from './presence.ts'
import type { Source } from './source.ts'

/** What is known of an entry besides its data. */
export interface EventInfo {
  /** The same that the state's fold is told: fit for a React key. */
  readonly id: string
  readonly offset: number
  readonly position: Position
  /** When it was appended, by the log's clock; milliseconds since 1970. */
  readonly at: number
  /** Public name of the client that published it; undefined for a backend's. */
  readonly by: string | undefined
  /** Pushed as it happened, read back after an absence, or a write of this client coming back. */
  readonly origin: 'live' | 'replay' | 'echo'
}

/** Any event of the channel: narrow it by `name`. */
export type AnyEvent<D extends AnyDefinition> = {
  readonly [N in EventName<D>]: { readonly name: N; readonly data: EventData<D, N> } & EventInfo
}[EventName<D>]

export interface Reset {
  readonly reason: ResetReason
  /** Where the channel goes on. */
  readonly position: Position
}

/**
 * Brings a state from elsewhere, such as the app's own API. The place in the log is taken before it is called, and what
 * happens meanwhile is applied on top of what it returns, so nothing falls between. One that rejects is called again.
 */
export type Load<D extends AnyDefinition> = (request: {
  /** The place in the log when it was called. */
  readonly position: Position
  readonly reason: 'first' | ResetReason
  /** Aborted when the result is not wanted any more. */
  readonly signal: AbortSignal
}) => Promise<{
  readonly state: StateOf<D>
  /** The place in the log that `state` stands for; without it, that of the request. */
  readonly position?: Position | undefined
}>

export interface ChannelOptions<D extends AnyDefinition> {
  /** Where the first subscription begins. Default `now`; a channel with a state and no `load` begins at its snapshot. */
  readonly after?: 'now' | 'start' | Position | undefined
  /** Brings the state instead of the server's snapshots. */
  readonly load?: Load<D> | undefined
  /** Whether to hear who is here, or only how many. Default `members`. */
  readonly presence?: 'members' | 'counts' | undefined
}

export interface CallOptions {
  /** How long to wait for the answer, in milliseconds. Default 15,000. */
  readonly timeoutMs?: number | undefined
  readonly signal?: AbortSignal | undefined
}

/**
 * One channel. Listening to any part of it subscribes; a second after the last listener has left, it unsubscribes.
 */
export interface Channel<D extends AnyDefinition = AnyDefinition> {
  readonly ref: ChannelRef<D>
  readonly continuity: Source<Continuity>
  /** The state with own pending writes on top; undefined until the first snapshot or `load`. */
  readonly state: Source<StateOf<D> | undefined>
  readonly presence: Source<Presence<PresenceState<D>>>
  /** Calls `listener` for every entry of this event, once, in the log's order. */
  on<N extends EventName<D>>(name: N, listener: (data: EventData<D, N>, event: EventInfo) => void): Cancel
  onAny(listener: (event: AnyEvent<D>) => void): Cancel
  /** Entries are missing for good: reload what was built from them. */
  onReset(listener: (reset: Reset) => void): Cancel
  onSignal<N extends SignalName<D>>(name: N, listener: (data: SignalData<D, N>, from: string) => void): Cancel
  /** Keeps the channel subscribed without listening. */
  hold(): Cancel
  /** Writes to the log, now or as soon as there is a connection. Throws `invalid-data`, `unknown-event`, `too-large`, and `unavailable` when the outbox is full. */
  publish<N extends EventName<D>>(name: N, data: EventInput<D, N>): Publication
  /** Tells the others who are here, at most once in 50 ms for each name: the latest wins. Dropped when not connected. */
  signal<N extends SignalName<D>>(name: N, data: SignalInput<D, N>): void
  /** Makes this client present with `state`, across reconnections, until the returned function is called. The latest state counts. */
  enter(state: PresenceInput<D>): Cancel
  /** Asks the server, and rejects with a TidingsError. Never sent twice: a call whose answer was lost rejects with `timeout`. */
  call<N extends CallName<D>>(name: N, input: CallInput<D, N>, options?: CallOptions): Promise<CallOutput<D, N>>
  /** Set once, by whoever comes first; later ones are ignored. */
  configure(options: ChannelOptions<D>): void
  /** The last entry seen. */
  position(): Position | undefined
}
