'use client'
// Tells the app when what it has fetched by other ways than a channel may be out of date.

import type { Reset } from '@tidings/client'
import { type ChannelRef, type Clock, systemClock } from '@tidings/core'
import { useEffect, useRef } from 'react'
import { useClient } from './use-client.ts'
import { useLatest } from './use-latest.ts'

export interface Resync {
  /** How long there was no connection, in milliseconds; 0 where it never broke. */
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
  readonly clock?: Clock | undefined
}

/**
 * Calls `handler` after the connection was lost and is back, or after channels were reset: once, when things have
 * settled. Never for the first connection. It is always the handler of the latest render.
 *
 * @example
 * useResync(() => queryClient.invalidateQueries({ queryKey: ['dashboard'] }))
 * useResync(({ resets }) => reload([...resets.keys()]), { of: [jobs(), applications()] })
 */
export function useResync(handler: (resync: Resync) => void, options: ResyncOptions = {}): void {
  const client = useClient()
  const latest = useLatest({ handler, ...options })
  const watched = options.of?.map(({ name }) => name).join('\n')
  // What is not told yet outlives a change of the channels.
  const untold = useRef(new Map<string, Reset>())

  useEffect(() => {
    const { of, settleMs = 500, clock = systemClock } = latest.current
    let lostAt: number | undefined
    let wasConnected = client.connection.get().status === 'connected'
    let awayMs = 0
    let cancelTimer: (() => void) | undefined

    const due = () => {
      cancelTimer?.()
      cancelTimer = clock.setTimer(settleMs, () => {
        cancelTimer = undefined
        // The line broke again: whoever comes back next is told of both.
        if (lostAt !== undefined) return
        const resync = { awayMs, resets: untold.current }
        awayMs = 0
        untold.current = new Map()
        latest.current.handler(resync)
      })
    }
    const look = () => {
      const isConnected = client.connection.get().status === 'connected'
      if (wasConnected && !isConnected) lostAt = clock.monotonic()
      if (isConnected && lostAt !== undefined) {
        awayMs += clock.monotonic() - lostAt
        lostAt = undefined
        if (!of || untold.current.size > 0) due()
      }
      wasConnected = isConnected
    }
    for (const name of untold.current.keys())
      if (!of?.some((ref) => ref.name === name)) untold.current.delete(name)
    if (untold.current.size > 0) due()
    const stops = [
      client.connection.subscribe(look),
      ...(of ?? []).map((ref) =>
        client.channel(ref).onReset((reset) => {
          untold.current.set(ref.name, reset)
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
