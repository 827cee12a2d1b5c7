// One channel as the app holds it: listening to any part of it subscribes, and what the app hands in is checked here.

import type {
  AnyDefinition,
  CallInput,
  CallName,
  CallOutput,
  CallSchemas,
  Cancel,
  ChannelRef,
  EventData,
  EventInput,
  EventName,
  Position,
  PresenceInput,
  PresenceState,
  Schema,
  SignalData,
  SignalInput,
  SignalName,
  StateOf,
} from '@tidings/core'
import { Emitter, TidingsError } from '@tidings/core'
import { Attendance } from './attendance.ts'
import type { CallOptions, Calls } from './calls.ts'
import type { Continuity } from './cursor.ts'
import { type AnyEvent, type ChannelOptions, type EventInfo, Inbox, type Reset } from './inbox.ts'
import { check, schemaOf } from './input.ts'
import type { Link } from './link.ts'
import type { Outbox, Publication, Write } from './outbox.ts'
import type { Presence } from './presence.ts'
import type { Source } from './source.ts'
import type { ChannelFrame } from './subscription.ts'
import { Throttle } from './throttle.ts'

/** One channel. Listening to any part of it subscribes; a second after the last listener has left, it unsubscribes. */
export interface Channel<D extends AnyDefinition = AnyDefinition> {
  readonly ref: ChannelRef<D>
  /** Observing it does not subscribe. */
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
  /**
   * Keeps the state while nothing holds the channel, without subscribing: whoever holds it next goes on from its place.
   * What was missed goes into the state; listeners hear what happens from then on.
   */
  keep(): Cancel
  /**
   * Writes to the log, now or as soon as there is a connection.
   * Throws `invalid-data`, `unknown-event`, `too-large`, and `unavailable` when the outbox is full or the client closed.
   */
  publish<N extends EventName<D>>(name: N, data: EventInput<D, N>): Publication
  /** Tells the others who are here, at most once in 50 ms for each name: the latest wins. Dropped when not connected. */
  signal<N extends SignalName<D>>(name: N, data: SignalInput<D, N>): void
  /** Makes this client present with `state`, across reconnections, until the returned function is called. The latest counts. */
  enter(state: PresenceInput<D>): Cancel
  /** Asks the server, and rejects with a TidingsError. Never sent twice: a call whose answer was lost rejects with `timeout`. */
  call<N extends CallName<D>>(
    name: N,
    input: CallInput<D, N>,
    options?: CallOptions,
  ): Promise<CallOutput<D, N>>
  /** Set once, by whoever comes first; later ones are ignored. */
  configure(options: ChannelOptions<D>): void
  /** The last entry that listeners and the state were given. */
  position(): Position | undefined
}

export interface ChannelHost extends Link {
  readonly outbox: Outbox
  readonly calls: Calls
  /** The channel is in use, or not any more. */
  keep(channel: LiveChannel, isInUse: boolean): void
}

const SIGNAL_INTERVAL_MS = 50

/** A channel of any definition: its types are the contract's, and hold where the app uses them. */
export class LiveChannel implements Channel {
  readonly ref: ChannelRef
  readonly continuity: Source<Continuity>
  readonly state: Source<unknown>
  readonly presence: Source<Presence<unknown>>
  readonly inbox: Inbox
  readonly #host: ChannelHost
  readonly #attendance: Attendance
  readonly #pace: Throttle
  #isConfigured = false

  constructor(ref: ChannelRef, host: ChannelHost) {
    this.ref = ref
    this.#host = host
    const inbox = (this.inbox = new Inbox(ref, host, host.outbox))
    this.#attendance = new Attendance(ref.name, host)
    this.#pace = new Throttle(host.clock, SIGNAL_INTERVAL_MS)
    this.continuity = inbox.continuity
    this.state = {
      get: inbox.state.get,
      subscribe: (listener) => this.#while(inbox.state.subscribe(listener)),
    }
    this.presence = {
      get: inbox.presence.get,
      subscribe: (listener) => {
        const unwatch = inbox.watch()
        return this.#while(inbox.presence.subscribe(listener), unwatch)
      },
    }
  }

  on(name: string, listener: (data: never, event: EventInfo) => void): Cancel {
    return this.#while(this.#listen(this.inbox.events, name, listener))
  }

  onAny(listener: (event: AnyEvent<AnyDefinition>) => void): Cancel {
    return this.#while(this.inbox.anyEvent.on(listener))
  }

  onReset(listener: (reset: Reset) => void): Cancel {
    return this.#while(this.inbox.resets.on(listener))
  }

  onSignal(name: string, listener: (data: never, from: string) => void): Cancel {
    return this.#while(this.#listen(this.inbox.signals, name, listener))
  }

  hold(): Cancel {
    return this.#while()
  }

  keep(): Cancel {
    const stop = this.inbox.keep()
    return () => {
      stop()
      this.keepIfNeeded()
    }
  }

  publish(event: string, input: unknown): Publication {
    const { name: channel, definition } = this.ref
    const { outbox, batch, clock } = this.#host
    this.#needClient()
    const { text, data, value, bytes } = check(schemaOf(definition.events, event, channel), input, {
      root: 'data',
      channel,
    })
    return batch.run(() => {
      const draft = { channel, event, text, data, value, bytes, at: clock.now() }
      const write = outbox.add(draft, () => this.#decided())
      this.inbox.written(write)
      this.#host.keep(this, true)
      this.#host.want()
      this.#host.schedule()
      return write
    })
  }

  signal(name: string, input: unknown): void {
    const { name: channel, definition } = this.ref
    const { text } = check(schemaOf(definition.signals, name, channel), input, { root: 'data', channel })
    if (!this.#host.isOnline) return
    const head = JSON.stringify({ type: 'signal', channel, name })
    this.#pace.offer(name, () => this.#host.send(`${head.slice(0, -1)},"data":${text}}`))
  }

  enter(input: unknown): Cancel {
    const { name: channel, definition } = this.ref
    if (!definition.presence)
      throw new TidingsError('bad-request', `The contract gives "${channel}" no presence.`, { channel })
    const { text } = check(definition.presence, input, { root: 'state', channel })
    this.#host.keep(this, true)
    return this.#attendance.enter(text)
  }

  async call(name: string, input: unknown, options: CallOptions = {}): Promise<unknown> {
    const { name: channel, definition } = this.ref
    this.#needClient()
    const schemas = schemaOf<CallSchemas[string]>(definition.calls, name, channel)
    const { text } = check(schemas.input, input, { root: 'data', channel })
    return this.#host.calls.call({ ...options, channel, name, text, output: schemas.output })
  }

  configure(options: ChannelOptions<AnyDefinition>): void {
    if (this.#isConfigured) return
    this.inbox.configure(options)
    this.#isConfigured = true
  }

  position(): Position | undefined {
    return this.inbox.position
  }

  /** An own write from an earlier page. Throws where today's contract does not allow it. */
  restore(write: Write): void {
    const { name: channel, definition } = this.ref
    const schema = schemaOf<Schema>(definition.events, write.event, channel)
    const { value } = check(schema, write.data, { root: 'data', channel })
    write.draft = { ...write.draft, value }
    write.onChange = () => this.#decided()
    this.inbox.written(write)
    this.#host.keep(this, true)
  }

  /** A frame about this channel. */
  take(frame: ChannelFrame): void {
    if (frame.type === 'signal') this.inbox.signalled(frame.name, frame.data, frame.from)
    else this.inbox.subscription.take(frame)
  }

  /** Sends what is due. */
  sync(): void {
    this.inbox.subscription.sync()
    this.#attendance.sync()
    this.keepIfNeeded()
  }

  /** The connection has ended. */
  dropped(): void {
    this.inbox.subscription.dropped()
    this.#attendance.rest()
    this.#pace.stop()
  }

  /** No connection is wanted: no timer is left behind. */
  rest(): void {
    this.inbox.rest()
    this.#attendance.rest()
    this.#pace.stop()
    this.keepIfNeeded()
  }

  #decided(): void {
    this.inbox.decided()
    this.keepIfNeeded()
  }

  /** Tells the exchange whether there is anything left to do for it. */
  keepIfNeeded(): void {
    this.#host.keep(this, !this.inbox.isOver || !this.#attendance.isOver)
  }

  #listen<About>(
    listeners: Map<string, Emitter<[data: unknown, about: About]>>,
    name: string,
    listener: (data: never, about: About) => void,
  ): Cancel {
    let emitter = listeners.get(name)
    if (!emitter) listeners.set(name, (emitter = new Emitter(this.#host.batch.report)))
    // What the schema of this name gives out is what the listener takes: the contract's types say so.
    return emitter.on(listener as (data: unknown, about: About) => void)
  }

  /** Holds the channel until the returned function is called, which calls `stops` as well. */
  #while(...stops: readonly Cancel[]): Cancel {
    this.#host.keep(this, true)
    const release = this.inbox.subscription.hold()
    return () => {
      for (const stop of stops) stop()
      release()
    }
  }

  #needClient(): void {
    if (this.#host.isClosed)
      throw new TidingsError('unavailable', 'The client was closed.', { channel: this.ref.name })
  }
}
