// What is done for a person rather than for a tab: counted, so that nothing is done twice as long as somebody is there to
// remember it, and nothing is left undone that a tab has heard of in peace.

import type { Complain } from './violation.ts'

export interface EffectsOptions {
  readonly now: () => number
  readonly complain: Complain
}

/** A tab, and whose it is: the tabs of others are told nothing. */
export interface Page {
  readonly name: string
  readonly person: string
}

export interface Deed {
  readonly page: Page
  /** The page was given it as something that had its moment. */
  readonly isHistory: boolean
}

interface Moment {
  /** When the first tab heard of it that was to do something about it. */
  heardAt: number | undefined
  /** Tabs that did it. */
  readonly doneBy: string[]
  doneAt: number
}

/** A time in which a page is open and awake. */
interface Presence {
  readonly page: Page
  readonly from: number
  to: number
}

/** What the tabs of a browser need to agree, with room to spare. Milliseconds. */
const AGREED_MS = 3_000
/** Who dies this soon after it has done something may take with it that it has. Milliseconds. */
const LAST_WORDS_MS = 200
/** Pages that are there together for so long have told one another what they know. Milliseconds. */
const TOLD_MS = 200

export class Effects {
  readonly #options: EffectsOptions
  readonly #moments = new Map<string, Moment>()
  readonly #presences: Presence[] = []
  /** When a tab came, went, fell asleep or woke up, or messages between tabs were lost. */
  readonly #disturbances: number[] = []
  /** When tabs were killed. */
  readonly #deaths = new Map<string, number>()

  constructor(options: EffectsOptions) {
    this.#options = options
  }

  disturbed(): void {
    this.#disturbances.push(this.#options.now())
  }

  /** The page opens, or wakes. */
  came(page: Page): void {
    this.#presences.push({ page, from: this.#options.now(), to: Number.POSITIVE_INFINITY })
  }

  /** It is gone, or stands still. */
  went({ name }: Page): void {
    for (const presence of this.#presences)
      if (presence.page.name === name) presence.to = Math.min(presence.to, this.#options.now())
  }

  died(page: Page): void {
    this.went(page)
    this.#deaths.set(page.name, this.#options.now())
  }

  heard(what: string): void {
    this.#moment(what).heardAt ??= this.#options.now()
  }

  /** [A3] */
  done(what: string, { page: { name, person }, isHistory }: Deed): void {
    const { now, complain } = this.#options
    const moment = this.#moment(what)
    const earlier = moment.doneBy.find((other) => !this.#tookItAlong(other, moment))
    if (earlier !== undefined && (isHistory || this.#isRemembered(person, moment.doneAt)))
      complain('doubled', 'A3', `${name} did once more for ${what} what ${earlier} had done`)
    moment.doneBy.push(name)
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

  /** Whether from then on there was always a page of that person to tell the next one. */
  #isRemembered(person: string, doneAt: number): boolean {
    let since = doneAt
    let until = doneAt
    for (;;) {
      const last = Math.max(
        until,
        ...this.#presences
          .filter(({ page, from, to }) => page.person === person && from <= since && to >= until)
          .map(({ to }) => to),
      )
      if (last >= this.#options.now()) return true
      if (last === until) return false
      until = last
      since = last - TOLD_MS
    }
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
