// `navigator.locks` of a browser that is not there: exclusive ones, first come, first served, but for thieves.

import type { Clock } from '../clock.ts'

/** What happens in a turn of its own. */
type Turns = Pick<Clock, 'endOfTurn'>

/** Whoever has locks: what happens to it happens through `run`, now, later or never. */
interface Owner {
  run(work: () => void): void
}

interface Claim {
  readonly owner: Owner
  readonly work: (lock: object | null) => void | Promise<void>
  readonly settle: { readonly resolve: () => void; readonly reject: (error: unknown) => void }
  isOver: boolean
}

export interface LockOptions {
  readonly signal?: { addEventListener(type: 'abort', listener: () => void): void }
  readonly steal?: boolean
  readonly ifAvailable?: boolean
}

export class FakeLocks {
  readonly #clock: Turns
  readonly #held = new Map<string, Claim>()
  readonly #waiting = new Map<string, Claim[]>()

  constructor(clock: Turns) {
    this.#clock = clock
  }

  /** Names of the locks that somebody has. */
  get held(): readonly string[] {
    return [...this.#held.keys()]
  }

  /** How many wait for a lock. */
  get waiting(): number {
    return [...this.#waiting.values()].reduce((sum, { length }) => sum + length, 0)
  }

  request(owner: Owner, name: string, options: LockOptions, work: Claim['work']): Promise<unknown> {
    return new Promise<void>((resolve, reject) => {
      const settle = {
        resolve: () => owner.run(resolve),
        reject: (error: unknown) => owner.run(() => reject(error)),
      }
      const claim: Claim = { owner, work, settle, isOver: false }
      if (options.ifAvailable && (this.#held.has(name) || this.#queue(name).length > 0)) {
        this.#clock.endOfTurn(() => owner.run(() => void Promise.resolve(work(null)).then(resolve, reject)))
      } else if (options.steal) {
        const robbed = this.#held.get(name)
        if (robbed) this.#break(name, robbed)
        this.#grant(name, claim)
      } else {
        this.#queue(name).push(claim)
        options.signal?.addEventListener('abort', () => this.#giveUp(name, claim))
        this.#next(name)
      }
    })
  }

  /** The tab is gone, and all it had or waited for. */
  release(owner: Owner): void {
    for (const [name, waiting] of this.#waiting) {
      this.#waiting.set(
        name,
        waiting.filter((claim) => claim.owner !== owner),
      )
    }
    for (const [name, claim] of [...this.#held]) {
      if (claim.owner !== owner) continue
      claim.isOver = true
      this.#held.delete(name)
      this.#next(name)
    }
  }

  #queue(name: string): Claim[] {
    let queue = this.#waiting.get(name)
    if (!queue) this.#waiting.set(name, (queue = []))
    return queue
  }

  #next(name: string): void {
    if (this.#held.has(name)) return
    const claim = this.#queue(name).shift()
    if (claim) this.#grant(name, claim)
  }

  /** The lock is the tab's at once, as the browser has it; the tab hears of it in a turn of its own. */
  #grant(name: string, claim: Claim): void {
    this.#held.set(name, claim)
    this.#clock.endOfTurn(() => {
      claim.owner.run(() => {
        if (claim.isOver) return
        Promise.resolve(claim.work({})).then(
          () => this.#done(name, claim, claim.settle.resolve),
          (error) => this.#done(name, claim, () => claim.settle.reject(error)),
        )
      })
    })
  }

  #done(name: string, claim: Claim, settle: () => void): void {
    if (claim.isOver) return
    claim.isOver = true
    settle()
    this.#held.delete(name)
    this.#next(name)
  }

  #break(name: string, claim: Claim): void {
    claim.isOver = true
    this.#held.delete(name)
    this.#clock.endOfTurn(() => claim.settle.reject(new AbortError('The request was aborted.')))
  }

  #giveUp(name: string, claim: Claim): void {
    const queue = this.#queue(name)
    const at = queue.indexOf(claim)
    if (at < 0) return
    queue.splice(at, 1)
    claim.settle.reject(new AbortError('The request was aborted.'))
  }
}

class AbortError extends Error {
  override readonly name = 'AbortError'
}
