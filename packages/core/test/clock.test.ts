import { systemClock } from '@tidings/core'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'

const DAY_MS = 86_400_000

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

/** How often a timer of the system's clock has fired by the time that each of these delays has passed. */
function firings(delayMs: number, afterMs: readonly number[]): number[] {
  let fired = 0
  systemClock.setTimer(delayMs, () => fired++)
  let now = 0
  return afterMs.map((ms) => {
    vi.advanceTimersByTime(ms - now)
    now = ms
    return fired
  })
}

test('a timer that is longer than the platform can count fires once, at its time', () => {
  expect(firings(60 * DAY_MS, [1, 59 * DAY_MS, 60 * DAY_MS, 200 * DAY_MS])).toEqual([0, 0, 1, 1])
})

test('a timer without an end never fires', () => {
  expect(firings(Number.POSITIVE_INFINITY, [1, 365 * DAY_MS])).toEqual([0, 0])
})

test('a long timer can be cancelled at any time', () => {
  let fired = 0
  const cancel = systemClock.setTimer(60 * DAY_MS, () => fired++)
  vi.advanceTimersByTime(50 * DAY_MS)
  cancel()
  vi.advanceTimersByTime(50 * DAY_MS)
  expect(fired).toBe(0)
  expect(vi.getTimerCount()).toBe(0)
})
