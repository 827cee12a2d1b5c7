'use client'
// A moment in words that stay true: `5 min ago` becomes `6 min ago` by itself.

import { formatMoment, formatRelative, formatTime, isSameDay } from './format.ts'
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
  // A server renders in its own time zone and at its own moment; the page corrects that without a complaint.
  return (
    <time
      className="td-time"
      dateTime={new Date(at).toISOString()}
      title={formatMoment(locale, at)}
      suppressHydrationWarning
    >
      {isUnderDay && !isSameDay(at, now) ? formatTime(locale, at) : formatRelative(locale, at, now)}
    </time>
  )
}
