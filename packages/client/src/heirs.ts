// Sends what closed pages have left behind: one record after the other, each as the client that its page was, over a
// connection of its own for as long as that takes. A hello names one writer, and this page's own stays the same [OB4].

import type { Cancel } from '@tidings/core'
import { Alarm } from './alarm.ts'
import type { Claim, Claims, Heir } from './claims.ts'
import { Exchange, type Keeper } from './exchange.ts'
import type { Write } from './write.ts'

/** A keeper that goes on with a given record. */
export interface HeirKeeper extends Keeper {
  /** Everything is written down, and the record let go. To be asked for after `close`. */
  readonly closed: Promise<void>
}

export interface HeirsOptions {
  /** The page's own. */
  readonly exchange: Exchange
  readonly claims: Claims
  readonly keep: (exchange: Exchange, claim: Claim) => HeirKeeper
  /** [OB4] Told how many writes of nobody's wait. */
  readonly show: (strays: number) => void
}

/** How often a connected page looks for what others have left, in milliseconds. */
const LOOK_MS = 30_000

export class Heirs {
  readonly #options: HeirsOptions
  readonly #again: Alarm
  /** For whom; undefined while the page has no connection. */
  #person: string | null | undefined
  /** Resolves when nothing that it holds is held any more. To be asked for after `stop`. */
  stopped: Promise<void> = Promise.resolve()
  #isBusy = false
  /** Asked for during a look. */
  #isDue = false
  #finish: (() => void) | undefined

  constructor(options: HeirsOptions) {
    this.#options = options
    this.#again = new Alarm(options.exchange.clock, () => this.#start())
  }

  /** The page is connected, as this person. */
  begin(person: string | null): void {
    this.#person = person
    this.#start()
  }

  /** [OB4] For the app: gives away what is nobody's. Resolves with how many writes that were. */
  async settle(heir: Heir): Promise<number> {
    const { claims, show } = this.#options
    const count = await claims.inTime(claims.settle(heir))
    show(0)
    // What is this person's now is sent.
    this.#start()
    return count
  }

  /** The page is not connected any more: what is not sent yet is left to whoever comes next. */
  stop(): void {
    this.#person = undefined
    this.#again.stop()
    this.#finish?.()
  }

  #start(): void {
    // What was claimed during a look is sent after it.
    this.#isDue = this.#isBusy
    if (this.#isBusy) return
    this.#isBusy = true
    this.stopped = this.#look()
  }

  async #look(): Promise<void> {
    try {
      while (this.#person !== undefined) {
        const { claims, show } = this.#options
        const person = this.#person
        // [OB4] Whoever is nobody sends what is nobody's, unasked.
        const strays = await claims.settle(person === null ? person : undefined)
        if (this.#person !== person) continue
        show(person === null ? 0 : strays)
        const claim = await claims.orphan(person)
        if (!claim || !(await this.#send(claim))) break
      }
    } catch {
      // A storage that fails is told of by the page's own record.
    }
    this.#isBusy = false
    if (this.#person !== undefined) this.#again.set(this.#isDue ? 0 : LOOK_MS)
  }

  /** Resolves with true when everything in it has had its answer. */
  async #send(claim: Claim): Promise<boolean> {
    const { exchange, keep } = this.#options
    let keeper: HeirKeeper | undefined
    const heir = new Exchange({
      ...exchange.options,
      keep: (own) => (keeper = keep(own, claim)),
    })
    // What is refused is told at once: this page may end before its heir has done.
    const show = (writes: readonly Write[]) => {
      const { refused, view } = heir.outbox
      exchange.outbox.show(writes)
      if (refused.length > 0) exchange.outbox.giveBack(refused)
      for (const write of refused) view.dismiss(write)
    }
    await keeper?.ready()
    const cancels: Cancel[] = []
    await new Promise<void>((resolve) => {
      const look = () => {
        exchange.batch.run(() => show(heir.outbox.writes))
        const { status } = heir.driver.connection.get()
        const isUnderWay = status === 'connecting' || status === 'connected'
        if (heir.outbox.writes.length === 0 || !isUnderWay) resolve()
      }
      this.#finish = resolve
      if (this.#person === undefined) return resolve()
      heir.want()
      cancels.push(heir.outbox.view.subscribe(look), heir.driver.connection.subscribe(look))
      look()
    })
    this.#finish = undefined
    for (const cancel of cancels) cancel()
    const isDone = heir.outbox.writes.length === 0
    heir.close()
    exchange.batch.run(() => show([]))
    await keeper?.closed
    return isDone
  }
}
