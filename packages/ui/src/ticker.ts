'use client'
// The present moment as a value that renders. However many components show a time, one timer per pace wakes them, all in
// one render.

import { type Cancel, type Clock, systemClock } from '@tidings/core'
import { useSyncExternalStore } from 'react'
import { useSettings } from './settings.ts'

interface Ticker {
  readonly get: () => number
  readonly subscribe: (listener: () => void) => Cancel
}

const tickers = new WeakMap<Clock, Map<number, Ticker>>()

/** Wall time in milliseconds since 1970, as of the last full `everyMs`. */
export function useNow(everyMs: number): number {
  const { clock } = useSettings()
  const { subscribe, get } = tickerOf(clock, everyMs)
  return useSyncExternalStore(subscribe, get, get)
}

function tickerOf(clock: Clock = systemClock, everyMs: number): Ticker {
  let ofClock = tickers.get(clock)
  if (!ofClock) tickers.set(clock, (ofClock = new Map()))
  let ticker = ofClock.get(everyMs)
  if (!ticker) ofClock.set(everyMs, (ticker = createTicker(clock, everyMs)))
  return ticker
}

function createTicker(clock: Clock, everyMs: number): Ticker {
  const listeners = new Set<() => void>()
  let cancel: Cancel | undefined
  const wait = () => {
    cancel = clock.setTimer(everyMs - (clock.now() % everyMs), () => {
      wait()
      for (const listener of [...listeners]) listener()
    })
  }
  return {
    get: () => clock.now() - (clock.now() % everyMs),
    subscribe(listener) {
      listeners.add(listener)
      if (listeners.size === 1) wait()
      return () => {
        listeners.delete(listener)
        if (listeners.size === 0) cancel?.()
      }
    },
  }
}
