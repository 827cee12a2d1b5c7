// One channel as the app holds it: listening to it subscribes, and what the app hands in is checked here. Events alone:
// whole-channel.ts adds the state, who is here, signals and calls.

import type {
  AnyDefinition,
  Cancel,
  ChannelRef,
  EventData,
  EventInput,
  EventName,
  Position,
  Schema,
} from '@tidings/core'
import { Emitter, TidingsError } from '@tidings/core'
import type { Calls } from './calls.ts'
import type { Continuity } from './cursor.ts'
import { type AnyEvent, type EventInfo, Inbox, type Reset } from './inbox.ts'
import { check, schemaOf } from './input.ts'
import type { Link } from './link.ts'
import type { Outbox } from './outbox.ts'
import type { Source } from './source.ts'
import type { ChannelFrame } from './subscription.ts'
import type { Publication, Write } from './write.ts'

/** The events of one channel. Listening subscribes; a second after the last listener has left, it unsubscribes. */
export interface EventChannel<D extends AnyDefinition = AnyDefinition> {
  readonly ref: ChannelRef<D>
  /** Observing it does not subscribe. */
  readonly continuity: Source<Continuity>
  /** Calls `listener` for every entry of this event, once, in the log's order. */
  on<N extends EventName<D>>(name: N, listener: (data: EventData<D, N>, event: EventInfo) => void): Cancel
  onAny(listener: (event: AnyEvent<D>) => void): Cancel
  /** Entries are missing for good: reload what was built from them. */
  onReset(listener: (reset: Reset) => void): Cancel
  /** Keeps the channel subscribed without listening. */
  hold(): Cancel
  /**
   * Writes to the log, now or as soon as there is a connection.
   * Throws `invalid-data`, `unknown-event`, `too-large`, and `unavailable` when the outbox is full or the client closed.
   */
  publish<N extends EventName<D>>(name: N, data: EventInput<D, N>): Publication
  /** Set once, by whoever comes first; later ones are ignored. */
  configure(options: EventChannelOptions): void
  /** The last entry that listeners and the state were given. */
  position(): Position | undefined
}

export interface EventChannelOptions {
  /** Where the first subscription begins. Default `now`. A state without `load` begins at its snapshot, or at `start`. */
  readonly after?: 'now' | 'start' | Position | undefined
}

export interface ChannelHost extends Link {
  readonly outbox: Outbox
  /** Made by the first channel that calls. */
  calls: Calls | undefined
  /** The channel is in use, or not any more. */
  keep(channel: LiveChannel, isInUse: boolean): void
}

/** A channel of any definition: its types are the contract's, and hold where the app uses them. */
export class LiveChannel implements EventChannel {
  readonly ref: ChannelRef
  readonly continuity: Source<Continuity>
  readonly inbox: Inbox
  protected readonly host: ChannelHost
  #isConfigured = false

  constructor(ref: ChannelRef, host: ChannelHost) {
    this.ref = ref
    this.host = host
    this.inbox = new Inbox(ref, host, host.outbox)
    this.continuity = this.inbox.continuity
  }

  on(name: string, listener: (data: never, event: EventInfo) => void): Cancel {
    return this.while(this.listen(this.inbox.events, name, listener))
  }

  onAny(listener: (event: AnyEvent<AnyDefinition>) => void): Cancel {
    return this.while(this.inbox.anyEvent.on(listener))
  }

  onReset(listener: (reset: Reset) => void): Cancel {
    return this.while(this.inbox.resets.on(listener))
  }

  hold(): Cancel {
    return this.while()
  }

  publish(event: string, input: unknown): Publication {
    const { name: channel, definition } = this.ref
    const { outbox, batch, clock } = this.host
    this.needClient()
    const { text, data, value, bytes } = check(schemaOf(definition.events, event, channel), input, {
      root: 'data',
      channel,
    })
    return batch.run(() => {
      const draft = { channel, event, text, data, value, bytes, at: clock.now() }
      const write = outbox.add(draft, () => this.#decided())
      this.#written(write)
      this.host.want()
      this.host.schedule()
      return write
    })
  }

  configure({ after }: EventChannelOptions): void {
    if (!this.#isConfigured) this.inbox.after = after
    this.#isConfigured = true
  }

  position(): Position | undefined {
    return this.inbox.position
  }

  // ── For the exchange ────────────────────────────────────────────────────────────────────────────────────────────────

  /** An own write from an earlier page. Throws where today's contract does not allow it. */
  restore(write: Write): void {
    const { name: channel, definition } = this.ref
    const schema = schemaOf<Schema>(definition.events, write.event, channel)
    const { value } = check(schema, write.data, { root: 'data', channel })
    write.draft = { ...write.draft, value }
    write.onChange = () => this.#decided()
    this.#written(write)
  }

  /** A frame about this channel. Those that nobody here has asked for are passed by. */
  take(frame: ChannelFrame): void {
    if (frame.type !== 'signal' && frame.type !== 'presence' && frame.type !== 'presenceChange')
      this.inbox.subscription.take(frame)
  }

  /** Sends what is due. */
  sync(): void {
    this.inbox.subscription.sync()
    this.keepIfNeeded()
  }

  /** The connection has ended. */
  dropped(): void {
    this.inbox.subscription.dropped()
  }

  /** No connection is wanted: no timer is left behind. */
  rest(): void {
    this.inbox.rest()
    this.keepIfNeeded()
  }

  /** Whether there is nothing left to do for it. */
  get isOver(): boolean {
    return this.inbox.isOver
  }

  /** Tells the exchange whether there is anything left to do for it. */
  keepIfNeeded(): void {
    this.host.keep(this, !this.isOver)
  }

  // ── For what a whole channel has besides ────────────────────────────────────────────────────────────────────────────

  protected listen<About>(
    listeners: Map<string, Emitter<[data: unknown, about: About]>>,
    name: string,
    listener: (data: never, about: About) => void,
  ): Cancel {
    let emitter = listeners.get(name)
    if (!emitter) listeners.set(name, (emitter = new Emitter(this.host.batch.report)))
    // What the schema of this name gives out is what the listener takes: the contract's types say so.
    return emitter.on(listener as (data: unknown, about: About) => void)
  }

  /** Holds the channel until the returned function is called, which calls `stop` as well. */
  protected while(stop?: Cancel): Cancel {
    this.host.keep(this, true)
    const release = this.inbox.subscription.hold()
    return () => {
      stop?.()
      release()
    }
  }

  protected needClient(): void {
    if (this.host.isClosed)
      throw new TidingsError('unavailable', 'The client was closed.', { channel: this.ref.name })
  }

  #written(write: Write): void {
    this.inbox.folding?.written(write)
    this.host.keep(this, true)
  }

  #decided(): void {
    this.inbox.folding?.decided()
    this.keepIfNeeded()
  }
}
