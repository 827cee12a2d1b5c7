// Moments in words, and renders that keep them true.

import { systemClock } from '@tidings/core'
import { useEffect, useState } from 'react'

/** The wall clock, read anew every `everyMs` milliseconds. */
export function useNow(everyMs: number): number {
  const [now, setNow] = useState(() => systemClock.now())
  useEffect(
    () => systemClock.setTimer(everyMs - (now % everyMs), () => setNow(systemClock.now())),
    [now, everyMs],
  )
  return now
}

/** True once `condition` has held for `ms` milliseconds without a break. */
export function useHasLasted(condition: boolean, ms: number): boolean {
  const [hasLasted, setHasLasted] = useState(false)
  useEffect(() => {
    if (!condition) return
    const cancel = systemClock.setTimer(ms, () => setHasLasted(true))
    return () => {
      cancel()
      setHasLasted(false)
    }
  }, [condition, ms])
  return condition && hasLasted
}

const timeOfDay = new Intl.DateTimeFormat(undefined, { timeStyle: 'short' })
const dayAndMonth = new Intl.DateTimeFormat(undefined, { weekday: 'long', day: 'numeric', month: 'long' })

export const formatTime = (at: number): string => timeOfDay.format(at)

/** Today, Yesterday, or the date. */
export function formatDay(at: number, now: number): string {
  const days = daysBetween(at, now)
  if (days === 0) return 'Today'
  return days === 1 ? 'Yesterday' : dayAndMonth.format(at)
}

export const isSameDay = (a: number, b: number): boolean =>
  new Date(a).toDateString() === new Date(b).toDateString()

/** Midnights passed between two moments, by the calendar: 23 and 25 hour days count as one. */
function daysBetween(earlier: number, later: number): number {
  const midnight = (at: number) => new Date(at).setHours(0, 0, 0, 0)
  return Math.round((midnight(later) - midnight(earlier)) / 86_400_000)
}
