// What a job search looks like in numbers. Pure.

import type { Application, JobMatch } from '../contract.ts'

export interface Statistics {
  /** Applications without an end. */
  readonly active: number
  readonly interviews: number
  readonly offers: number
  /** How many of all applications were answered at all, in percent; undefined without any. */
  readonly answered: number | undefined
  /** Jobs that fit, of those that are known. */
  readonly matches: number
}

const OVER = ['accepted', 'rejected', 'declined']

export function statisticsOf(
  applications: readonly Application[],
  { items }: { readonly items: readonly JobMatch[] },
): Statistics {
  const count = (isCounted: (application: Application) => boolean) => applications.filter(isCounted).length
  const answered = count(({ status }) => status !== 'submitted')
  return {
    active: count(({ status }) => !OVER.includes(status)),
    interviews: count(({ status }) => status === 'interview'),
    offers: count(({ status }) => status === 'offer'),
    answered: applications.length === 0 ? undefined : Math.round((100 * answered) / applications.length),
    matches: items.length,
  }
}

export interface Week {
  /** Its first moment, in milliseconds since 1970. */
  readonly from: number
  readonly sent: number
}

const WEEK_MS = 7 * 24 * 60 * 60 * 1000
const WEEKS = 8

/** Applications sent in each of the last eight times seven days, the oldest first. */
export function countByWeek(applications: readonly Application[], now: number): readonly Week[] {
  return Array.from({ length: WEEKS }, (_, i) => {
    const from = now - (WEEKS - i) * WEEK_MS
    const sent = applications.filter(({ applied_at }) => {
      const at = Date.parse(applied_at)
      return at > from && at <= from + WEEK_MS
    }).length
    return { from, sent }
  })
}
