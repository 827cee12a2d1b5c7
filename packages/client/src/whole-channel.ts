// A channel with all that a contract can give it: the state that its events fold into, who is here, signals and calls.

import {
  type AnyDefinition,
  type CallInput,
  type CallName,
  type CallOutput,
  type CallSchemas,
  type Cancel,
  type ChannelRef,
  type Emitter,
  type PresenceInput,
  type PresenceState,
  type Schema,
  type SignalData,
  type SignalInput,
  type SignalName,
  type StateOf,
  TidingsError,
  validate,
} from '@tidings/core'
import { Attendance } from './attendance.ts'
import { type CallOptions, Calls } from './calls.ts'
import { type ChannelHost, type EventChannel, type EventChannelOptions, LiveChannel } from './channel.ts'
import { LiveFolding } from './folding.ts'
import { check, schemaOf } from './input.ts'
import type { Load } from './loading.ts'
import { type Presence, Roster } from './presence.ts'
import { type Source, Value } from './source.ts'
import type { ChannelFrame } from './subscription.ts'
import { Throttle } from './throttle.ts'
import type { AnyFold } from './view.ts'

/** One channel. Listening to any part of it subscribes; a second after the last listener has left, it unsubscribes. */
export interface Channel<D extends AnyDefinition = AnyDefinition> extends EventChannel<D> {
  /** The state with own pending writes on top; undefined until the first snapshot or `load`. */
  readonly state: Source<StateOf<D> | undefined>
  readonly presence: Source<Presence<PresenceState<D>>>
  onSignal<N extends SignalName<D>>(name: N, listener: (data: SignalData<D, N>, from: string) => void): Cancel
  /**
   * Keeps the state while nothing holds the channel, without subscribing: whoever holds it next goes on from its place.
   * What was missed goes into the state; listeners hear what happens from then on.
   */
  keep(): Cancel
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
}

export interface ChannelOptions<D extends AnyDefinition> extends EventChannelOptions {
  /** Brings the state instead of the server's snapshots. */
  readonly load?: Load<D> | undefined
  /** Whether to hear who is here, or only how many. Default `members`. */
  readonly presence?: 'members' | 'counts' | undefined
}

const SIGNAL_INTERVAL_MS = 50
const nothing = () => {}

/** The state of a channel that has none. */
const STATELESS: Source<undefined> = { get: () => undefined, subscribe: () => nothing }

export class WholeChannel extends LiveChannel {
  readonly state: Source<unknown>
  readonly presence: Source<Presence<unknown>>
  readonly #folding: LiveFolding | undefined
  readonly #roster: Roster
  readonly #present: Value<Presence<unknown>>
  readonly #attendance: Attendance
  readonly #pace: Throttle
  readonly #signals = new Map<string, Emitter<[data: unknown, from: string]>>()
  #options: ChannelOptions<AnyDefinition> | undefined
  /** Who looks at the presence. */
  #watchers = 0
  /** Whether the last subscribe asked who is here. */
  #asksPresence = false

  constructor(ref: ChannelRef, host: ChannelHost) {
    super(ref, host)
    const { inbox } = this
    const { state: fold, presence } = ref.definition
    // The contract's types hold where the app uses them; here a fold is a fold.
    this.#folding = fold && new LiveFolding(fold as AnyFold, inbox, host)
    inbox.folding = this.#folding
    this.#roster = new Roster(({ state }) => this.#read(presence, state, 'presence'))
    this.#present = new Value(host.batch, () => this.#roster.get())
    this.#attendance = new Attendance(ref.name, host)
    this.#pace = new Throttle(host.clock, SIGNAL_INTERVAL_MS)
    inbox.asks = () => {
      this.#asksPresence = presence !== undefined && this.#watchers > 0
      return this.#asksPresence ? { presence: this.#options?.presence ?? 'members' } : {}
    }
    inbox.onReleased = () => {
      this.#roster.clear()
      this.#present.changed()
    }
    const state = this.#folding?.state ?? STATELESS
    this.state = { get: state.get, subscribe: (listener) => this.while(state.subscribe(listener)) }
    this.presence = { get: this.#present.get, subscribe: (listener) => this.#watch(listener) }
  }

  onSignal(name: string, listener: (data: never, from: string) => void): Cancel {
    return this.while(this.listen(this.#signals, name, listener))
  }

  keep(): Cancel {
    const stop = this.#folding?.keep()
    return () => {
      stop?.()
      this.keepIfNeeded()
    }
  }

  signal(name: string, input: unknown): void {
    const { name: channel, definition } = this.ref
    const { text } = check(schemaOf(definition.signals, name, channel), input, { root: 'data', channel })
    if (!this.host.isOnline) return
    const head = JSON.stringify({ type: 'signal', channel, name })
    this.#pace.offer(name, () => this.host.send(`${head.slice(0, -1)},"data":${text}}`))
  }

  enter(input: unknown): Cancel {
    const { name: channel, definition } = this.ref
    if (!definition.presence)
      throw new TidingsError('bad-request', `The contract gives "${channel}" no presence.`, { channel })
    const { text } = check(definition.presence, input, { root: 'state', channel })
    this.host.keep(this, true)
    return this.#attendance.enter(text)
  }

  async call(name: string, input: unknown, options: CallOptions = {}): Promise<unknown> {
    const { name: channel, definition } = this.ref
    this.needClient()
    const schemas = schemaOf<CallSchemas[string]>(definition.calls, name, channel)
    const { text } = check(schemas.input, input, { root: 'data', channel })
    this.host.calls ??= new Calls(this.host)
    return this.host.calls.call({ ...options, channel, name, text, output: schemas.output })
  }

  override configure(options: ChannelOptions<AnyDefinition>): void {
    if (this.#options) return
    const { load, after } = options
    if (this.#folding && !load && typeof after === 'object') {
      const message =
        'A state cannot begin in the middle of the log: give "load" as well, or leave "after" to the snapshot.'
      throw new TidingsError('bad-request', message, { channel: this.ref.name, field: 'after' })
    }
    this.#options = options
    if (load) this.#folding?.loadWith(load)
    super.configure(options)
  }

  // ── For the exchange ────────────────────────────────────────────────────────────────────────────────────────────────

  override take(frame: ChannelFrame): void {
    super.take(frame)
    if (frame.type === 'signal') this.#signalled(frame)
    else if (
      (frame.type === 'presence' || frame.type === 'presenceChange') &&
      this.inbox.subscription.isJoined
    ) {
      this.#roster.take(frame)
      this.#present.changed()
    }
  }

  override sync(): void {
    this.#attendance.sync()
    super.sync()
  }

  override dropped(): void {
    super.dropped()
    this.#attendance.rest()
    this.#pace.stop()
  }

  override rest(): void {
    this.#attendance.rest()
    this.#pace.stop()
    super.rest()
  }

  override get isOver(): boolean {
    return super.isOver && this.#attendance.isOver
  }

  /** Presence is asked for while somebody watches it. */
  #watch(listener: () => void): Cancel {
    this.#watchers++
    if (!this.#asksPresence) this.inbox.subscription.again()
    const stop = this.#present.subscribe(listener)
    let isWatching = true
    return this.while(() => {
      if (isWatching) this.#watchers--
      isWatching = false
      stop()
    })
  }

  #signalled({ name, data, from }: Extract<ChannelFrame, { readonly type: 'signal' }>): void {
    const listeners = this.#signals.get(name)
    if (!listeners) return
    const { signals } = this.ref.definition
    const schema = Object.hasOwn(signals, name) ? signals[name] : undefined
    const read = this.#read(schema, data, `signal "${name}"`)
    if (read) listeners.emit(read.state, from)
  }

  /** Data that is not in the log, as its schema gives it out; undefined, and a report, when it does not fit. */
  #read(schema: Schema | undefined, value: unknown, root: string): { readonly state: unknown } | undefined {
    const { name: channel } = this.ref
    const skipped = (why: string, cause?: unknown) => {
      const message = `Something in "${channel}" was skipped: ${why}.`
      this.host.report(new TidingsError('invalid-data', message, { channel, cause }))
    }
    if (!schema) return void skipped(`the contract has no ${root}`)
    try {
      const result = validate(schema, value, root)
      if (result.ok) return { state: result.value }
      skipped(`${result.field}: ${result.message}`)
    } catch (cause) {
      skipped(`the schema of ${root} threw`, cause)
    }
    return undefined
  }
}
