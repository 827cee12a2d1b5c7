// What the pages fetch from the product's HTTP API, and under which keys: the contract makes the same keys stale.

import { queryOptions } from '@tanstack/react-query'
import type { Application, AppNotification, JobMatch } from './contract.ts'
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
