'use client'
// A moment in words that stay true: `5 min ago` becomes `6 min ago` by itself.

import { formatMoment, formatRelative, formatTime, isMoment, isSameDay } from './format.ts'
import { MomentWords } from './moment-words.tsx'
import { useSettings } from './settings.ts'
import { useNow } from './ticker.ts'

export interface RelativeTimeProps {
  /** Wall milliseconds since 1970. */
  readonly at: number
  /** Below the name of its day: one of another day is told by its hour. */
  readonly isUnderDay?: boolean | undefined
}

export function RelativeTime({ at, isUnderDay = false }: RelativeTimeProps) {
  const { locale } = useSettings()
  const now = useNow(30_000)
  return (
    <MomentWords
      as="time"
      className="td-time"
      dateTime={isMoment(at) ? new Date(at).toISOString() : undefined}
      title={formatMoment(locale, at)}
    >
      {isUnderDay && !isSameDay(at, now) ? formatTime(locale, at) : formatRelative(locale, at, now)}
    </MomentWords>
  )
}
