// What the pages fetch from the product's HTTP API, and under which keys: the contract makes the same keys stale. And the
// one thing that they may send there.

import { queryOptions } from '@tanstack/react-query'
import type { Application, AppNotification, JobMatch, NewApplication } from './contract.ts'
import type { Statistics, Week } from './server/statistics.ts'

export const RESYNCED = [
  'jobs',
  'applications',
  'notifications',
  'analytics',
  'dashboard',
  'recommendations',
] as const

const read =
  <T>(resource: string, user: string) =>
  async ({ signal }: { readonly signal: AbortSignal }): Promise<T> => {
    const response = await fetch(`/career-copilot/api/${resource}?user=${user}`, { signal })
    if (!response.ok) throw new Error(`The server answered ${response.status} when asked for ${resource}.`)
    return response.json() as Promise<T>
  }

const query = <T>(resource: string) =>
  function options(user: string) {
    return queryOptions({ queryKey: [resource, user], queryFn: read<T>(resource, user) })
  }

export const jobsQuery = query<readonly JobMatch[]>('jobs')
export const recommendationsQuery = query<readonly JobMatch[]>('recommendations')
export const applicationsQuery = query<readonly Application[]>('applications')
export const notificationsQuery = query<readonly AppNotification[]>('notifications')
export const dashboardQuery = query<Statistics>('dashboard')
export const analyticsQuery = query<readonly Week[]>('analytics')

/** Rejects in words for the person, with a cause where no answer came. The same application sent again is one. */
export async function sendApplication(user: string, application: NewApplication): Promise<void> {
  const response = await fetch(`/career-copilot/api/applications?user=${user}`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'idempotency-key': `${application.id}@${application.applied_at}`,
    },
    body: JSON.stringify(application),
  }).catch((cause) => {
    throw new Error('the server does not answer. Try again in a moment.', { cause })
  })
  if (response.ok) return
  const { message } = (await response.json().catch(() => ({}))) as { readonly message?: string }
  throw new Error(message ?? `the server answered ${response.status}.`)
}
