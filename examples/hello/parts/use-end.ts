// Follows the end of a scrolled list for as long as the reader is there, and counts what came while they read above it.

import { type RefObject, useCallback, useEffect, useLayoutEffect, useRef, useState } from 'react'

/** Closer to the end than this, in pixels, counts as being there. */
const NEAR = 48

interface Item {
  readonly id: string
  readonly isPending: boolean
}

export function useEnd(items: readonly Item[] | undefined): {
  readonly ref: RefObject<HTMLDivElement | null>
  /** How many items the reader has not had in view. */
  readonly unseen: number
  readonly toEnd: () => void
  readonly onScroll: () => void
} {
  const ref = useRef<HTMLDivElement>(null)
  const isAtEnd = useRef(true)
  const [seenId, setSeenId] = useState<string>()
  const last = items?.at(-1)

  const toEnd = useCallback(() => {
    isAtEnd.current = true
    ref.current?.scrollTo({ top: ref.current.scrollHeight })
    setSeenId(undefined)
  }, [])

  const onScroll = () => {
    const box = ref.current
    if (!box) return
    isAtEnd.current = box.scrollHeight - box.scrollTop - box.clientHeight < NEAR
    // Undefined stands for "everything": nothing is counted while the end is in view.
    setSeenId((id) => (isAtEnd.current ? undefined : (id ?? last?.id)))
  }

  // Whoever has just written something wants to see it; others stay where they are.
  const ownId = last?.isPending ? last.id : undefined
  useLayoutEffect(() => {
    if (ownId !== undefined) toEnd()
  }, [ownId, toEnd])
  useLayoutEffect(() => {
    if (isAtEnd.current) ref.current?.scrollTo({ top: ref.current.scrollHeight })
  }, [items])

  // The box shrinks when the keyboard of a phone opens, or when the field below it grows.
  useEffect(() => {
    const box = ref.current
    if (!box) return
    const observer = new ResizeObserver(() => {
      if (isAtEnd.current) box.scrollTo({ top: box.scrollHeight })
    })
    observer.observe(box)
    return () => observer.disconnect()
  }, [])

  return { ref, unseen: countAfter(items ?? [], seenId), toEnd, onScroll }
}

function countAfter(items: readonly Item[], id: string | undefined): number {
  return id === undefined ? 0 : items.length - 1 - items.findLastIndex((item) => item.id === id)
}
