// The state as the app sees it: the log's entries folded, and own writes on top that the log does not show yet. Every
// own write is in it exactly once, in whatever order its answer, its entry and a new snapshot arrive.

import {
  type EntryMeta,
  type FoldedEntry,
  foldEntry,
  type Position,
  type ReportSkipped,
  type StateDefinition,
} from '@tidings/core'
import type { Write } from './write.ts'

/** The fold of any channel: its types are the contract's, checked where the app uses them. */
// biome-ignore lint/suspicious/noExplicitAny: stands for folds over any events
export type AnyFold = StateDefinition<any, unknown>

interface Base {
  readonly state: unknown
  /** Everything up to here is in `state`. */
  readonly position: Position
}

const NOTHING = { from: undefined, writes: [], by: undefined, state: undefined }

export class View {
  readonly #fold: AnyFold
  readonly #report: ReportSkipped
  /** What `get` said last, and what it was made from. */
  #shown: { from: unknown; writes: readonly Write[]; by: string | undefined; state: unknown } = NOTHING
  #base: Base | undefined
  /** A new base that may hold own writes of which it is not known yet whether the log has them; `#base` is shown until it is. */
  #next: { readonly base: Base; readonly doubts: readonly Write[] } | undefined
  /** Own writes that `#base` does not hold, oldest first. */
  #writes: readonly Write[] = []
  /** Those of them that were accepted into a history that has lost its end since. */
  #lost: ReadonlySet<Write> = new Set()

  constructor(fold: AnyFold, report: ReportSkipped) {
    this.#fold = fold
    this.#report = report
  }

  /** Whether there is a state to go on from. */
  get hasBase(): boolean {
    return this.#base !== undefined || this.#next !== undefined
  }

  /** Whether own writes wait to be seen in the log. */
  get hasWrites(): boolean {
    return this.#writes.length > 0
  }

  /** What is shown and has not come by, for who has seen the log up to `at`: own writes, or what the app loaded. The last of it. */
  unseen(at: Position | undefined): Position | undefined {
    // What comes in its place waits already; what that does not hold is asked about once it is shown.
    if (this.#next) return undefined
    const held = this.#base?.position
    return (
      this.#writes.map(acceptedAt).findLast((position) => position !== undefined) ??
      (held && at && held.offset > at.offset ? held : undefined)
    )
  }

  /** Whether the log has another entry where the base has its last one. */
  isForkedAt({ offset, tag }: Position): boolean {
    const held = (this.#next?.base ?? this.#base)?.position
    return held?.offset === offset && held.tag !== tag
  }

  /** Undefined before the first base; the same object as long as nothing in it has changed. */
  get(): unknown {
    const [from, writes, by] = [this.#base?.state, this.#writes, this.#writes[0]?.by]
    const shown = this.#shown
    if (shown.from !== from || shown.writes !== writes || shown.by !== by) {
      const state =
        this.#base &&
        writes.reduce((state, write) => foldEntry(this.#fold, state, pending(write), ignore), from)
      this.#shown = { from, writes, by, state }
    }
    return this.#shown.state
  }

  /** The next base is of a history that has lost its end: what was accepted before is in that base, or gone. */
  fork(): void {
    this.#lost = new Set(this.#writes.filter((write) => acceptedAt(write) !== undefined))
  }

  /** Begins anew from a snapshot, or from what the app loaded. */
  rebase(state: unknown, position: Position): void {
    const doubts = this.#writes.filter(isUndecided)
    this.#next = { base: { state, position }, doubts }
    this.settle()
  }

  /** Another base is on its way: the one that waits is never shown, and what it holds is asked of that one. */
  supersede(): void {
    this.#next = undefined
  }

  /** Folds the next entry of the log. `entry.data` is what the schema gave out; undefined entries only move the place. */
  apply(entry: FoldedEntry | undefined, position: Position): void {
    const base = this.#next?.base ?? this.#base
    if (!base || position.offset <= base.position.offset) return
    const state = entry ? foldEntry(this.#fold, base.state, entry, this.#report) : base.state
    if (this.#next) this.#next = { ...this.#next, base: { state, position } }
    else this.#base = { state, position }
    this.settle()
  }

  /** In order of their numbers: one from an earlier page comes late, and before those of this one. */
  add(write: Write): void {
    // It may be in the state already, and only its answer can tell: better late than twice.
    if (this.hasBase && isUndecided(write)) return
    this.#writes = [...this.#writes, write].sort((a, b) => a.sequence - b.sequence)
  }

  /** To be called after a write's status has changed. */
  settle(): void {
    if (this.#next && !this.#next.doubts.some(isUndecided)) {
      const { base } = this.#next
      this.#base = base
      this.#next = undefined
      // What was accepted into another history is in this one, or was lost with it.
      this.#keep((write) => {
        const epoch = acceptedAt(write)?.epoch
        return epoch === undefined || (epoch === base.position.epoch && !this.#lost.has(write))
      })
      this.#lost = new Set()
    }
    const held = this.#base?.position
    this.#keep((write) => !isRefused(write) && !(held && isIn(held, write)))
  }

  /** Forgets the state; writes without an answer stay. */
  release(): void {
    this.#base = this.#next = undefined
    this.#keep((write) => acceptedAt(write) === undefined && !isRefused(write))
  }

  #keep(isKept: (write: Write) => boolean): void {
    if (!this.#writes.every(isKept)) this.#writes = this.#writes.filter(isKept)
  }
}

/** It was sent, be it by another page, and nobody knows yet whether the log has it. */
function isUndecided({ status, contest }: Write): boolean {
  const { name } = status.get()
  return name === 'sent' || (name === 'queued' && contest !== 'none')
}

/** It will not be seen in the log as this client's own. */
const isRefused = (write: Write) => 'error' in write.status.get()

function acceptedAt(write: Write): Position | undefined {
  const status = write.status.get()
  return status.name === 'accepted' ? status.position : undefined
}

function isIn(base: Position, write: Write): boolean {
  const position = acceptedAt(write)
  return position !== undefined && position.epoch === base.epoch && position.offset <= base.offset
}

// What a fold cannot do with a pending write is reported when its entry comes.
const ignore: ReportSkipped = () => {}

function pending({ id, by, draft }: Write): FoldedEntry {
  const meta: EntryMeta = { id, offset: 0, at: draft.at, by, isPending: true }
  return { event: draft.event, data: draft.value, meta }
}
