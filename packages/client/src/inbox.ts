// What arrives on a channel, on its way to the app: one entry after the other is checked, folded into the state and
// handed to the listeners. Where the entries come from is subscription.ts's affair.

import {
  type AnyDefinition,
  type Cancel,
  type ChannelRef,
  Emitter,
  type EventData,
  type EventName,
  entryId,
  type Position,
  type ReportSkipped,
  type ResetReason,
  readEntry,
  type Schema,
  TidingsError,
  validate,
  type WireSnapshot,
} from '@tidings/core'
import { Alarm } from './alarm.ts'
import type { Continuity, Verdict } from './cursor.ts'
import type { Link } from './link.ts'
import { type Load, type Loaded, Loading } from './loading.ts'
import type { Outbox, Write } from './outbox.ts'
import { type Presence, type PresenceFrame, Roster } from './presence.ts'
import { Value } from './source.ts'
import { type Reader, type ReceivedEntry, Subscription } from './subscription.ts'
import { type AnyFold, View } from './view.ts'

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

export interface ChannelOptions<D extends AnyDefinition> {
  /** Where the first subscription begins. Default `now`. A state without `load` begins at its snapshot, or at `start`. */
  readonly after?: 'now' | 'start' | Position | undefined
  /** Brings the state instead of the server's snapshots. */
  readonly load?: Load<D> | undefined
  /** Whether to hear who is here, or only how many. Default `members`. */
  readonly presence?: 'members' | 'counts' | undefined
}

/** An own write that the log has and that has not come by for so long, in milliseconds, may have been lost with the log's end. */
const UNSEEN_MS = 10_000

type Listeners<Data, About> = Map<string, Emitter<[data: Data, about: About]>>

export class Inbox implements Reader {
  readonly subscription: Subscription
  readonly continuity: Value<Continuity>
  readonly state: Value<unknown>
  readonly presence: Value<Presence<unknown>>
  readonly events: Listeners<unknown, EventInfo> = new Map()
  readonly signals: Listeners<unknown, string> = new Map()
  readonly anyEvent: Emitter<[event: AnyEvent<AnyDefinition>]>
  readonly resets: Emitter<[reset: Reset]>
  /** The last entry that listeners were given. The cursor may go back behind it; they never do. */
  position: Position | undefined
  readonly #ref: ChannelRef
  readonly #link: Link
  readonly #outbox: Outbox
  readonly #view: View | undefined
  readonly #roster: Roster
  readonly #patience: Alarm
  #options: ChannelOptions<AnyDefinition> = {}
  #loading: Loading<ReceivedEntry> | undefined
  #watchers = 0
  #keepers = 0
  /** Whether nobody held the channel since the last verdict. */
  #wasReleased = false
  /** Entries up to this offset happened while nobody listened: they go into the state alone. */
  #missedThrough = 0
  /** Whether the last subscribe asked who is here. */
  #asksPresence = false

  constructor(ref: ChannelRef, link: Link, outbox: Outbox) {
    const { batch } = link
    const { state: fold } = ref.definition
    this.#ref = ref
    this.#link = link
    this.#outbox = outbox
    // The contract's types hold where the app uses them; here a fold is a fold.
    this.#view = fold && new View(fold as AnyFold, this.#skipped)
    this.#roster = new Roster(({ state }) => this.#read(ref.definition.presence, state, 'presence'))
    this.subscription = new Subscription(ref.name, link, this)
    this.#patience = new Alarm(link.clock, () => this.#prove())
    this.anyEvent = new Emitter(batch.report)
    this.resets = new Emitter(batch.report)
    this.continuity = new Value(batch, () => this.subscription.cursor.continuity)
    this.state = new Value(batch, () => this.#view?.get())
    this.presence = new Value(batch, () => this.#roster.get())
  }

  configure(options: ChannelOptions<AnyDefinition>): void {
    const { load, after } = options
    const { name, definition } = this.#ref
    if (definition.state && !load && typeof after === 'object') {
      const message =
        'A state cannot begin in the middle of the log: give "load" as well, or leave "after" to the snapshot.'
      throw new TidingsError('bad-request', message, { channel: name, field: 'after' })
    }
    this.#options = options
    if (definition.state && load) {
      this.#loading = new Loading(load, this.#link, (loaded) => this.#loaded(loaded))
    }
  }

  /** Presence is asked for while somebody watches it. */
  watch(): Cancel {
    this.#watchers++
    if (!this.#asksPresence) this.subscription.again()
    let isWatching = true
    return () => {
      if (isWatching) this.#watchers--
      isWatching = false
    }
  }

  /** While anything keeps it, what is known when the channel is released is what the next one goes on from. */
  keep(): Cancel {
    this.#keepers++
    let isKeeping = true
    return () => {
      if (isKeeping && --this.#keepers === 0 && !this.subscription.isOpen) this.#forget()
      isKeeping = false
    }
  }

  // ── Own writes ──────────────────────────────────────────────────────────────────────────────────────────────────────

  /** Whether there is nothing left to do for it. */
  get isOver(): boolean {
    return this.subscription.isOver && !this.#view?.hasWrites
  }

  written(write: Write): void {
    this.#view?.add(write)
    this.state.changed()
  }

  /** The status of an own write has changed. */
  decided(): void {
    if (this.subscription.isOpen || this.#isKept) this.#view?.settle()
    else this.#view?.release()
    if (this.#view?.unseen && !this.#patience.isSet) this.#patience.set(UNSEEN_MS)
    this.state.changed()
  }

  /** The server knows whether the log still has what it acknowledged. */
  #prove(): void {
    const { isOpen } = this.subscription
    const unseen = this.#view?.unseen
    if (!unseen || !isOpen) return
    if (this.#link.isOnline) this.subscription.prove(unseen)
    this.#patience.set(UNSEEN_MS)
  }

  /** No connection is wanted: no timer is left behind. After a close nobody wants to know what a load brings. */
  rest(): void {
    this.subscription.rest()
    this.#patience.stop()
    if (this.#link.isClosed) this.#loading?.stop()
    else this.#loading?.pause()
  }

  // ── The reader of the subscription ──────────────────────────────────────────────────────────────────────────────────

  wants(): ReturnType<Reader['wants']> {
    const { state, presence } = this.#ref.definition
    const { after, presence: detail = 'members' } = this.#options
    const wantsSnapshot = state !== undefined && !this.#loading
    this.#asksPresence = presence !== undefined && this.#watchers > 0
    if (typeof after === 'object') this.subscription.cursor.position ??= after
    return {
      canResume: !wantsSnapshot || (this.#view?.hasBase ?? false),
      after: after === 'start' || (after === 'now' && !wantsSnapshot) ? after : undefined,
      ...(wantsSnapshot && { state: state.version }),
      ...(this.#asksPresence && { presence: detail }),
    }
  }

  began(verdict: Exclude<Verdict, { readonly name: 'resumed' }>, snapshot: WireSnapshot | undefined): void {
    const { position } = verdict
    this.position = position
    this.#wasReleased = false
    this.#missedThrough = 0
    if (verdict.name === 'reset' && (verdict.reason === 'fork' || verdict.reason === 'ahead'))
      this.#view?.fork()
    if (this.#loading) this.#load(verdict.name === 'reset' ? verdict.reason : 'first')
    else if (snapshot) this.#view?.rebase(snapshot.state, position)
    // A history without a snapshot has to be seen from its first entry on.
    else if (position.offset === 0) this.#view?.rebase(this.#ref.definition.state?.initial, position)
    else this.#view?.release()
    this.state.changed()
    if (verdict.name === 'reset') this.resets.emit({ reason: verdict.reason, position })
  }

  received(received: ReceivedEntry): void {
    const { epoch, entry } = received
    const { offset, tag, by, sequence } = entry
    const write =
      this.#isOwn(by) && sequence !== undefined ? this.#outbox.find(this.#ref.name, sequence) : undefined
    if (write) {
      this.#outbox.accepted(write, { epoch, offset, tag }, false)
      // There may be room for the next one now; the answer that is still to come will find nothing to do.
      this.#link.schedule()
    }
    if (this.#loading?.isActive) this.#loading.hold(received)
    else this.#deliver(received)
  }

  presenceTold(frame: PresenceFrame): void {
    this.#roster.take(frame)
    this.presence.changed()
  }

  changed(): void {
    this.continuity.changed()
  }

  caughtUp(head: Position): void {
    if (this.position && this.position.offset > head.offset) this.subscription.goTo(this.position)
  }

  resumed(behind: number): void {
    if (this.#wasReleased) this.#missedThrough = (this.subscription.cursor.position?.offset ?? 0) + behind
    this.#wasReleased = false
    this.#loading?.resume()
  }

  released(): void {
    const { after } = this.#options
    // Whoever kept a position goes on from where it got to.
    if (typeof after === 'object' && this.position) this.#options = { ...this.#options, after: this.position }
    const isKept = this.#isKept
    this.#wasReleased = true
    this.#patience.stop()
    this.#loading?.stop()
    this.#roster.clear()
    this.presence.changed()
    if (!isKept) this.#forget()
  }

  get #isKept(): boolean {
    return this.#keepers > 0 && this.#view?.hasBase === true && !this.#loading?.isActive
  }

  #forget(): void {
    this.position = this.subscription.cursor.position = undefined
    this.#view?.release()
    this.state.changed()
  }

  signalled(name: string, data: unknown, from: string): void {
    const listeners = this.signals.get(name)
    if (!listeners) return
    const { signals } = this.#ref.definition
    const read = this.#read(
      Object.hasOwn(signals, name) ? signals[name] : undefined,
      data,
      `signal "${name}"`,
    )
    if (read) listeners.emit(read.state, from)
  }

  // ── Loading ─────────────────────────────────────────────────────────────────────────────────────────────────────────

  #load(reason: ResetReason | 'first'): void {
    this.subscription.cursor.load(reason)
    if (this.position) this.#loading?.start(this.position, reason)
  }

  #loaded({ state, position, held }: Loaded<ReceivedEntry>): void {
    const { cursor } = this.subscription
    this.#link.batch.run(() => {
      this.#view?.rebase(state, position)
      this.state.changed()
      cursor.load(undefined)
      if (held) for (const received of held) this.#deliver(received)
      else
        this.subscription.goTo(
          this.position && this.position.offset < position.offset ? this.position : position,
        )
      this.changed()
    })
  }

  // ── One entry ───────────────────────────────────────────────────────────────────────────────────────────────────────

  #deliver({ epoch, entry, isReplay }: ReceivedEntry): void {
    const { offset, tag, at, by, event: name } = entry
    const position: Position = { epoch, offset, tag }
    const id = entryId({ ...entry, epoch })
    const meta = { id, offset, at, by, isPending: false }
    const read = readEntry(this.#ref.definition, { event: name, data: entry.data, meta }, this.#skipped)
    this.#view?.apply(read && { event: name, data: read.data, meta }, position)
    this.state.changed()
    if (this.position && offset <= this.position.offset) {
      // After going back it has to be the same entry: another one says that the log has lost what listeners were given.
      if (offset === this.position.offset && tag !== this.position.tag) this.subscription.goTo(this.position)
      return
    }
    this.position = position
    if (!read || offset <= this.#missedThrough) return
    const info: EventInfo = {
      id,
      offset,
      position,
      at,
      by,
      origin: this.#isOwn(by) ? 'echo' : isReplay ? 'replay' : 'live',
    }
    this.events.get(name)?.emit(read.data, info)
    if (this.anyEvent.size > 0) this.anyEvent.emit({ name, data: read.data, ...info })
  }

  #isOwn(by: string | undefined): boolean {
    return by !== undefined && by === this.#outbox.you
  }

  readonly #skipped: ReportSkipped = ({ event, meta }, reason, cause) => {
    const { name: channel } = this.#ref
    this.#link.report(
      new TidingsError(
        'invalid-data',
        `Entry ${meta.offset} (${event}) of "${channel}" was skipped: ${reason}.`,
        { channel, cause },
      ),
    )
  }

  /** Data that is not in the log, as its schema gives it out; undefined, and a report, when it does not fit. */
  #read(schema: Schema | undefined, value: unknown, root: string): { readonly state: unknown } | undefined {
    const { name: channel } = this.#ref
    try {
      const result = schema && validate(schema, value, root)
      if (result?.ok) return { state: result.value }
      const problem = result ? `${result.field}: ${result.message}` : `the contract has no ${root}`
      this.#link.report(
        new TidingsError('invalid-data', `Something in "${channel}" was skipped: ${problem}.`, { channel }),
      )
    } catch (cause) {
      this.#link.report(
        new TidingsError(
          'invalid-data',
          `Something in "${channel}" was skipped: the schema of ${root} threw.`,
          { channel, cause },
        ),
      )
    }
    return undefined
  }
}
