'use client'
// Seconds until a moment, counted down where it is shown.

import { formatNumber } from './format.ts'
import { useSettings } from './settings.ts'
import { useNow } from './ticker.ts'
import { useIsHydrated } from './use-is-hydrated.ts'

export function Countdown({
  until,
  words,
  over,
}: {
  readonly until: number
  readonly words: (seconds: string) => string
  readonly over: string
}) {
  const { locale } = useSettings()
  const seconds = Math.round((until - useNow(1_000)) / 1_000)
  const isHydrated = useIsHydrated()
  return (
    <span key={isHydrated ? 'page' : 'server'} className="td-tabular" suppressHydrationWarning>
      {seconds > 0 ? words(formatNumber(locale, seconds)) : over}
    </span>
  )
}
