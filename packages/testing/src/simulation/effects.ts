// What is done for a person rather than for a tab: counted, so that nothing is done twice, and nothing is left undone that
// a tab has heard of in peace.

import type { Complain } from './violation.ts'

export interface EffectsOptions {
  readonly now: () => number
  readonly complain: Complain
}

interface Moment {
  /** When the first tab heard of it that was to do something about it. */
  heardAt: number | undefined
  /** Tabs that did it. */
  readonly doneBy: string[]
  doneAt: number
}

/** What the tabs of a browser need to agree, with room to spare. Milliseconds. */
const AGREED_MS = 3_000
/** Who dies this soon after it has done something may take with it that it has. Milliseconds. */
const LAST_WORDS_MS = 200

export class Effects {
  readonly #options: EffectsOptions
  readonly #moments = new Map<string, Moment>()
  /** When a tab came, went, fell asleep or woke up, or messages between tabs were lost. */
  readonly #disturbances: number[] = []
  /** When tabs were killed. */
  readonly #deaths = new Map<string, number>()

  readonly #stalls: { readonly tab: string; readonly from: number; readonly to: number }[] = []

  constructor(options: EffectsOptions) {
    this.#options = options
  }

  disturbed(): void {
    this.#disturbances.push(this.#options.now())
  }

  /** The tab stood still since then, and nobody had told it before. */
  hung(tab: string, since: number): void {
    this.#stalls.push({ tab, from: since, to: this.#options.now() })
  }

  died(tab: string): void {
    this.#deaths.set(tab, this.#options.now())
  }

  heard(what: string): void {
    this.#moment(what).heardAt ??= this.#options.now()
  }

  /** [A3] */
  done(what: string, tab: string): void {
    const { now, complain } = this.#options
    const moment = this.#moment(what)
    const isExcused = this.#hung(tab, moment.doneAt)
    const earlier = isExcused ? undefined : moment.doneBy.find((other) => !this.#tookItAlong(other, moment))
    if (earlier !== undefined)
      complain('doubled', 'A3', `${tab} did once more for ${what} what ${earlier} had done`)
    moment.doneBy.push(tab)
    moment.doneAt = now()
  }

  /** What was heard of in peace was done. */
  check(): void {
    const { now, complain } = this.#options
    for (const [what, { heardAt, doneBy }] of this.#moments) {
      if (heardAt === undefined || doneBy.length > 0 || !this.#wasPeace(heardAt)) continue
      // They may be about to.
      if (now() - heardAt < AGREED_MS) continue
      complain('lost', 'A3', `nothing was done for ${what}`)
    }
  }

  #tookItAlong(tab: string, { doneAt }: Moment): boolean {
    const diedAt = this.#deaths.get(tab)
    return diedAt !== undefined && diedAt - doneAt < LAST_WORDS_MS
  }

  /** A tab that hung meanwhile, and finds those gone who could tell it, does not know. */
  #hung(tab: string, at: number): boolean {
    return this.#stalls.some(
      (stall) => stall.tab === tab && stall.from - LAST_WORDS_MS < at && at <= stall.to,
    )
  }

  #wasPeace(at: number): boolean {
    return !this.#disturbances.some((other) => Math.abs(other - at) < AGREED_MS)
  }

  #moment(what: string): Moment {
    let moment = this.#moments.get(what)
    if (!moment) this.#moments.set(what, (moment = { heardAt: undefined, doneBy: [], doneAt: 0 }))
    return moment
  }
}
