'use client'
// A moment in words that stay true: `5 min ago` becomes `6 min ago` by itself.

import { formatMoment, formatRelative } from './format.ts'
import { useSettings } from './settings.ts'
import { useNow } from './ticker.ts'

export interface RelativeTimeProps {
  /** Wall milliseconds since 1970. */
  readonly at: number
  readonly className?: string | undefined
}

export function RelativeTime({ at, className }: RelativeTimeProps) {
  const { locale } = useSettings()
  const now = useNow(30_000)
  // A server renders in its own time zone and at its own moment; the page corrects that without a complaint.
  return (
    <time
      className={className ?? 'td-time'}
      dateTime={new Date(at).toISOString()}
      title={formatMoment(locale, at)}
      suppressHydrationWarning
    >
      {formatRelative(locale, at, now)}
    </time>
  )
}
