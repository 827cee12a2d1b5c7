// Keeps the app's queries as fresh as a channel: filter, gather, throttle, and no fetch that was begun too early is
// trusted. Which event touches which queries the contract says.

import type { Query, QueryClient } from '@tanstack/react-query'
import type { AnyEvent, Channel, Verdict } from '@tidings/client'
import { type AnyDefinition, type Cancel, type Clock, type QueryKey, systemClock } from '@tidings/core'
import { StaleKeys } from './stale-keys.ts'

export interface QuerySyncOptions<D extends AnyDefinition> {
  /** Leaves out the events for which it returns false. Default: none. */
  readonly filter?: ((event: AnyEvent<D>) => boolean) | undefined
  /** At most one round of fetches in so many milliseconds; the first goes at once. Default 1,000. */
  readonly throttleMs?: number | undefined
  /**
   * What happens to a fetch that was under way when its query became stale, and so may bring what was before. `follow`
   * (the default) lets it end and fetches once more: a steady stream of events starves nobody. `cancel` ends it and starts anew.
   */
  readonly inFlight?: 'follow' | 'cancel' | undefined
  /**
   * What was fetched before the channel was joined may have missed an event in between: by default (`refetch`) it is
   * fetched once more then. `trust` saves that round where the pages are loaded with data that is fresh enough.
   */
  readonly onJoin?: 'refetch' | 'trust' | undefined
  readonly clock?: Clock | undefined
}

/** Keys that may wait for their turn; beyond them, everything that the channel touches is fetched. */
const MAX_KEYS = 100

/**
 * Makes queries stale as the channel's events come in, until the returned function is called. Holds the channel. After a
 * `reset`, when history is missing for good, every query that the channel touches is fetched anew. Throws a TypeError when
 * the contract gives the channel no `queries`.
 *
 * @example
 * const stop = syncQueries(queryClient, client.channel(jobs()), { throttleMs: 2_000 })
 */
export function syncQueries<D extends AnyDefinition>(
  queryClient: QueryClient,
  channel: Channel<D>,
  options: QuerySyncOptions<D> = {},
): Cancel {
  const { filter, throttleMs = 1_000, inFlight = 'follow', onJoin = 'refetch', clock = systemClock } = options
  const { definition, name, params } = channel.ref
  const { queries } = definition
  if (!queries)
    throw new TypeError(
      `The contract gives "${name}" no queries: declare channel('${definition.pattern}', { queries: { all: () => [['…']] } }).`,
    )
  const all = (): readonly QueryKey[] => queries.all(params)
  const stale = new StaleKeys(MAX_KEYS, all)
  const cache = queryClient.getQueryCache()
  /** Queries whose fetch began before they became stale. */
  const early = new Set<Query>()
  let cancelTimer: Cancel | undefined
  let toldAt = Number.NEGATIVE_INFINITY

  const tell = (whatIsInFlight: 'follow' | 'cancel') => {
    cancelTimer = undefined
    toldAt = clock.monotonic()
    for (const queryKey of stale.take()) {
      if (whatIsInFlight === 'follow')
        for (const query of cache.findAll({ queryKey, fetchStatus: 'fetching' })) early.add(query)
      void queryClient.invalidateQueries({ queryKey }, { cancelRefetch: whatIsInFlight === 'cancel' })
    }
  }
  const add = (keys: readonly QueryKey[]) => {
    for (const key of keys) stale.add(key)
    // Also the first waits for the end of its message: what was missed comes as many events at once.
    if (keys.length > 0)
      cancelTimer ??= clock.setTimer(Math.max(0, toldAt + throttleMs - clock.monotonic()), () =>
        tell(inFlight),
      )
  }

  let known: Verdict | undefined
  const look = () => {
    const { verdict } = channel.continuity.get()
    if (verdict === known) return
    known = verdict
    if (verdict?.name === 'reset' || (verdict?.name === 'fresh' && onJoin === 'refetch')) add(all())
  }
  look()

  const stops = [
    channel.onAny((event) => {
      if (filter && !filter(event)) return
      // The contract's types tie the name to its data; here an event is an event.
      add(queries.on ? (queries.on[event.name]?.(event.data, params) ?? []) : all())
    }),
    channel.continuity.subscribe(look),
    cache.subscribe((event) => {
      if (event.type === 'removed') early.delete(event.query)
      if (event.type !== 'updated' || event.action.type !== 'success' || event.action.manual) return
      if (early.delete(event.query)) add([event.query.queryKey])
    }),
  ]
  return () => {
    for (const stop of stops) stop()
    cancelTimer?.()
    // Nobody listens from here on: what waited is told now, and no fetch can be followed.
    for (const { queryKey } of early) stale.add(queryKey)
    tell('cancel')
  }
}
