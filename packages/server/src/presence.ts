// Who is here, channel by channel. A member is one producer, on however many connections; it leaves when the last of
// them has been gone for the grace time, so that a reconnect is neither a leave nor a join. Decides; sends nothing.

import type { WireMember } from '@tidings/core'

export interface RosterChange {
  readonly total: number
  readonly joined: readonly WireMember[]
  readonly updated: readonly WireMember[]
  readonly left: readonly string[]
}

interface Present {
  member: WireMember
  readonly connections: Set<string>
  /** When the member leaves unless it comes back, by the monotonic clock. */
  leavesAt: number | undefined
}

/** The members of one channel, and what has changed since it was last asked. */
export class Roster {
  readonly #graceMs: number
  readonly #present = new Map<string, Present>()
  /** What changed since `takeChange`: the member as it was told before, undefined where it was unknown. */
  readonly #changed = new Map<string, WireMember | undefined>()

  constructor(graceMs: number) {
    this.#graceMs = graceMs
  }

  get total(): number {
    return this.#present.size
  }

  members(): readonly WireMember[] {
    return [...this.#present.values()].map(({ member }) => member)
  }

  enter(connection: string, member: WireMember): void {
    const present = this.#present.get(member.id)
    this.#note(member.id)
    if (present) {
      present.member = member
      present.leavesAt = undefined
      present.connections.add(connection)
    } else {
      this.#present.set(member.id, { member, connections: new Set([connection]), leavesAt: undefined })
    }
  }

  /** The member goes, on purpose, from this connection; it is gone when that was its last. */
  leave(connection: string, id: string): void {
    const present = this.#present.get(id)
    if (!present?.connections.delete(connection) || present.connections.size > 0) return
    this.#note(id)
    this.#present.delete(id)
  }

  /** The connection ended without a word: the member stays for the grace time. */
  disconnect(connection: string, id: string, nowMs: number): void {
    const present = this.#present.get(id)
    if (!present?.connections.delete(connection) || present.connections.size > 0) return
    present.leavesAt = nowMs + this.#graceMs
  }

  /** Members whose grace is over leave. */
  expire(nowMs: number): void {
    for (const [id, { leavesAt }] of this.#present) {
      if (leavesAt === undefined || leavesAt > nowMs) continue
      this.#note(id)
      this.#present.delete(id)
    }
  }

  /** What changed since the last call; undefined when nothing did that anybody can see. */
  takeChange(): RosterChange | undefined {
    const joined: WireMember[] = []
    const updated: WireMember[] = []
    const left: string[] = []
    for (const [id, before] of this.#changed) {
      const after = this.#present.get(id)?.member
      if (after && !before) joined.push(after)
      else if (!after && before) left.push(id)
      else if (after && before && JSON.stringify(after) !== JSON.stringify(before)) updated.push(after)
    }
    this.#changed.clear()
    if (joined.length + updated.length + left.length === 0) return undefined
    return { total: this.total, joined, updated, left }
  }

  #note(id: string): void {
    if (!this.#changed.has(id)) this.#changed.set(id, this.#present.get(id)?.member)
  }
}
