// Who is here, as the server tells it: a snapshot, then what changed.

export interface Member<State> {
  /** Public name of the member's client: the `by` of its entries, the `from` of its signals. */
  readonly id: string
  readonly user: string | undefined
  readonly state: State
}

export interface Presence<State> {
  /** How many are here. */
  readonly total: number
  readonly members: readonly Member<State>[]
  /** Whether `members` names all of them: false before the server has told, and where only totals are sent. */
  readonly isComplete: boolean
}
