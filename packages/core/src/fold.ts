// Folds entries into a state: the same function on the server (snapshots) and on the client (views), so both ends
// agree on what a history means.

import type { AnyDefinition, EntryMeta, Schemas, StateDefinition } from './contract.ts'
import { validate } from './schema.ts'

export interface FoldedEntry {
  readonly event: string
  readonly data: unknown
  readonly meta: EntryMeta
}

/** Told about an entry that was skipped: its event is unknown, its data is invalid, or the fold threw. */
export type ReportSkipped = (entry: FoldedEntry, reason: string, cause?: unknown) => void

/** The entry's data as the contract's schema gives it out, or undefined (and a report) when it does not fit. */
export function readEntry(
  definition: AnyDefinition,
  entry: FoldedEntry,
  report: ReportSkipped,
): { readonly data: unknown } | undefined {
  const schema = Object.hasOwn(definition.events, entry.event) ? definition.events[entry.event] : undefined
  if (!schema) return void report(entry, `the contract has no event "${entry.event}"`)
  try {
    const result = validate(schema, entry.data, 'data')
    if (result.ok) return { data: result.value }
    report(entry, `${result.field}: ${result.message}`)
  } catch (error) {
    report(entry, 'its schema threw', error)
  }
  return undefined
}

/** The state after `entry`; the same state when the entry does not concern it or cannot be folded. */
export function foldEntry<State>(
  fold: StateDefinition<Schemas, State>,
  state: State,
  entry: FoldedEntry,
  report: ReportSkipped,
): State {
  const step = Object.hasOwn(fold.on, entry.event) ? fold.on[entry.event] : undefined
  if (!step) return state
  try {
    return step(state, entry.data, entry.meta)
  } catch (error) {
    report(entry, 'the fold threw', error)
    return state
  }
}

/** What a fold calls an entry: alike for a pending write and for the entry that it becomes. */
export function entryId(entry: {
  readonly by?: string | undefined
  readonly sequence?: number | undefined
  readonly epoch: string
  readonly offset: number
}): string {
  return entry.by !== undefined && entry.sequence !== undefined
    ? `${entry.by}:${entry.sequence}`
    : `${entry.epoch}:${entry.offset}`
}
