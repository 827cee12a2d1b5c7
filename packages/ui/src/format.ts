// Numbers and moments in the reader's language. Formatters are costly to make and are kept by locale.

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS
const DAY_MS = 24 * HOUR_MS
/** As far as dates reach. */
const LAST_MOMENT_MS = 8.64e15
/** In place of a time that there is not. */
const UNKNOWN = '–'

/** What came from a broken clock is none: it is shown as unknown, and brings no page down. */
export const isMoment = (at: number): boolean => Math.abs(at) <= LAST_MOMENT_MS

export function formatNumber(locale: string | undefined, value: number): string {
  return kept(`number ${locale}`, () => new Intl.NumberFormat(locale)).format(value)
}

/** `now`, `5 min ago`, `yesterday`, and from a week on the date. */
export function formatRelative(locale: string | undefined, at: number, now: number): string {
  if (!isMoment(at)) return UNKNOWN
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
  return dated(locale, at, isSameYear ? { day: 'numeric', month: 'short' } : { dateStyle: 'medium' })
}

export function formatTime(locale: string | undefined, at: number): string {
  return dated(locale, at, { timeStyle: 'short' })
}

/** The whole moment, for whoever asks for more than `5 min ago`. */
export function formatMoment(locale: string | undefined, at: number): string {
  return dated(locale, at, { dateStyle: 'full', timeStyle: 'short' })
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
  return dated(locale, at, { weekday: 'long', day: 'numeric', month: 'long' })
}

export const isSameDay = (a: number, b: number): boolean => daysBetween(a, b) === 0

/** Midnights between two moments, by the calendar: days of 23 and of 25 hours count as one. */
function daysBetween(from: number, to: number): number {
  const midnight = (at: number) => new Date(at).setHours(0, 0, 0, 0)
  return Math.round((midnight(to) - midnight(from)) / DAY_MS)
}

function dated(locale: string | undefined, at: number, options: Intl.DateTimeFormatOptions): string {
  if (!isMoment(at)) return UNKNOWN
  const key = `date ${locale} ${JSON.stringify(options)}`
  return kept(key, () => new Intl.DateTimeFormat(locale, options)).format(at)
}

const formatters = new Map<string, unknown>()

function kept<Formatter>(key: string, make: () => Formatter): Formatter {
  let formatter = formatters.get(key) as Formatter | undefined
  if (!formatter) formatters.set(key, (formatter = make()))
  return formatter
}
