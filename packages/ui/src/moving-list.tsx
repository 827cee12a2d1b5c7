'use client'
// A list whose rows travel to their new places (FLIP): measured by the layout, moved by Web Animations on top of it.
// The moves add up, so a row that is on its way when the order changes again goes on without a jump. Rows out of sight
// do not travel; where nothing may move, nothing does.

import { type ReactNode, useLayoutEffect, useRef } from 'react'
import { isStill } from './stillness.ts'

export interface MovingListProps<Item> {
  readonly items: readonly Item[]
  readonly idOf: (item: Item) => string
  readonly children: (item: Item, index: number) => ReactNode
  /** Ordered, as ranks are, or not. Default: ordered. */
  readonly isOrdered?: boolean | undefined
  readonly label: string
  /** Default: 280. */
  readonly durationMs?: number | undefined
  readonly className?: string | undefined
}

interface Place {
  readonly left: number
  readonly top: number
}

const MAX_TRAVELLERS = 200

export function MovingList<Item>(props: MovingListProps<Item>) {
  const { items, idOf, children, isOrdered = true, label, durationMs = 280, className } = props
  const list = useRef<HTMLElement>(null)
  const places = useRef<ReadonlyMap<string, Place>>(undefined)

  useLayoutEffect(() => {
    const before = places.current
    places.current = list.current ? travel(list.current, before, durationMs) : undefined
  }, [items, durationMs])

  const List = isOrdered ? 'ol' : 'ul'
  return (
    <List
      className={className ? `td-moving-list ${className}` : 'td-moving-list'}
      aria-label={label}
      ref={(element) => {
        list.current = element
      }}
    >
      {items.map((item, index) => {
        const id = idOf(item)
        return (
          <li key={id} data-td-id={id}>
            {children(item, index)}
          </li>
        )
      })}
    </List>
  )
}

/** Starts the moves, and returns where everything is now. */
function travel(
  list: HTMLElement,
  before: ReadonlyMap<string, Place> | undefined,
  durationMs: number,
): ReadonlyMap<string, Place> {
  const rows = [...list.children].filter((row) => row instanceof HTMLElement)
  // Within the list, so that scrolling changes nothing; all read before anything is written.
  const now = new Map(
    rows.map((row) => [row.dataset.tdId ?? '', { left: row.offsetLeft, top: row.offsetTop }]),
  )
  if (!before || isStill(list) || typeof list.animate !== 'function') return now
  const { top } = list.getBoundingClientRect()
  const viewport = { from: -top - 100, to: -top + document.documentElement.clientHeight + 100 }
  const base = rows[0]?.offsetParent === list ? 0 : list.offsetTop
  const isSeen = (place: Place) => place.top - base > viewport.from && place.top - base < viewport.to
  let travellers = 0
  for (const row of rows) {
    const to = now.get(row.dataset.tdId ?? '')
    const from = before.get(row.dataset.tdId ?? '')
    if (!to || travellers >= MAX_TRAVELLERS) continue
    if (!from) {
      if (isSeen(to))
        row.animate([{ opacity: 0 }, { opacity: 1 }], { duration: durationMs, easing: 'ease-out' })
      continue
    }
    const x = from.left - to.left
    const y = from.top - to.top
    if ((x === 0 && y === 0) || !(isSeen(from) || isSeen(to))) continue
    travellers++
    row.animate([{ transform: `translate(${x}px, ${y}px)` }, { transform: 'none' }], {
      duration: durationMs,
      easing: 'cubic-bezier(0.3, 0.1, 0.2, 1)',
      composite: 'add',
    })
  }
  return now
}
