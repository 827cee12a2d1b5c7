// What the tab that holds the connection does for the others: a lane for each line that they open. The connection is
// dialled when the first lane is wanted, and closed with the last.

import type { Cancel, Clock, Socket, SocketHandlers } from '@tidings/core'
import { MOVED } from '../ports.ts'
import type { Lane, LaneHandlers } from './lane.ts'
import { holdLock } from './lock.ts'
import { type Downward, readUpward, type Unsent } from './messages.ts'
import type { Broadcast, Locks } from './ports.ts'
import { Trunk } from './trunk.ts'

export interface HolderOptions {
  readonly id: string
  readonly term: number
  readonly locks: Locks
  readonly openLine: (line: string, hear: (message: unknown) => void) => Broadcast
  /** The name of the lock that a tab has for as long as it lives. */
  readonly lifeOf: (tab: string) => string
  readonly dial: (handlers: SocketHandlers) => Socket
  readonly clock: Clock
  /** A lane has ended. */
  readonly onChange: () => void
}

export class Holder {
  readonly id: string
  readonly term: number
  readonly #options: HolderOptions
  readonly #lines = new Map<string, HolderLine>()
  /** Ends the wait for a tab's death, by tab. */
  readonly #vigils = new Map<string, Cancel>()
  /** Usually one: a server that goes away, or has no room for so many tabs on one, makes it two. */
  readonly #trunks = new Set<Trunk>()

  constructor(options: HolderOptions) {
    this.#options = options
    this.id = options.id
    this.term = options.term
  }

  /** Whether it does anything for other tabs. */
  get isServing(): boolean {
    return this.#lines.size > 0
  }

  open(handlers: LaneHandlers): Lane {
    const { dial, clock } = this.#options
    for (const trunk of [...this.#trunks]) if (trunk.takesMore()) return trunk.open(handlers)
    const trunk = new Trunk({ dial, clock, onOver: (over) => this.#trunks.delete(over) })
    if (trunk.takesMore()) this.#trunks.add(trunk)
    return trunk.open(handlers)
  }

  /** A tab wants a lane; it asks again when it does not know whether it was heard. Of its lines, only `lines` are left. */
  take(tab: string, line: string, lines: readonly string[]): void {
    for (const [name, other] of [...this.#lines])
      if (other.tab === tab && !lines.includes(name)) other.end(MOVED, '')
    if (this.#lines.has(line)) return
    const { id, term, openLine } = this.#options
    const end = new HolderLine({
      ...{ id, term, tab },
      openChannel: (hear) => openLine(line, hear),
      openLane: (handlers) => this.open(handlers),
      onOver: () => this.#lineOver(line, tab),
    })
    this.#lines.set(line, end)
    this.#watch(tab)
    end.begin()
  }

  /** A tab does not want the lane any more, and may never have heard that it has it. */
  forget(line: string): void {
    this.#lines.get(line)?.end(MOVED, '')
  }

  /** Lets everything go: who was served dials again. */
  resign(): void {
    for (const line of [...this.#lines.values()]) line.end(MOVED, '')
    for (const trunk of [...this.#trunks]) trunk.abandon()
  }

  /** A tab that dies says nothing, but lets go of its lock. */
  #watch(tab: string): void {
    if (this.#vigils.has(tab)) return
    const { locks, lifeOf } = this.#options
    const held = () => {
      for (const line of [...this.#lines.values()]) if (line.tab === tab) line.end(MOVED, '')
    }
    this.#vigils.set(tab, holdLock(locks, lifeOf(tab), { held, lost: () => {} }))
  }

  #lineOver(line: string, tab: string): void {
    this.#lines.delete(line)
    if (![...this.#lines.values()].some((other) => other.tab === tab)) {
      this.#vigils.get(tab)?.()
      this.#vigils.delete(tab)
    }
    this.#options.onChange()
  }
}

interface HolderLineOptions {
  readonly id: string
  readonly term: number
  readonly tab: string
  readonly openChannel: (hear: (message: unknown) => void) => Broadcast
  readonly openLane: (handlers: LaneHandlers) => Lane
  readonly onOver: () => void
}

/** The holder's end of a line to another tab. */
class HolderLine implements LaneHandlers {
  readonly tab: string
  readonly #options: HolderLineOptions
  readonly #channel: Broadcast
  #lane: Lane | undefined
  #sent = 0
  #received = 0
  #isOver = false

  constructor(options: HolderLineOptions) {
    this.#options = options
    this.tab = options.tab
    this.#channel = options.openChannel((message) => this.#hear(message))
  }

  begin(): void {
    this.#post({ type: 'taken', term: this.#options.term })
    const lane = this.#options.openLane(this)
    // It may have failed at once.
    if (this.#isOver) lane.close()
    else this.#lane = lane
  }

  opened(): void {
    this.#post({ type: 'opened' })
  }

  received(text: string, mark: number): void {
    this.#post({ type: 'heard', text, mark })
  }

  closed(code: number, reason: string): void {
    this.#lane = undefined
    this.end(code, reason)
  }

  end(code: number, reason: string): void {
    if (this.#isOver) return
    this.#post({ type: 'over', code, reason })
    this.#finish()
  }

  #hear(data: unknown): void {
    const message = readUpward(data)
    if (!message || message.to !== this.#options.id || this.#isOver) return
    // Something of what the tab has said is lost: it begins anew, and says again what was not answered.
    if (message.number !== ++this.#received) return this.end(MOVED, '')
    switch (message.type) {
      case 'said':
        return this.#lane?.send(message.text)
      case 'read':
        return this.#lane?.read(message.mark)
      case 'left':
        return this.#finish()
    }
  }

  #post(message: Unsent<Downward>): void {
    if (!this.#isOver)
      this.#channel.postMessage({ ...message, holder: this.#options.id, number: ++this.#sent })
  }

  #finish(): void {
    this.#isOver = true
    this.#lane?.close()
    this.#lane = undefined
    this.#channel.close()
    this.#options.onOver()
  }
}
