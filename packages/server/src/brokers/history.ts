// What names a history, what an append becomes in it, and which of two snapshots of a channel is kept.

import type { Chance } from '@tidings/core'
import type { AppendRequest, StoredEntry, StoredSnapshot } from '../broker.ts'

/** 71 bits: no two histories share a name. */
export const newEpoch = (chance: Chance): string => chance.token(12)

/** 47 bits: two entries that took the same offset in forked histories have the same mark once in 10^14 times. */
export const newTags = ({ drafts }: AppendRequest, chance: Chance): string[] =>
  drafts.map(() => chance.token(8))

/** The entries of an append that has been let in; one tag for each draft. */
export function entriesOf(
  { drafts, identity, by }: AppendRequest,
  tags: readonly string[],
  at: number,
  firstOffset: number,
): StoredEntry[] {
  const sequence = identity?.kind === 'producer' && by !== undefined ? identity.sequence : undefined
  return drafts.map(({ event, data }, i) => {
    return { offset: firstOffset + i, tag: tags[i] as string, event, data, at, by, sequence }
  })
}

/** A snapshot but for its state. */
export type SnapshotMark = Omit<StoredSnapshot, 'state'>

/** The newer one stays; at the same offset the newer version; one of another epoch is always replaced. */
export function isReplacedBy(stored: SnapshotMark | undefined, { position, version }: SnapshotMark): boolean {
  if (!stored || stored.position.epoch !== position.epoch) return true
  const ahead = position.offset - stored.position.offset
  return ahead > 0 || (ahead === 0 && version >= stored.version)
}
