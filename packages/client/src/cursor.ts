// A reader's place in a channel's log: which entry is next, which was seen before, where one is missing, and what the
// app may say about it. Decides only; subscription.ts asks and channel.ts tells.

import type { Position, ResetReason, TidingsError } from '@tidings/core'

/** What the server said when the channel was last subscribed or set back. */
export type Verdict =
  /** Started anew, as asked: there is no earlier history that could be missing. */
  | { readonly name: 'fresh'; readonly position: Position }
  /** Went on exactly after the last entry; `behind` of them were missed and follow. */
  | { readonly name: 'resumed'; readonly position: Position; readonly behind: number }
  /** Could not go on: what lies between is not there. */
  | { readonly name: 'reset'; readonly position: Position; readonly reason: ResetReason }

type Status =
  /** Nothing holds the channel. */
  | { readonly status: 'idle' }
  /** Asked for; the server has not answered yet. */
  | { readonly status: 'joining' }
  /** Nothing is missing, and what happens arrives as it happens. */
  | { readonly status: 'live' }
  /** The connection, or the channel's place on it, is gone for now; what was missed will follow. */
  | { readonly status: 'paused' }
  /** Missed entries are on their way: at least `behind` of them. */
  | { readonly status: 'catching-up'; readonly behind: number }
  /** The app's `load` is under way. What is shown is from before. */
  | { readonly status: 'loading'; readonly reason: ResetReason | 'first' }
  /** Entries are missing for good; over once the channel is live again. */
  | { readonly status: 'gap'; readonly reason: ResetReason }
  /** The server refuses the channel. */
  | { readonly status: 'denied'; readonly error: TidingsError }

/** Whether what is shown is what is. */
export type Continuity = Status & {
  /** The last one; undefined before the first. */
  readonly verdict: Verdict | undefined
}

export class Cursor {
  /** The last entry received; undefined before the first verdict. */
  position: Position | undefined
  continuity: Continuity = { status: 'idle', verdict: undefined }
  #status: Status = { status: 'idle' }
  #loading: ResetReason | 'first' | undefined
  #verdict: Verdict | undefined
  /** The highest offset that is known to exist. */
  #known = 0

  /** Asked for: what was refused, or never held, begins anew. */
  join(): void {
    const { status } = this.#status
    if (status === 'idle' || status === 'denied') this.#become({ status: 'joining' })
  }

  answered(verdict: Verdict, behind: number): void {
    this.#verdict = verdict
    if (verdict.name !== 'resumed') this.position = verdict.position
    this.#known = (this.position?.offset ?? 0) + behind
    this.#become(
      verdict.name === 'reset'
        ? { status: 'gap', reason: verdict.reason }
        : { status: 'catching-up', behind },
    )
  }

  /** Takes the entry for the next one; otherwise it was seen before, or one before it is missing. */
  accept(
    epoch: string,
    { offset, tag }: { readonly offset: number; readonly tag: string },
  ): 'next' | 'seen' | 'hole' {
    const { position } = this
    if (!position || position.epoch !== epoch) return 'hole'
    if (offset <= position.offset) return 'seen'
    if (offset > position.offset + 1) return this.#miss(offset - position.offset)
    this.position = { epoch, offset, tag }
    if (this.#status.status === 'catching-up') this.catchUp()
    return 'next'
  }

  /** The server says that `head` is the last entry: true when it was received, and the channel is live. */
  reached(head: Position): boolean {
    const { position } = this
    if (position?.epoch !== head.epoch || position.offset < head.offset) {
      this.#miss(head.offset - (position?.offset ?? 0))
      return false
    }
    this.#become({ status: 'live' })
    return true
  }

  /** Entries are on their way that are not pushed as they happen. */
  catchUp(): void {
    this.#become({ status: 'catching-up', behind: Math.max(0, this.#known - (this.position?.offset ?? 0)) })
  }

  /** The app loads a state; undefined: it has. */
  load(reason: ResetReason | 'first' | undefined): void {
    this.#loading = reason
    this.#become(this.#status)
  }

  pause(): void {
    const { status } = this.#status
    if (status !== 'idle' && status !== 'joining' && status !== 'denied') this.#become({ status: 'paused' })
  }

  deny(error: TidingsError): void {
    this.#become({ status: 'denied', error })
  }

  /** Nothing holds the channel any more. */
  release(): void {
    this.#loading = this.#verdict = undefined
    this.#become({ status: 'idle' })
  }

  #miss(behind: number): 'hole' {
    this.#known = (this.position?.offset ?? 0) + Math.max(0, behind)
    this.catchUp()
    return 'hole'
  }

  #become(status: Status): void {
    this.#status = status
    const isLoading =
      this.#loading !== undefined &&
      (status.status === 'live' || status.status === 'catching-up' || status.status === 'gap')
    const shown: Status = isLoading
      ? { status: 'loading', reason: this.#loading as ResetReason | 'first' }
      : status
    const next: Continuity = { ...shown, verdict: this.#verdict }
    if (!isSame(this.continuity, next)) this.continuity = next
  }
}

function isSame(a: Continuity, b: Continuity): boolean {
  const keys = Object.keys(b) as (keyof Continuity)[]
  return a.status === b.status && keys.every((key) => a[key] === b[key])
}
