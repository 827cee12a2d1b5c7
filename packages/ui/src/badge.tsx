'use client'
// Small marks on other things: a word, a number, a state.

import { type ReactNode, useLayoutEffect, useRef } from 'react'
import { formatNumber } from './format.ts'
import { type BadgeLabels, badgeLabels } from './labels.ts'
import { useLabels, useSettings } from './settings.ts'
import { isStill } from './stillness.ts'
import type { Variant } from './variant.ts'

export type { Variant } from './variant.ts'

export interface BadgeProps {
  readonly variant?: Variant | undefined
  /** Default: `md`. */
  readonly size?: 'sm' | 'md' | 'lg' | undefined
  /** Arrives with a small movement. */
  readonly animate?: boolean | undefined
  /** Draws attention with three slow rings, then rests: nothing here moves for more than five seconds. */
  readonly pulse?: boolean | undefined
  readonly children?: ReactNode
}

export function Badge({ variant = 'default', size = 'md', animate, pulse, children }: BadgeProps) {
  return (
    <span
      className="td-badge"
      data-variant={variant}
      data-size={size}
      data-animate={animate || undefined}
      data-pulse={pulse || undefined}
    >
      {children}
    </span>
  )
}

export interface StatusBadgeProps extends BadgeProps {
  /** Has the dot fade in and out a few times while the state is on its way. */
  readonly pulse?: boolean | undefined
}

/** A state in a word, with a dot. */
export function StatusBadge({
  variant = 'default',
  size = 'md',
  pulse,
  animate,
  children,
}: StatusBadgeProps) {
  return (
    <span
      className="td-badge td-status-badge"
      data-variant={variant}
      data-size={size}
      data-animate={animate || undefined}
    >
      <span className="td-status-dot" data-pulse={pulse || undefined} />
      {children}
    </span>
  )
}

export interface NotificationBadgeProps {
  readonly count: number
  /** Above it, `99+`. Default: 99. */
  readonly max?: number | undefined
  readonly variant?: 'primary' | 'error' | 'default' | undefined
  /** What the number sits on: an icon, a link. Without it, the number alone. */
  readonly children?: ReactNode
  /** Shows a zero as well. Default: nothing is shown for none. */
  readonly hasZero?: boolean | undefined
  /** For the eye alone: what it sits on says the number already. */
  readonly isSilent?: boolean | undefined
  readonly labels?: Partial<BadgeLabels> | undefined
}

/** How many are unread. Screen readers hear the exact number with its word; changes are not read out by themselves. */
export function NotificationBadge({
  count,
  max = 99,
  variant = 'primary',
  children,
  hasZero = false,
  isSilent = false,
  labels,
}: NotificationBadgeProps) {
  const words = useLabels('badge', badgeLabels, labels)
  const { locale } = useSettings()
  const number = useBump(count)
  const isShown = count > 0 || hasZero
  const text = count > max ? words.more(formatNumber(locale, max)) : formatNumber(locale, count)
  const badge = isShown && (
    <span className="td-count" data-variant={variant} ref={number}>
      <span aria-hidden="true">{text}</span>
      {!isSilent && <span className="td-unseen">{words.unread(formatNumber(locale, count))}</span>}
    </span>
  )
  if (children === undefined) return badge
  return (
    <span className="td-count-anchor">
      {children}
      {badge}
    </span>
  )
}

/** A number that has grown moves a little, once. */
function useBump(count: number) {
  const ref = useRef<HTMLSpanElement>(null)
  const before = useRef(count)
  useLayoutEffect(() => {
    const element = ref.current
    if (element && count > before.current && !isStill(element)) {
      element.animate?.([{ scale: 1 }, { scale: 1.22 }, { scale: 1 }], { duration: 240, easing: 'ease-out' })
    }
    before.current = count
  }, [count])
  return ref
}
