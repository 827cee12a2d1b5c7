'use client'
// Seconds until a moment, counted down where it is shown.

import { formatNumber } from './format.ts'
import { MomentWords } from './moment-words.tsx'
import { useSettings } from './settings.ts'
import { useNow } from './ticker.ts'

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
  return (
    <MomentWords as="span" className="td-tabular">
      {seconds > 0 ? words(formatNumber(locale, seconds)) : over}
    </MomentWords>
  )
}
