// The newest of what changes with every render, for callbacks that must not.

import { type RefObject, useInsertionEffect, useRef } from 'react'

export function useLatest<T>(value: T): RefObject<T> {
  const ref = useRef(value)
  useInsertionEffect(() => {
    ref.current = value
  })
  return ref
}
