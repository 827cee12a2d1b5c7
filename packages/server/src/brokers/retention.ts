// What a log may let go of, and when it looks (BR8). Pure; every broker trims by it.

import type { KeepRule } from '../broker.ts'

/** A channel is looked at once in so many of its entries: that many more than the rule asks for may be kept. */
export const TRIM_EVERY = 64

/** Entries that leave at one look where few have come: after a rule became narrower the rest follows in steps. */
const TRIM_AT_MOST = 512

/** Whether these new entries make the channel due. `phase` keeps channels from falling due all at once. */
export function isTrimDue(firstOffset: number, lastOffset: number, phase: number): boolean {
  return Math.floor((lastOffset + phase) / TRIM_EVERY) > Math.floor((firstOffset - 1 + phase) / TRIM_EVERY)
}

/** Entries that leave at one look, at most: more than have `come` since the last, so no log outgrows its rule. */
export const trimAtMost = (come: number): number => Math.max(TRIM_AT_MOST, 2 * come)

/**
 * The newest offset that number and snapshot let go of; with an `ageMs` the entries must be old enough as well.
 * One entry more than asked for stays, and the one at the snapshot: a reader who stands there can prove it by its tag.
 */
export function trimLimit(keep: KeepRule, headOffset: number, snapshotOffset: number | undefined): number {
  const byNumber = headOffset - keep.entries - 1
  return keep.sinceSnapshot ? Math.min(byNumber, (snapshotOffset ?? 0) - 1) : byNumber
}
