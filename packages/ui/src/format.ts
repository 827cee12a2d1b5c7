// Numbers and moments in the reader's language. Formatters are costly to make and are kept by locale.

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS
const DAY_MS = 24 * HOUR_MS

export function formatNumber(locale: string | undefined, value: number): string {
  return kept(`number ${locale}`, () => new Intl.NumberFormat(locale)).format(value)
}

/** `now`, `5 min ago`, `yesterday`, and from a week on the date. */
export function formatRelative(locale: string | undefined, at: number, now: number): string {
  const words = kept(
    `relative ${locale}`,
    () => new Intl.RelativeTimeFormat(locale, { numeric: 'auto', style: 'narrow' }),
  )
  const differenceMs = at - now
  const distanceMs = Math.abs(differenceMs)
  if (distanceMs < 45_000) return words.format(0, 'second')
  if (distanceMs < HOUR_MS - MINUTE_MS / 2)
    return words.format(Math.round(differenceMs / MINUTE_MS), 'minute')
  if (distanceMs < 22 * HOUR_MS) return words.format(Math.round(differenceMs / HOUR_MS), 'hour')
  const days = daysBetween(now, at)
  if (Math.abs(days) < 7) return words.format(days || Math.sign(differenceMs), 'day')
  const isSameYear = new Date(at).getFullYear() === new Date(now).getFullYear()
  return dateFormat(locale, isSameYear ? { day: 'numeric', month: 'short' } : { dateStyle: 'medium' }).format(
    at,
  )
}

export function formatTime(locale: string | undefined, at: number): string {
  return dateFormat(locale, { timeStyle: 'short' }).format(at)
}

/** The whole moment, for whoever asks for more than `5 min ago`. */
export function formatMoment(locale: string | undefined, at: number): string {
  return dateFormat(locale, { dateStyle: 'full', timeStyle: 'short' }).format(at)
}

/** The day, with words of its own for the last two. */
export function formatDay(
  locale: string | undefined,
  at: number,
  { now, today, yesterday }: { readonly now: number; readonly today: string; readonly yesterday: string },
): string {
  const days = daysBetween(now, at)
  if (days === 0) return today
  if (days === -1) return yesterday
  return dateFormat(locale, { weekday: 'long', day: 'numeric', month: 'long' }).format(at)
}

export const isSameDay = (a: number, b: number): boolean => daysBetween(a, b) === 0

/** Midnights between two moments, by the calendar: days of 23 and of 25 hours count as one. */
function daysBetween(from: number, to: number): number {
  const midnight = (at: number) => new Date(at).setHours(0, 0, 0, 0)
  return Math.round((midnight(to) - midnight(from)) / DAY_MS)
}

function dateFormat(locale: string | undefined, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  return kept(`date ${locale} ${JSON.stringify(options)}`, () => new Intl.DateTimeFormat(locale, options))
}

const formatters = new Map<string, unknown>()

function kept<Formatter>(key: string, make: () => Formatter): Formatter {
  let formatter = formatters.get(key) as Formatter | undefined
  if (!formatter) formatters.set(key, (formatter = make()))
  return formatter
}
