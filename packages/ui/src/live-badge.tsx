'use client'
// Says that something has just changed, and takes itself away again.

import type { Cancel } from '@tidings/core'
import { type ReactNode, useCallback, useEffect, useRef, useState } from 'react'
import { type BadgeLabels, badgeLabels } from './labels.ts'
import { useLabels, useSettings } from './settings.ts'

export interface LiveBadgeProps {
  readonly show: boolean
  /** Default: `Live`. */
  readonly children?: ReactNode
  readonly labels?: Partial<BadgeLabels> | undefined
}

export function LiveBadge({ show, children, labels }: LiveBadgeProps) {
  const words = useLabels('badge', badgeLabels, labels)
  if (!show) return null
  return (
    <span className="td-live-badge">
      <span className="td-live-dot" />
      {children ?? words.live}
    </span>
  )
}

export interface LiveBadgeState {
  readonly showBadge: boolean
  /** Shows it, and hides it after a while; called again meanwhile, the while begins anew. Stays the same function. */
  readonly triggerBadge: () => void
}

/**
 * @example
 * const { showBadge, triggerBadge } = useLiveBadge()
 * useEvent(goal({ id }), 'completed', triggerBadge)
 * return <h2>Goal <LiveBadge show={showBadge} /></h2>
 */
export function useLiveBadge({ durationMs = 3_000 }: { readonly durationMs?: number } = {}): LiveBadgeState {
  const { clock } = useSettings()
  const [showBadge, setShowBadge] = useState(false)
  const cancel = useRef<Cancel>(undefined)
  // A hidden page loses its timer; what it showed is over by the time somebody looks again.
  useEffect(
    () => () => {
      cancel.current?.()
      setShowBadge(false)
    },
    [],
  )
  const triggerBadge = useCallback(() => {
    setShowBadge(true)
    cancel.current?.()
    cancel.current = clock.setTimer(durationMs, () => setShowBadge(false))
  }, [clock, durationMs])
  return { showBadge, triggerBadge }
}
