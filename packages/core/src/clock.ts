// Time as an argument. This is the one file that touches the platform's timers: everything else takes a Clock,
// so a test or a simulation can hold time still.

/** Undoes what it was returned for. Calling it twice, or too late, does nothing. */
export type Cancel = () => void

export interface Clock {
  /** Wall time in milliseconds since 1970. May jump when the machine's clock is set. */
  now(): number
  /** Milliseconds since an arbitrary moment. Never goes back; stands still while the machine sleeps on some platforms. */
  monotonic(): number
  /** Calls `run` once, `delayMs` milliseconds from now or a little later; never where that is infinite. */
  setTimer(delayMs: number, run: () => void): Cancel
  /** Calls `run` once, after the input that is at hand has been worked off: where writes of one turn are gathered. */
  endOfTurn(run: () => void): void
}

// Browsers have no setImmediate; a microtask is the latest moment there that no timer throttling can delay.
const platform = globalThis as { setImmediate?: (run: () => void) => unknown }

/** Platforms take a longer delay than these 24 days for none at all. */
const LONGEST_MS = 2 ** 31 - 1

export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  setTimer(delayMs, run) {
    const restMs = delayMs - LONGEST_MS
    if (restMs > 0) {
      let cancel = systemClock.setTimer(LONGEST_MS, () => {
        cancel = systemClock.setTimer(restMs, run)
      })
      return () => cancel()
    }
    const timer = setTimeout(run, delayMs)
    return () => clearTimeout(timer)
  },
  endOfTurn(run) {
    if (platform.setImmediate) platform.setImmediate(run)
    else queueMicrotask(run)
  },
}
