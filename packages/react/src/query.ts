'use client'
// TanStack Query beside Tidings: events of a channel make the queries stale that its contract names.

export { type QuerySyncOptions, syncQueries } from './query/sync-queries.ts'
export { useQuerySync } from './query/use-query-sync.ts'
