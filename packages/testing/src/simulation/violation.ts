// What the checker finds, as values: what kind of harm it is, which rule it breaks, and a sentence.

/**
 * `lost`: an entry is missing. `doubled`: something took effect or was told twice. `reordered`: two things changed
 * places. `silent`: anything else that went wrong without a word: a wrong state, a false verdict, a leak, a standstill.
 */
export type Harm = 'lost' | 'doubled' | 'reordered' | 'silent'

export const harms: readonly Harm[] = ['lost', 'doubled', 'reordered', 'silent']

export interface Violation {
  readonly harm: Harm
  /** A1 to A9, Q1 to Q9, or an id of SPEC.md. */
  readonly rule: string
  readonly message: string
  /** Virtual milliseconds. */
  readonly at: number
}

/** Something that is not yet, or not any more, as it should be. */
export interface Unrest {
  readonly harm: Harm
  readonly rule: string
  readonly message: string
}

export type Complain = (harm: Harm, rule: string, message: string) => void
