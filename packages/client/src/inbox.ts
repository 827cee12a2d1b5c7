// What arrives on a channel, on its way to the app: one entry after the other is checked and handed to the listeners.
// Where the entries come from is subscription.ts's affair, what they add up to folding.ts's.

import {
  type AnyDefinition,
  type ChannelRef,
  Emitter,
  type EventData,
  type EventName,
  entryId,
  type FoldedEntry,
  type Position,
  type ReportSkipped,
  type ResetReason,
  readEntry,
  type SubscribeRequest,
  TidingsError,
  type WireSnapshot,
} from '@tidings/core'
import type { Continuity, Verdict } from './cursor.ts'
import type { Link } from './link.ts'
import type { Outbox } from './outbox.ts'
import { Value } from './source.ts'
import { type Reader, type ReceivedEntry, Subscription } from './subscription.ts'
import type { Write } from './write.ts'

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
  /** Read back after an absence, also where it is a write of this client. */
  readonly isReplay: boolean
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

export type Beginning = Exclude<Verdict, { readonly name: 'resumed' }>

/** What the entries of a channel add up to, where the contract says so and the app wants to see it. */
export interface Folding {
  /** What to ask for, and whether what was built so far can go on from the cursor's place. */
  wants(): Pick<SubscribeRequest, 'state'> & { readonly canResume: boolean }
  began(verdict: Beginning, snapshot: WireSnapshot | undefined): void
  /** What was loaded cannot be brought up to date from the log. Listeners go on from `position`. */
  outdated(position: Position, reason: ResetReason): void
  /** It goes on from `at`. */
  resumed(at: Position): void
  /** Whether it keeps the entry back, to deliver it later. */
  holds(received: ReceivedEntry): boolean
  /** The next entry; undefined where it was skipped. */
  apply(entry: FoldedEntry | undefined, position: Position): void
  /** An own write; then: its status has changed. */
  written(write: Write): void
  decided(): void
  /** Nothing holds the channel any more. Whether what was built is kept for whoever comes next. */
  released(): boolean
  readonly hasWrites: boolean
  rest(): void
}

export class Inbox implements Reader {
  readonly subscription: Subscription
  readonly continuity: Value<Continuity>
  readonly events = new Map<string, Emitter<[data: unknown, about: EventInfo]>>()
  readonly anyEvent: Emitter<[event: AnyEvent<AnyDefinition>]>
  readonly resets: Emitter<[reset: Reset]>
  /** The last entry that listeners were given. The cursor may go back behind it; they never do. */
  position: Position | undefined
  /** Where to begin. */
  after: 'now' | 'start' | Position | undefined
  folding: Folding | undefined
  /** What else to subscribe to. */
  asks: (() => Pick<SubscribeRequest, 'presence'>) | undefined
  onReleased: (() => void) | undefined
  readonly #ref: ChannelRef
  readonly #link: Link
  readonly #outbox: Outbox
  /** Whether nobody held the channel since the last verdict. */
  #wasReleased = false
  /** Entries up to this offset happened while nobody listened: they go into the state alone. */
  #missedThrough = 0

  constructor(ref: ChannelRef, link: Link, outbox: Outbox) {
    const { batch } = link
    this.#ref = ref
    this.#link = link
    this.#outbox = outbox
    this.subscription = new Subscription(ref.name, link, this)
    this.anyEvent = new Emitter(batch.report)
    this.resets = new Emitter(batch.report)
    this.continuity = new Value(batch, () => this.subscription.cursor.continuity)
  }

  /** Whether there is nothing left to do for it. */
  get isOver(): boolean {
    return this.subscription.isOver && !this.folding?.hasWrites
  }

  /** No connection is wanted: no timer is left behind. */
  rest(): void {
    this.subscription.rest()
    this.folding?.rest()
  }

  /** The next subscription begins anew. */
  forget(): void {
    this.position = this.subscription.cursor.position = undefined
  }

  // ── The reader of the subscription ──────────────────────────────────────────────────────────────────────────────────

  wants(): ReturnType<Reader['wants']> {
    const { after } = this
    const fold = this.folding?.wants()
    if (typeof after === 'object') this.subscription.cursor.position ??= after
    return {
      canResume: true,
      ...fold,
      // A snapshot is where a state begins.
      after: after === 'start' || (after === 'now' && fold?.state === undefined) ? after : undefined,
      ...this.asks?.(),
    }
  }

  /** Only the state was read again, from before what listeners were given: it is loaded anew, and they go on. */
  passesOver(reason: ResetReason): boolean {
    const { position, subscription } = this
    const from = subscription.cursor.position
    if (!position || !from || from.offset >= position.offset) return false
    this.folding?.outdated(position, reason)
    subscription.goTo(position)
    return true
  }

  began(verdict: Beginning, snapshot: WireSnapshot | undefined): void {
    const { position } = verdict
    this.position = position
    this.#wasReleased = false
    this.#missedThrough = 0
    this.folding?.began(verdict, snapshot)
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
    if (!this.folding?.holds(received)) this.deliver(received)
  }

  changed(): void {
    this.continuity.changed()
  }

  caughtUp(head: Position): void {
    if (this.position && this.position.offset > head.offset) this.subscription.goTo(this.position)
  }

  resumed(at: Position, behind: number): void {
    if (this.#wasReleased) this.#missedThrough = at.offset + behind
    this.#wasReleased = false
    this.position ??= at
    this.folding?.resumed(at)
  }

  released(): void {
    // Whoever kept a position goes on from where it got to.
    if (typeof this.after === 'object' && this.position) this.after = this.position
    this.#wasReleased = true
    this.onReleased?.()
    if (!this.folding?.released()) this.forget()
  }

  // ── One entry ───────────────────────────────────────────────────────────────────────────────────────────────────────

  deliver({ epoch, entry, isReplay }: ReceivedEntry): void {
    const { offset, tag, at, by, event: name } = entry
    const position: Position = { epoch, offset, tag }
    const id = entryId({ ...entry, epoch })
    const meta = { id, offset, at, by, isPending: false }
    const read = readEntry(this.#ref.definition, { event: name, data: entry.data, meta }, this.skipped)
    this.folding?.apply(read && { event: name, data: read.data, meta }, position)
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
      isReplay,
    }
    this.events.get(name)?.emit(read.data, info)
    if (this.anyEvent.size > 0) this.anyEvent.emit({ name, data: read.data, ...info })
  }

  #isOwn(by: string | undefined): boolean {
    return by !== undefined && by === this.#outbox.you
  }

  readonly skipped: ReportSkipped = ({ event, meta }, reason, cause) => {
    const { name: channel } = this.#ref
    this.#link.report(
      new TidingsError(
        'invalid-data',
        `Entry ${meta.offset} (${event}) of "${channel}" was skipped: ${reason}.`,
        { channel, cause },
      ),
    )
  }
}
