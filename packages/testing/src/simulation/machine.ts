// The machine that a client or a server runs on: its clock and its event loop. It can be frozen like a tab in the
// background, sleep like a laptop, die like a process, and have its wall clock set wrong.

import type { Cancel, Clock } from '@tidings/core'
import type { Timeline } from './timeline.ts'

interface Timer {
  /** By the timeline. */
  at: number
  cancel: Cancel
  readonly run: () => void
}

/** Wall time at which every simulation begins: milliseconds since 1970. */
const EPOCH_MS = Date.UTC(2026, 0, 1)

export class Machine implements Clock {
  readonly #timeline: Timeline
  readonly #timers = new Set<Timer>()
  /** What would have happened, had the machine not been frozen. */
  #held: (() => void)[] = []
  #skewMs = 0
  #sleptMs = 0
  #state: 'running' | 'frozen' | 'dead' = 'running'

  constructor(timeline: Timeline) {
    this.#timeline = timeline
  }

  get isRunning(): boolean {
    return this.#state === 'running'
  }

  get isDead(): boolean {
    return this.#state === 'dead'
  }

  /** Timers that have yet to fire: zero where everything was closed cleanly. */
  get timers(): number {
    return this.#timers.size
  }

  now(): number {
    return EPOCH_MS + Math.floor(this.#timeline.now) + this.#skewMs
  }

  monotonic(): number {
    return this.#timeline.now - this.#sleptMs
  }

  setTimer(delayMs: number, run: () => void): Cancel {
    // Platforms count whole milliseconds, and at least one: a timer may come a little early by the monotonic clock.
    const timer: Timer = { at: this.#timeline.now + Math.max(1, Math.trunc(delayMs)), cancel: () => {}, run }
    this.#timers.add(timer)
    this.#schedule(timer)
    return () => {
      timer.cancel()
      this.#timers.delete(timer)
    }
  }

  endOfTurn(run: () => void): void {
    this.#timeline.endOfTurn(() => this.run(run))
  }

  /** Runs what comes from outside: at once, after the thaw, or never. What came earlier runs earlier. */
  run(run: () => void): void {
    if (this.#state === 'running' && this.#held.length === 0) run()
    else if (this.#state !== 'dead') this.#held.push(run)
  }

  /** Runs `run` after some time, as the outside world counts it. */
  later(delayMs: number, run: () => void): void {
    this.#timeline.after(delayMs, () => this.run(run))
  }

  /** Somebody sets the wall clock. */
  jump(byMs: number): void {
    this.#skewMs += byMs
  }

  /** The wall clock is set right again. */
  setRight(): void {
    this.#skewMs = 0
  }

  freeze(): void {
    if (this.#state === 'running') this.#state = 'frozen'
  }

  /** What was held happens now, in its order, as so many turns of the event loop. */
  thaw(): void {
    if (this.#state !== 'frozen') return
    this.#state = 'running'
    this.#catchUp()
  }

  /** Freezes for this long, with a monotonic clock that stands still meanwhile, as on some platforms. */
  sleep(durationMs: number): void {
    if (this.#state !== 'running') return
    this.freeze()
    this.#sleptMs += durationMs
    for (const timer of this.#timers) {
      timer.cancel()
      timer.at += durationMs
      this.#schedule(timer)
    }
  }

  /** Nothing of it happens any more. */
  kill(): void {
    this.#state = 'dead'
    this.#held = []
    for (const timer of this.#timers) timer.cancel()
    this.#timers.clear()
  }

  #catchUp(): void {
    this.#timeline.after(0, () => {
      if (this.#state !== 'running') return
      this.#held.shift()?.()
      if (this.#held.length > 0) this.#catchUp()
    })
  }

  #schedule(timer: Timer): void {
    timer.cancel = this.#timeline.at(timer.at, () =>
      this.run(() => {
        // It may have been stopped while the machine was frozen.
        if (this.#timers.delete(timer)) timer.run()
      }),
    )
  }
}
