'use client'
// Tells the app when what it has fetched by other ways than a channel may be out of date.

import type { Client, Reset } from '@tidings/client'
import { type ChannelRef, type Clock, systemClock } from '@tidings/core'
import { useEffect, useRef } from 'react'
import { useClient } from './use-client.ts'
import { useLatest } from './use-latest.ts'

export interface Resync {
  /**
   * How long there was no connection, in milliseconds; 0 where it never broke, or where nobody here saw it break. With
   * channels: before the reset, without earlier drops after which they were whole.
   */
  readonly awayMs: number
  /** Channels, by name, of which history is missing for good. */
  readonly resets: ReadonlyMap<string, Reset>
}

export interface ResyncOptions {
  /**
   * With channels, only what they cannot replay counts: the handler is called after one of them was reset. Without, after
   * every regained connection.
   */
  readonly of?: readonly ChannelRef[] | undefined
  /** What happens within so many milliseconds is one call. Default 500. */
  readonly settleMs?: number | undefined
  /** The client's, where it was given one. */
  readonly clock?: Clock | undefined
}

/**
 * Calls `handler` after the connection was lost and is back, or after channels were reset: once, when things have
 * settled. Never for the first connection; but who comes during a drop is told of its end, and a hidden `<Activity>` that
 * is shown again of what broke meanwhile. It is always the handler of the latest render.
 *
 * @example
 * useResync(() => queryClient.invalidateQueries({ queryKey: ['dashboard'] }))
 * useResync(({ resets }) => reload([...resets.keys()]), { of: [jobs(), applications()] })
 */
export function useResync(handler: (resync: Resync) => void, options: ResyncOptions = {}): void {
  const client = useClient()
  const latest = useLatest({ handler, ...options })
  const watched = options.of?.map(({ name }) => name).join('\n')
  // What is not told yet outlives a change of the channels, and the hiding of an `<Activity>`.
  const kept = useRef<Untold>(undefined)

  useEffect(() => {
    if (kept.current?.client !== client) kept.current = { client, resets: new Map() }
    const untold = kept.current
    const { of, settleMs = 500, clock = systemClock } = latest.current
    let cancelTimer: (() => void) | undefined

    const due = () => {
      // With channels, an absence alone is nothing to tell.
      if (of && !untold.resets.size) return
      cancelTimer?.()
      cancelTimer = clock.setTimer(settleMs, () => {
        // The line broke again: whoever comes back next is told of both.
        if (untold.lostAt !== undefined) return
        const { awayMs = 0, resets } = untold
        untold.awayMs = undefined
        untold.resets = new Map()
        latest.current.handler({ awayMs, resets })
      })
    }
    const look = () => {
      const state = client.connection.get()
      const { lostAt, seen } = untold
      if (state.status === 'connected') {
        untold.seen = state.connection
        untold.lostAt = undefined
        // Another connection than the last one seen: it broke while nobody here looked.
        if (lostAt === undefined && (!seen || seen === state.connection)) return
        // With channels, an earlier absence after which none was reset is over.
        if (of && !untold.resets.size) untold.awayMs = 0
        // It may have been back for long when somebody looks again.
        untold.awayMs = (untold.awayMs ?? 0) + Math.max(0, state.since - (lostAt ?? state.since))
        due()
        // Who comes during a drop may load what is behind by the time that it is over.
      } else if (seen || state.status === 'reconnecting') untold.lostAt ??= clock.now()
    }
    for (const name of untold.resets.keys())
      if (!of?.some((ref) => ref.name === name)) untold.resets.delete(name)
    look()
    if (untold.awayMs !== undefined || untold.resets.size) due()
    const stops = [
      client.connection.subscribe(look),
      ...(of ?? []).map((ref) =>
        client.channel(ref).onReset((reset) => {
          untold.resets.set(ref.name, reset)
          due()
        }),
      ),
    ]
    return () => {
      for (const stop of stops) stop()
      cancelTimer?.()
    }
  }, [client, watched, latest])
}

interface Untold {
  readonly client: Client
  resets: Map<string, Reset>
  /** Undefined where the connection is not known to have broken since the handler was called. */
  awayMs?: number | undefined
  /** Wall milliseconds since 1970, while the connection is gone: what `since` of the next one is compared with. */
  lostAt?: number | undefined
  /** The server's name of the last connection seen. */
  seen?: string
}
