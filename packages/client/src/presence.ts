// Who is here, as the server tells it: a snapshot, then what changed [PR1–PR4].

import type { ServerFrame, WireMember } from '@tidings/core'

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

export type PresenceFrame = Extract<ServerFrame, { readonly type: 'presence' | 'presenceChange' }>

const NOBODY: Presence<unknown> = { total: 0, members: [], isComplete: false }

export class Roster {
  readonly #read: (member: WireMember) => { readonly state: unknown } | undefined
  readonly #members = new Map<string, Member<unknown>>()
  /** Whether the server names the members; else it tells totals alone. */
  #isNaming = false
  #presence = NOBODY

  /** `read`: a member's state as the contract gives it out; undefined for one that does not fit, who is left out. */
  constructor(read: (member: WireMember) => { readonly state: unknown } | undefined) {
    this.#read = read
  }

  get(): Presence<unknown> {
    return this.#presence
  }

  take(frame: PresenceFrame): void {
    if (frame.type === 'presence') {
      this.#members.clear()
      this.#isNaming = frame.members !== undefined
      this.#put(frame.members)
    } else if (this.#isNaming) {
      // [PR4] A change that names nobody: there are too many of them from now on.
      this.#isNaming = (frame.joined ?? frame.updated ?? frame.left) !== undefined
      this.#put(frame.joined)
      this.#put(frame.updated)
      for (const id of frame.left ?? []) this.#members.delete(id)
      if (!this.#isNaming) this.#members.clear()
    }
    const members = [...this.#members.values()]
    this.#presence = {
      total: frame.total,
      members,
      isComplete: this.#isNaming && members.length === frame.total,
    }
  }

  clear(): void {
    this.#members.clear()
    this.#isNaming = false
    this.#presence = NOBODY
  }

  #put(members: readonly WireMember[] = []): void {
    for (const member of members) {
      const read = this.#read(member)
      if (read) this.#members.set(member.id, { id: member.id, user: member.user, state: read.state })
      else this.#members.delete(member.id)
    }
  }
}
