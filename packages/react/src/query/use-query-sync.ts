'use client'
// The app's queries, as fresh as a channel, while a component is mounted.

import { useQueryClient } from '@tanstack/react-query'
import type { AnyDefinition } from '@tidings/core'
import { useEffect } from 'react'
import { type Skippable, useHandle } from '../use-handle.ts'
import { useLatest } from '../use-latest.ts'
import { type QuerySyncOptions, syncQueries } from './sync-queries.ts'

/**
 * Makes the queries stale that the contract says the channel's events touch, while the component is mounted: gathered,
 * at most one round of fetches a second, and all of them after a `reset`. The options of the first render count, except
 * `filter`, which is always the one of the latest. Needs a `QueryClientProvider` above it.
 *
 * @example
 * const jobs = channel('jobs/:user', {
 *   events: { recommended, withdrawn },
 *   queries: { all: ({ user }) => [['jobs', user], ['dashboard']], on: { withdrawn: ({ id }) => [['job', id]] } },
 * })
 *
 * useQuerySync(jobs({ user }))
 */
export function useQuerySync<D extends AnyDefinition>(
  ref: Skippable<D>,
  options: QuerySyncOptions<D> = {},
): void {
  const queryClient = useQueryClient()
  const channel = useHandle(ref)
  const latest = useLatest(options)
  useEffect(
    () =>
      channel &&
      syncQueries(queryClient, channel, {
        ...latest.current,
        filter: (event) => latest.current.filter?.(event) ?? true,
      }),
    [queryClient, channel, latest],
  )
}
