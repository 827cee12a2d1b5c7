'use client'
// Binds a component to one of the client's sources. The one place that calls useSyncExternalStore.

import type { Source } from '@tidings/client'
import { useCallback, useEffect, useMemo, useRef, useSyncExternalStore } from 'react'
import { pageFrames } from './frames.ts'

const nothingToCancel = () => undefined

/** A selector for what is shown as it is. */
export const itself = <T>(value: T): T => value

/**
 * What `select` makes of the source's value (by default, the value); renders again only when `isEqual` says that this
 * has changed. Both may be new functions in every render, and `select` may make a new object at every call: each value
 * is selected from once, so nothing loops.
 *
 * The server, and the first render of a hydration, see `absent` and nothing else: what the server rendered stays true
 * for a late subtree even when the source has moved on (better-auth#10972). Without a source it is `absent` as well.
 */
export function useSource<T, S = T>(
  source: Source<T> | undefined,
  absent: T,
  select: (value: T) => S = itself as (value: T) => S,
  isEqual: (a: S, b: S) => boolean = Object.is,
): S {
  const shown = useRef<{ readonly value: S } | undefined>(undefined)
  const subscribe = useCallback(
    (render: () => void) => (source ? pageFrames.follow(source, render) : nothingToCancel),
    [source],
  )
  const [read, readOnServer] = useMemo(() => {
    let last: { readonly from: T; readonly value: S } | undefined
    const selectOnce = (from: T) => {
      if (!last || !Object.is(last.from, from)) {
        const value = select(from)
        const before = last ?? shown.current
        last = { from, value: before && isEqual(before.value, value) ? before.value : value }
      }
      return last.value
    }
    return [() => selectOnce(source ? source.get() : absent), () => selectOnce(absent)]
  }, [source, absent, select, isEqual])
  const value = useSyncExternalStore(subscribe, read, readOnServer)
  useEffect(() => {
    shown.current = { value }
  }, [value])
  return value
}
