// Time as it is, but for timers, which the test rings.

import { type Clock, systemClock } from '@tidings/core'

/** A clock whose timers go off when the test says so. */
export class HandClock implements Clock {
  readonly now = systemClock.now
  readonly monotonic = systemClock.monotonic
  readonly endOfTurn = systemClock.endOfTurn
  readonly timers = new Map<() => void, number>()

  setTimer(delayMs: number, run: () => void): () => void {
    this.timers.set(run, delayMs)
    return () => void this.timers.delete(run)
  }

  ring(): void {
    const due = [...this.timers.keys()]
    this.timers.clear()
    for (const run of due) run()
  }
}
