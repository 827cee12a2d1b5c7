// Listeners that cannot hurt one another: each is called even if an earlier one throws, one that unsubscribes
// in the middle of a call is not called any more, one that is added waits for the next.

import type { Cancel } from './clock.ts'

export class Emitter<Arguments extends readonly unknown[]> {
  readonly #listeners = new Map<symbol, (...args: Arguments) => void>()
  readonly #report: (error: unknown) => void

  /** `report` is told what a listener threw. */
  constructor(report: (error: unknown) => void) {
    this.#report = report
  }

  get size(): number {
    return this.#listeners.size
  }

  on(listener: (...args: Arguments) => void): Cancel {
    const key = Symbol()
    this.#listeners.set(key, listener)
    return () => void this.#listeners.delete(key)
  }

  emit(...args: Arguments): void {
    for (const key of [...this.#listeners.keys()]) {
      try {
        this.#listeners.get(key)?.(...args)
      } catch (error) {
        this.#report(error)
      }
    }
  }
}
