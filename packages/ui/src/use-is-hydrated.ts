'use client'
// Whether the page is awake. A server renders at its own moment and in its own time zone; what depends on either is
// rendered as the server did while the page takes over, and anew as soon as it has.

import { useSyncExternalStore } from 'react'

const never = () => () => undefined

/** False on the server and during hydration; true from then on, and at once in what only the page renders. */
export const useIsHydrated = (): boolean =>
  useSyncExternalStore(
    never,
    () => true,
    () => false,
  )
