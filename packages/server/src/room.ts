// What goes on in a channel besides its log, on this node: who is here, and the latest signals. Both are gathered
// for a turn of the event loop and then told to everybody who listens; neither is stored.

import type { Clock, WireMember } from '@tidings/core'
import type { Limits } from './limits.ts'
import type { Observe } from './observe.ts'
import { Roster, type RosterChange } from './presence.ts'
import type { Gatherer, Turn } from './turn.ts'

/** A connection, as a room sees it. */
export interface Occupant {
  readonly connection: string
  /** Public name of its producer. */
  readonly publicName: string
  /** Sends a frame unless the connection's buffer is full; says whether it did. */
  offer(frame: string): boolean
}

export type PresenceDetail = 'members' | 'counts'

export interface RoomOptions {
  readonly channel: string
  readonly clock: Clock
  readonly turn: Turn
  readonly limits: Limits
  readonly observe: Observe
}

export class Room implements Gatherer {
  readonly #options: RoomOptions
  readonly #roster: Roster
  readonly #listeners = new Set<Occupant>()
  readonly #watchers = new Map<Occupant, PresenceDetail>()
  /** Watchers whose buffer was full when something changed: they get the whole picture next time. */
  readonly #stale = new Set<Occupant>()
  /** The latest signal of each sender and name, in this turn. */
  readonly #signals = new Map<string, { readonly sender: Occupant; readonly frame: string }>()
  #isScheduled = false
  /** Too many members to name: everybody was told totals last time. */
  #isCrowded = false

  constructor(options: RoomOptions) {
    this.#options = options
    this.#roster = new Roster(options.limits.presenceGraceMs)
  }

  get isEmpty(): boolean {
    return this.#listeners.size === 0 && this.#roster.total === 0
  }

  get total(): number {
    return this.#roster.total
  }

  members(): readonly WireMember[] {
    return this.total > this.#options.limits.presenceMembers ? [] : this.#roster.members()
  }

  listen(occupant: Occupant, detail: PresenceDetail | undefined): void {
    this.#listeners.add(occupant)
    this.#stale.delete(occupant)
    if (!detail) return void this.#watchers.delete(occupant)
    this.#tellNews()
    this.#watchers.set(occupant, detail)
    this.#tellAll(occupant, detail)
  }

  unlisten(occupant: Occupant): void {
    this.#listeners.delete(occupant)
    this.#watchers.delete(occupant)
    this.#stale.delete(occupant)
  }

  enter(occupant: Occupant, member: WireMember): void {
    this.#roster.enter(occupant.connection, member)
    this.#schedule()
  }

  leave(occupant: Occupant): void {
    this.#roster.leave(occupant.connection, occupant.publicName)
    this.#schedule()
  }

  disconnect(occupant: Occupant): void {
    this.unlisten(occupant)
    this.#roster.disconnect(occupant.connection, occupant.publicName, this.#options.clock.monotonic())
  }

  /** Lets members go whose grace is over, and tells a crowd how many there are. Called about once a second. */
  sweep(): void {
    this.#roster.expire(this.#options.clock.monotonic())
    this.#tellChange()
  }

  signal(sender: Occupant, name: string, data: unknown): void {
    const { channel } = this.#options
    const frame = JSON.stringify({ type: 'signal', channel, name, from: sender.publicName, data })
    this.#signals.set(`${sender.connection} ${name}`, { sender, frame })
    this.#schedule()
  }

  /** The occupant's buffer has drained. */
  drained(occupant: Occupant): void {
    const detail = this.#watchers.get(occupant)
    if (detail && this.#stale.delete(occupant)) this.#tellAll(occupant, detail)
  }

  #schedule(): void {
    if (this.#isScheduled) return
    this.#isScheduled = true
    this.#options.turn.gather(this)
  }

  handOn(): void {
    this.#isScheduled = false
    this.#tellNews()
    this.#tellSignals()
  }

  /** A crowd hears with the next sweep: thousands who come one by one would be told to thousands, each time. */
  #tellNews(): void {
    if (!this.#isCrowded) this.#tellChange()
  }

  #tellChange(): void {
    const change = this.#roster.takeChange()
    if (!change) return
    const { channel, observe } = this.#options
    observe({ name: 'presenceChanged', channel, joined: change.joined.length, left: change.left.length })
    const wasCrowded = this.#isCrowded
    this.#isCrowded = change.total > this.#options.limits.presenceMembers
    const counts = JSON.stringify({ type: 'presenceChange', channel, total: change.total })
    // Who heard totals alone has to be told everybody.
    const names = () => (wasCrowded ? this.#wholeFrame('members') : this.#changeFrame(change))
    const members = this.#isCrowded ? counts : names()
    for (const [occupant, detail] of this.#watchers) {
      if (this.#stale.has(occupant)) continue
      if (!occupant.offer(detail === 'counts' ? counts : members)) this.#stale.add(occupant)
    }
  }

  #changeFrame({ total, joined, updated, left }: RosterChange): string {
    const { channel } = this.#options
    return JSON.stringify({
      type: 'presenceChange',
      channel,
      total,
      ...(joined.length > 0 && { joined }),
      ...(updated.length > 0 && { updated }),
      ...(left.length > 0 && { left }),
    })
  }

  #tellAll(occupant: Occupant, detail: PresenceDetail): void {
    if (!occupant.offer(this.#wholeFrame(detail))) this.#stale.add(occupant)
  }

  #wholeFrame(detail: PresenceDetail): string {
    const { channel, limits } = this.#options
    const isNamed = detail === 'members' && !this.#isCrowded && this.total <= limits.presenceMembers
    const members = isNamed ? { members: this.#roster.members() } : {}
    return JSON.stringify({ type: 'presence', channel, total: this.total, ...members })
  }

  #tellSignals(): void {
    const { channel, observe } = this.#options
    for (const { sender, frame } of this.#signals.values()) {
      // By name: after a reconnect the sender's last connection may still be here.
      for (const listener of this.#listeners)
        if (listener.publicName !== sender.publicName) listener.offer(frame)
      observe({ name: 'signalled', channel, readers: this.#listeners.size })
    }
    this.#signals.clear()
  }
}
