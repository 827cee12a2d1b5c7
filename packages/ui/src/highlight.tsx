'use client'
// Lights up when its value changes, and fades. Where nothing may move there is a bar at its edge instead, for as long.

import { type ComponentProps, useState } from 'react'

export interface HighlightProps extends ComponentProps<'div'> {
  /** What is watched: a version, a time, a text. The first one lights nothing. */
  readonly value: unknown
  /** Lights up when it comes as well: for a row that has just arrived. */
  readonly isNew?: boolean | undefined
}

/**
 * @example
 * <Highlight value={goal.updatedAt}><GoalCard goal={goal} /></Highlight>
 */
export function Highlight({ value, isNew = false, className, ...props }: HighlightProps) {
  const [seen, setSeen] = useState(value)
  const [turn, setTurn] = useState(isNew ? 1 : 0)
  if (!Object.is(seen, value)) {
    setSeen(value)
    setTurn(turn + 1)
  }
  // Two names for one animation: a change during the fade begins it anew.
  const lit = turn === 0 ? undefined : turn % 2 === 1 ? 'odd' : 'even'
  return (
    <div className={className ? `td-highlight ${className}` : 'td-highlight'} data-lit={lit} {...props} />
  )
}
