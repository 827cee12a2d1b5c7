// What one tab's application sees of one channel, held against the ledger while it happens: every entry once and in
// order, every reset for a true reason, every state the fold of a history that was, every own write shown once.

import type { Channel, Publication, Verdict } from '@tidings/client'
import { type Cancel, formatPosition, isSamePosition, type Position, type ResetReason } from '@tidings/core'
import { type Chained, emptyChain, type SimulatedDefinition } from './contract.ts'
import { isPastOf, type Ledger, type Recorded } from './ledger.ts'
import type { Trace } from './trace.ts'
import type { Complain } from './violation.ts'

/** A write of this tab. */
export interface OwnWrite {
  readonly n: number
  readonly publication: Publication
  /** Virtual milliseconds. */
  readonly at: number
  /** Whether it was ever told to be in the storage. */
  wasStored: boolean
}

export interface ReadingOptions {
  readonly who: string
  readonly channel: Channel<SimulatedDefinition>
  readonly ledger: Ledger
  readonly trace: Trace
  readonly complain: Complain
  /** More than this was missed: the server need not replay it. */
  readonly replayEntries: number
  /** Pending writes keep their order among those for which this is the same. */
  readonly orderOf: (n: number) => unknown
  /** Whether what another tab has left may be shown beside its own entry: a storage that failed is not waited for. */
  readonly mayShowTwice: () => boolean
  /** Whether a write was sent, be it by another tab, of which nobody knows yet whether the log has it. */
  readonly isUndecided: () => boolean
  /** The application was given an entry. */
  readonly onEvent: (event: Told) => void
}

export type Told = Parameters<Parameters<Channel<SimulatedDefinition>['onAny']>[0]>[0]

export class Reading {
  readonly name: string
  readonly allWrites: OwnWrite[] = []
  /** Those whose fate may still change what is shown. */
  #writes: OwnWrite[] = []
  /** Writes of earlier pages that were shown as pending when one looked last. */
  #restored: readonly number[] = []
  readonly #options: ReadingOptions
  #stops: Cancel[] = []
  /** The last entry that the application was given, or where it was told to begin. */
  #at: Position | undefined
  #verdict: Verdict | undefined
  #told = 0
  #resets = 0

  constructor(options: ReadingOptions) {
    this.#options = options
    this.name = options.channel.ref.name
  }

  get isOpen(): boolean {
    return this.#stops.length > 0
  }

  /** Entries that the application was given. */
  get told(): number {
    return this.#told
  }

  get resets(): number {
    return this.#resets
  }

  get channel(): Channel<SimulatedDefinition> {
    return this.#options.channel
  }

  get at(): Position | undefined {
    return this.#at
  }

  wrote(write: OwnWrite): void {
    this.allWrites.push(write)
    // What no fold takes in is not shown.
    if (write.publication.event === 'marked') this.#writes.push(write)
  }

  open(): void {
    if (this.isOpen) return
    const { channel } = this.#options
    if (channel.continuity.get().status === 'idle') this.#beginAnew()
    // While it lingered, entries went by that nobody listened to.
    this.#at = channel.position()
    this.#verdict = channel.continuity.get().verdict
    this.#stops = [
      channel.onAny((event) => this.#event(event)),
      channel.onReset(({ reason, position }) => this.#reset(reason, position)),
      channel.onSignal('nudged', (_, from) =>
        this.#options.trace.note(this.#options.who, `${this.name} nudged by ${from}`),
      ),
      channel.continuity.subscribe(() => this.#continuity()),
      channel.presence.subscribe(() => {}),
    ]
    if (channel.ref.definition.state) this.#stops.push(channel.state.subscribe(() => this.check()))
  }

  /** The channel lingers a little; then its place is given up. */
  close(): void {
    for (const stop of this.#stops.splice(0)) stop()
  }

  /** Looks at the state as the application would show it now. */
  check(): void {
    const { channel } = this.#options
    this.#takeVerdict()
    const state: Chained | undefined = channel.ref.definition.state ? channel.state.get() : undefined
    this.#restored = (state?.pending ?? []).filter((n) => !this.#isOwn(n))
    if (!state) return
    const histories = this.#options.ledger.withState(this.name, state)
    // A history that was never written has no record.
    const isBeginning = state.count === 0 && state.chain === emptyChain.chain
    if (histories.length === 0 && !isBeginning) {
      return this.#complain('silent', 'Q1', `shows a state of ${state.count} entries that no history has`)
    }
    this.#checkPending(state, histories)
    this.#checkWrites(state, histories)
    this.#checkPlace(histories)
  }

  #event(event: Told): void {
    const { ledger, trace, who } = this.#options
    this.#takeVerdict()
    this.#told++
    const { position, data, name } = event
    trace.note(who, `${this.name} ${event.origin} ${formatPosition(position)} ${data.n}`)
    const recorded = ledger.at(this.name, position)
    const last = this.#at
    this.#at = position
    if (!recorded?.entry)
      return this.#complain('silent', 'A2', `was given ${formatPosition(position)}, which no log ever had`)
    if (
      recorded.entry.event !== name ||
      (recorded.entry.data as string) !== JSON.stringify(data) ||
      recorded.entry.by !== event.by
    ) {
      return this.#complain(
        'silent',
        'A2',
        `was given another entry at ${formatPosition(position)} than the log has`,
      )
    }
    if (!last)
      return this.#complain('silent', 'A1', `was given ${formatPosition(position)} before any verdict`)
    this.#checkOrder(recorded, last)
    this.#options.onEvent(event)
  }

  #checkOrder(recorded: Recorded, last: Position): void {
    const { position, previous } = recorded
    if (previous && isSamePosition(previous.position, last)) return
    const sentence = `was given ${formatPosition(position)} after ${formatPosition(last)}`
    if (position.epoch !== last.epoch) return this.#complain('silent', 'A1', sentence)
    if (position.offset > last.offset + 1) return this.#complain('lost', 'A1', sentence)
    if (position.offset === last.offset + 1)
      return this.#complain('silent', 'A1', `${sentence}, which it does not follow`)
    const lastRecorded = this.#options.ledger.at(this.name, last)
    const isSeen = lastRecorded !== undefined && isPastOf(recorded, lastRecorded)
    this.#complain(isSeen ? 'doubled' : 'reordered', 'A1', sentence)
  }

  #reset(reason: ResetReason, position: Position): void {
    const { trace, who, channel } = this.#options
    this.#verdict = channel.continuity.get().verdict
    this.#resets++
    trace.note(who, `${this.name} reset ${reason} ${formatPosition(position)}`)
    if (this.#at && !this.#isTrueReason(reason, position)) {
      this.#complain(
        'silent',
        'A9',
        `was reset at ${formatPosition(this.#at)} for "${reason}", which is not true`,
      )
    }
    this.#at = position
  }

  #isOwn(n: number): boolean {
    return this.allWrites.some((own) => own.n === n)
  }

  /** True of the last entry, or of a write that the log had acknowledged: of this page, or of an earlier one. */
  #isTrueReason(reason: ResetReason, to: Position): boolean {
    const written = this.#writes.map(({ publication }) => publication.status.get())
    const acknowledged = written.flatMap((status) => (status.name === 'accepted' ? [status.position] : []))
    const restored = this.#restored.flatMap((n) => this.#options.ledger.copies(this.name, n))
    // What arrives during a load is held back: the place on the connection is further on.
    const held =
      this.name.startsWith('sheet/') && this.#at ? this.#options.ledger.since(this.name, this.#at) : []
    return [this.#at, ...acknowledged, ...[...restored, ...held].map(({ position }) => position)].some(
      (at) => at && isTrueReason(reason, { at, to }, { ...this.#options, channel: this.name }),
    )
  }

  #continuity(): void {
    const { channel, trace, who } = this.#options
    this.#takeVerdict()
    const continuity = channel.continuity.get()
    trace.note(who, `${this.name} ${continuity.status} ${channel.position()?.offset ?? '-'}`)
    if (continuity.status === 'idle') this.#beginAnew()
  }

  /** The channel was let go of: its place, and what was accepted meanwhile, are forgotten. */
  #beginAnew(): void {
    this.#at = this.#verdict = undefined
    this.#writes = this.#writes.filter(({ publication }) => publication.status.get().name !== 'accepted')
  }

  #takeVerdict(): void {
    const { verdict } = this.#options.channel.continuity.get()
    if (verdict === this.#verdict) return
    this.#verdict = verdict
    if (verdict?.name !== 'fresh') return
    if (this.#at)
      this.#complain('silent', 'A1', `had got to ${formatPosition(this.#at)} and began anew without a reset`)
    this.#at = verdict.position
  }

  /** What is pending is shown in its order, and not beside its entry. */
  #checkPending(state: Chained, histories: readonly Recorded[]): void {
    if (state.pending.length === 0) return
    const { ledger, orderOf, mayShowTwice } = this.#options
    const last = new Map<unknown, number>()
    for (const n of state.pending) {
      const before = last.get(orderOf(n)) ?? -1
      if (n <= before) this.#complain('reordered', 'Q1', `shows pending write ${n} after ${before}`)
      last.set(orderOf(n), n)
      if (this.#isOwn(n) || mayShowTwice()) continue
      const copies = ledger.copies(this.name, n)
      const folded = copies.filter((copy) => histories.every((history) => isPastOf(copy, history)))
      // What is shown is a history that was replaced by one that has accepted the write as well: that takes some time to be
      // seen through.
      const isCurrent = (copy: Recorded) => ledger.isCurrent(copy)
      const isReplaced = !folded.some(isCurrent) && copies.some(isCurrent)
      if (histories.length > 0 && folded.length > 0 && !isReplaced)
        this.#complain('doubled', 'OB7', `shows the restored write ${n} beside its entry`)
    }
  }

  /** Every own write is shown once: as pending, or as part of the history. */
  #checkWrites(state: Chained, histories: readonly Recorded[]): void {
    if (this.#writes.length === 0) return
    const { ledger } = this.#options
    const isSettled = new Set<number>()
    for (const { n, publication } of this.#writes) {
      const status = publication.status.get()
      const copies = ledger.copies(this.name, n)
      const folded = copies.filter((copy) => histories.some((history) => isPastOf(copy, history)))
      const isFolded = folded.length > 0
      const pending = state.pending.filter((pending) => pending === n).length
      const shown = pending + (isFolded ? 1 : 0)
      if (status.name === 'refused') {
        if (shown > 0 && !isFolded) this.#complain('silent', 'Q1', `shows write ${n}, which was refused`)
        isSettled.add(n)
        continue
      }
      if (shown === 1) {
        if (isFolded && status.name === 'accepted') isSettled.add(n)
        continue
      }
      // A history that was replaced takes some time to be seen through: by a state without the write, or by one that has it,
      // and shows it as pending for the other history that accepted it.
      const isReplaced = ledger.upheavals(this.name) > 0 && !folded.some((copy) => ledger.isCurrent(copy))
      if (status.name === 'accepted' && pending <= 1 && isReplaced) continue
      this.#complain(
        shown === 0 ? 'lost' : 'doubled',
        'Q1',
        `shows its ${status.name} write ${n} ${shown} times`,
      )
    }
    if (isSettled.size > 0) this.#writes = this.#writes.filter(({ n }) => !isSettled.has(n))
  }

  /** A live state is that of the last entry, unless an answer is awaited that could change it. */
  #checkPlace(histories: readonly Recorded[]): void {
    const { channel } = this.#options
    // What the app loads may be ahead of what has arrived, or behind it.
    if (!this.#at || channel.continuity.get().status !== 'live' || this.name.startsWith('sheet/')) return
    if (this.#options.isUndecided()) return
    const at = this.#at
    if (histories.some(({ position }) => isSamePosition(position, at))) return
    if (at.offset === 0 && histories.every(({ count }) => count === 0)) return
    this.#complain(
      'silent',
      'Q1',
      `is at ${formatPosition(at)} and shows the state of ${histories.map(({ position }) => position.offset)}`,
    )
  }

  #complain(...[harm, rule, message]: Parameters<Complain>): void {
    this.#options.complain(harm, rule, `${this.#options.who}, ${this.name}: ${message}`)
  }
}

/** [A9] Whether somebody who stands at `at` had to be set back to `to`, and for this reason. */
export function isTrueReason(
  reason: ResetReason,
  { at, to }: { readonly at: Position; readonly to: Position },
  {
    ledger,
    channel,
    replayEntries,
  }: { readonly ledger: Ledger; readonly channel: string; readonly replayEntries: number },
): boolean {
  const recorded = ledger.at(channel, at)
  const head = ledger.head(channel)
  const isCurrent = recorded !== undefined && ledger.isCurrent(recorded)
  switch (reason) {
    case 'epoch':
      return head?.position.epoch !== at.epoch
    case 'fork':
    case 'ahead':
      return !isCurrent
    case 'trimmed':
      return ledger.oldestOffset(channel) > Math.max(1, at.offset)
    case 'limit': {
      const isFar = ({ epoch, offset }: Position) => epoch === at.epoch && offset - at.offset > replayEntries
      // The log may have gone on, or be another one, since it was read.
      return isFar(to) || (head !== undefined && isFar(head.position))
    }
  }
}
