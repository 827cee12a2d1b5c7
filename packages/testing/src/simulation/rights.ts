// Who may do what in the simulated application, and until when the server may still act on what was true before.

export class Rights {
  readonly #now: () => number
  readonly #recheckMs: number
  /** Since when a person may not use a channel. */
  readonly #forbidden = new Map<string, number>()
  readonly #refused = new Set<string>()

  /** `recheckMs`: how often the server asks again for the rights of what goes on. */
  constructor(now: () => number, recheckMs: number) {
    this.#now = now
    this.#recheckMs = recheckMs
  }

  forbid(person: string, channel: string): void {
    const key = `${person} ${channel}`
    if (!this.#forbidden.has(key)) this.#forbidden.set(key, this.#now())
  }

  /** No token of this person is accepted any more. */
  refuse(person: string): void {
    this.#refused.add(person)
  }

  accept(person: string): void {
    this.#refused.delete(person)
  }

  restore(): void {
    this.#forbidden.clear()
    this.#refused.clear()
  }

  isAllowed(person: string | undefined, channel: string): boolean {
    return !this.#forbidden.has(`${person} ${channel}`)
  }

  isRefused(person: string): boolean {
    return this.#refused.has(person)
  }

  /** [A8] A right that ends is noticed within the time of a recheck, and the second in which the server looks. */
  mayHear(person: string | undefined, channel: string): boolean {
    const since = this.#forbidden.get(`${person} ${channel}`)
    return since === undefined || this.#now() - since <= this.#recheckMs + SWEEP_MS
  }
}

const SWEEP_MS = 1_100
