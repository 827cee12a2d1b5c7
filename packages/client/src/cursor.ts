// A reader's place in a channel's log: which entry is next, which was seen before, where one is missing, and what the
// app may say about it. Decides only; channel.ts sends and tells.

import type { Position, ResetReason, TidingsError } from '@tidings/core'

/** What the server said when the channel was last subscribed or set back. */
export type Verdict =
  /** Started anew, as asked: there is no earlier history that could be missing. */
  | { readonly name: 'fresh'; readonly position: Position }
  /** Went on exactly after the last entry; `behind` of them were missed and follow. */
  | { readonly name: 'resumed'; readonly position: Position; readonly behind: number }
  /** Could not go on: what lies between is not there. */
  | { readonly name: 'reset'; readonly position: Position; readonly reason: ResetReason }

/** Whether what is shown is what is. */
export type Continuity = (
  /** Nothing holds the channel. */
  | { readonly status: 'idle' }
  /** Asked for; the server has not answered yet. */
  | { readonly status: 'joining' }
  /** Nothing is missing, and what happens arrives as it happens. */
  | { readonly status: 'live' }
  /** The connection is gone; what was missed will follow. */
  | { readonly status: 'paused' }
  /** Missed entries are on their way: at least `behind` of them. */
  | { readonly status: 'catching-up'; readonly behind: number }
  /** The app's `load` is under way. What is shown is from before. */
  | { readonly status: 'loading'; readonly reason: ResetReason | 'first' }
  /** Entries are missing for good; over once the channel is live again. */
  | { readonly status: 'gap'; readonly reason: ResetReason }
  /** The server refuses the channel. */
  | { readonly status: 'denied'; readonly error: TidingsError }
) & { readonly verdict: Verdict | undefined }
