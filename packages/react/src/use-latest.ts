'use client'
// The newest of a value that changes with every render, for callbacks that must not.

import { type RefObject, useInsertionEffect, useRef } from 'react'

/**
 * A reference that always holds the value of the last committed render. It is written before any layout effect or
 * effect of that commit runs, and not by a render that React throws away.
 */
export function useLatest<T>(value: T): RefObject<T> {
  const ref = useRef(value)
  useInsertionEffect(() => {
    ref.current = value
  })
  return ref
}
