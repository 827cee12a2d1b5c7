// What a log knows of those who write to it, and what it answers by that (PB2–PB5, BR4, BR5). Every broker decides
// here; where the knowledge is kept is the broker's own affair.

import type { AppendIdentity } from '../broker.ts'

export type ProducerIdentity = Extract<AppendIdentity, { readonly kind: 'producer' }>
export type KeyIdentity = Extract<AppendIdentity, { readonly kind: 'key' }>

/** How long identities are remembered at least, in milliseconds by the broker's clock. */
export interface IdentityMemory {
  /** A producer's numbers; never shorter than the entry that they brought is kept. Default 30 days. */
  readonly producerMs: number
  /** Idempotency keys. Default 24 hours. */
  readonly keyMs: number
}

const HOUR_MS = 3_600_000
export const defaultIdentityMemory: IdentityMemory = { producerMs: 30 * 24 * HOUR_MS, keyMs: 24 * HOUR_MS }

/** Where the entries of an accepted append are, or were. */
export interface Receipt {
  readonly firstOffset: number
  /** Of the last entry. */
  readonly offset: number
  readonly tag: string
}

export interface ProducerState {
  readonly epoch: number
  /** Highest number accepted since the count began. */
  readonly last: number
}

export const unknownProducer: ProducerState = { epoch: -1, last: -1 }

export type ProducerVerdict =
  /** Append it. A new number 0 begins the count again: earlier receipts of this producer do not count any more. */
  | 'new'
  /** The count is past this number: a duplicate where there is a receipt, else skipped for good. */
  | 'passed'
  | 'fenced'
  | 'gap'

export function judgeProducer(
  state: ProducerState,
  { epoch, sequence, previous }: ProducerIdentity,
): ProducerVerdict {
  if (epoch < state.epoch) return 'fenced'
  const last = sequence === 0 && epoch > state.epoch ? unknownProducer.last : state.last
  if (previous > last) return 'gap'
  return sequence > last ? 'new' : 'passed'
}
