// `BroadcastChannel` of a browser that is not there: what one end posts, all others of the same name hear, in order.

import type { Clock } from '../clock.ts'

/** What happens in a turn of its own. */
type Turns = Pick<Clock, 'endOfTurn'>

/** Whoever listens: what it hears happens through `run`, now, later or never. */
interface Owner {
  run(work: () => void): void
}

interface Listener {
  readonly owner: Owner
  readonly name: string
  readonly hear: (message: unknown) => void
  isOpen: boolean
}

export class FakeBroadcast {
  /** How many messages were posted. */
  posted = 0
  /** Lets a message get lost, by what it says. */
  drops: (message: unknown) => boolean = () => false
  readonly #clock: Turns
  readonly #listeners = new Set<Listener>()
  readonly #lost = new Set<Owner>()

  constructor(clock: Turns) {
    this.#clock = clock
  }

  /** How many ends are open. */
  get openEnds(): number {
    return this.#listeners.size
  }

  open(owner: Owner, name: string, hear: (message: unknown) => void) {
    const own: Listener = { owner, name, hear, isOpen: true }
    this.#listeners.add(own)
    return {
      postMessage: (message: unknown): void => {
        if (!own.isOpen) throw new Error('The channel is closed.')
        this.#post(own, JSON.parse(JSON.stringify(message)))
      },
      close: (): void => {
        own.isOpen = false
        this.#listeners.delete(own)
      },
    }
  }

  /** The tab is gone. */
  forget(owner: Owner): void {
    for (const listener of this.#listeners) {
      if (listener.owner !== owner) continue
      listener.isOpen = false
      this.#listeners.delete(listener)
    }
  }

  /** What this tab has posted and nobody has heard yet is not heard any more. */
  lose(owner: Owner): void {
    this.#lost.add(owner)
  }

  #post(from: Listener, message: unknown): void {
    this.posted++
    if (this.drops(message)) return
    const others = [...this.#listeners].filter((other) => other !== from && other.name === from.name)
    this.#clock.endOfTurn(() => {
      if (this.#lost.has(from.owner)) return
      for (const other of others) other.owner.run(() => other.isOpen && other.hear(message))
    })
  }
}
