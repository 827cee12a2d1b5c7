'use client'
// New things never push what is being read: while somebody is in a list, what comes waits above it and is counted.

import { type RefObject, useEffect, useRef, useState } from 'react'

export interface Waiting<Item> {
  readonly shown: readonly Item[]
  /** How many wait. */
  readonly waiting: number
  /** Lets in what waits. */
  readonly release: () => void
}

/** `items` has the newest first. */
export function useWaiting<Item extends { readonly id: string }>(
  items: readonly Item[],
  isReading: boolean,
): Waiting<Item> {
  const newest = items[0]?.id
  const [head, setHead] = useState(newest)
  // A list that no longer has what was shown first (another filter, a bound) begins anew.
  const at = head === undefined ? -1 : items.findIndex(({ id }) => id === head)
  const isHeld = isReading && at > 0
  if (!isHeld && head !== newest) setHead(newest)
  return {
    shown: isHeld ? items.slice(at) : items,
    waiting: isHeld ? at : 0,
    release: () => setHead(newest),
  }
}

export interface Reading<E extends HTMLElement> {
  readonly isReading: boolean
  readonly ref: RefObject<E | null>
  readonly handlers: {
    readonly onPointerEnter: (event: { readonly pointerType: string }) => void
    readonly onPointerLeave: () => void
    readonly onFocus: () => void
    readonly onBlur: (event: {
      readonly relatedTarget: EventTarget | null
      readonly currentTarget: Node
    }) => void
  }
}

/** Whether somebody is in the element: has scrolled into it, points at it, or has the focus in it. */
export function useReading<E extends HTMLElement>(): Reading<E> {
  const ref = useRef<E>(null)
  const [isPointedAt, setIsPointedAt] = useState(false)
  const [isFocused, setIsFocused] = useState(false)
  const [isScrolled, setIsScrolled] = useState(false)
  useEffect(() => {
    const look = () => {
      const element = ref.current
      if (element) setIsScrolled(element.scrollTop > 4 || element.getBoundingClientRect().top < -4)
    }
    // Whatever scrolls, the element or what it is in, comes by here.
    document.addEventListener('scroll', look, { capture: true, passive: true })
    return () => document.removeEventListener('scroll', look, { capture: true })
  }, [])
  // What had the focus may be gone from the page, and then no blur is told.
  useEffect(() => {
    if (isFocused && !ref.current?.contains(document.activeElement)) setIsFocused(false)
  })
  return {
    isReading: isPointedAt || isFocused || isScrolled,
    ref,
    handlers: {
      onPointerEnter: ({ pointerType }) => setIsPointedAt(pointerType === 'mouse'),
      onPointerLeave: () => setIsPointedAt(false),
      onFocus: () => setIsFocused(true),
      onBlur: ({ relatedTarget, currentTarget }) =>
        setIsFocused(relatedTarget instanceof Node && currentTarget.contains(relatedTarget)),
    },
  }
}
