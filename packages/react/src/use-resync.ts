'use client'
// Tells the app when what it has fetched by other ways than a channel may be out of date.

import type { Client, Reset } from '@tidings/client'
import { type ChannelRef, type Clock, systemClock } from '@tidings/core'
import { useEffect, useRef } from 'react'
import { useClient } from './use-client.ts'
import { useLatest } from './use-latest.ts'

export interface Resync {
  /** How long there was no connection, in milliseconds; 0 where it never broke, or where nobody here looked. */
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
    const { of, settleMs = 500, clock = systemClock } = latest.current
    if (kept.current?.client !== client) kept.current = nothingOf(client)
    const untold = kept.current
    let cancelTimer: (() => void) | undefined

    const due = () => {
      untold.isDue = true
      cancelTimer?.()
      cancelTimer = clock.setTimer(settleMs, () => {
        cancelTimer = undefined
        // The line broke again: whoever comes back next is told of both.
        if (untold.lostAt !== undefined) return
        const resync = { awayMs: untold.awayMs, resets: untold.resets }
        Object.assign(untold, { awayMs: 0, resets: new Map(), isDue: false })
        latest.current.handler(resync)
      })
    }
    const look = () => {
      const state = client.connection.get()
      const { lostAt, connection } = untold
      if (state.status !== 'connected') {
        // Who comes during a drop may load what is behind by the time that it is over.
        if (connection !== undefined || state.status === 'reconnecting') untold.lostAt ??= clock.monotonic()
        return
      }
      untold.connection = state.connection
      untold.lostAt = undefined
      if (lostAt !== undefined) untold.awayMs += clock.monotonic() - lostAt
      // Another connection than the last one seen: it broke while nobody here looked.
      const isRegained = lostAt !== undefined || (connection !== undefined && connection !== state.connection)
      if (isRegained && (!of || untold.resets.size > 0)) due()
    }
    for (const name of untold.resets.keys())
      if (!of?.some((ref) => ref.name === name)) untold.resets.delete(name)
    if (untold.isDue && (!of || untold.resets.size > 0)) due()
    look()
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
  /** The server's name of the last connection seen. */
  connection: string | undefined
  /** Monotonic milliseconds; undefined while there is a connection, or before the first. */
  lostAt: number | undefined
  awayMs: number
  resets: Map<string, Reset>
  isDue: boolean
}

function nothingOf(client: Client): Untold {
  return { client, connection: undefined, lostAt: undefined, awayMs: 0, resets: new Map(), isDue: false }
}
