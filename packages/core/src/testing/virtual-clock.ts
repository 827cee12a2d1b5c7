// A clock that stands still until it is told to move. Timers fire in order of time, then of their making; between two
// of them every promise that can settle does, so that code with and without promises behaves the same.

import type { Cancel, Clock } from '../clock.ts'

interface Timer {
  readonly at: number
  readonly order: number
  readonly run: () => void
}

export class VirtualClock implements Clock {
  #wall: number
  #elapsed = 0
  #made = 0
  #timers: Timer[] = []
  #turn: (() => void)[] = []

  /** `startMs`: the wall time to begin with, milliseconds since 1970. */
  constructor(startMs = Date.UTC(2026, 0, 1)) {
    this.#wall = startMs
  }

  now(): number {
    return this.#wall
  }

  monotonic(): number {
    return this.#elapsed
  }

  setTimer(delayMs: number, run: () => void): Cancel {
    const timer = { at: this.#elapsed + Math.max(0, delayMs), order: this.#made++, run }
    this.#timers.push(timer)
    return () => {
      this.#timers = this.#timers.filter((other) => other !== timer)
    }
  }

  endOfTurn(run: () => void): void {
    this.#turn.push(run)
  }

  /** Timers that have yet to fire: zero when everything was closed cleanly. */
  get pendingTimers(): number {
    return this.#timers.length
  }

  /** Moves the wall time alone, as when somebody sets the machine's clock. */
  jump(byMs: number): void {
    this.#wall += byMs
  }

  /** Lets everything happen that can happen without time passing. */
  async settle(): Promise<void> {
    for (;;) {
      await quiet()
      if (this.#turn.length === 0) return
      for (const run of this.#turn.splice(0)) run()
    }
  }

  /** Lets `ms` milliseconds pass: every timer that falls due fires, at its own time. */
  async advance(ms: number): Promise<void> {
    const end = this.#elapsed + ms
    await this.settle()
    for (;;) {
      const next = this.#nextTimer()
      if (!next || next.at > end) break
      this.#moveTo(next.at)
      this.#timers = this.#timers.filter((timer) => timer !== next)
      next.run()
      await this.settle()
    }
    this.#moveTo(end)
  }

  #nextTimer(): Timer | undefined {
    let first: Timer | undefined
    for (const timer of this.#timers) {
      if (!first || timer.at < first.at || (timer.at === first.at && timer.order < first.order)) first = timer
    }
    return first
  }

  #moveTo(elapsed: number): void {
    this.#wall += elapsed - this.#elapsed
    this.#elapsed = elapsed
  }
}

// Taken at once: a test that holds the platform's timers must not hold this clock as well. Pages have no setImmediate.
const platform = globalThis as { setImmediate?: (run: () => void) => unknown }
const afterPromises: (run: () => void) => unknown = platform.setImmediate ?? setTimeout

/** Resolves when no promise is left that could settle by itself. */
export function quiet(): Promise<void> {
  return new Promise((resolve) => afterPromises(resolve))
}
