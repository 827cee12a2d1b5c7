'use client'
// The shape of what is on its way. Appears after 200 ms only: what comes sooner does not flicker.

import type { CSSProperties } from 'react'

export interface SkeletonProps {
  /** As CSS has it: `12ch`, `60%`. Default: all there is. */
  readonly width?: string | undefined
  readonly height?: string | undefined
  readonly isRound?: boolean | undefined
}

export function Skeleton({ width, height, isRound }: SkeletonProps) {
  const style: CSSProperties = { width, height: height ?? (isRound ? width : undefined) }
  return <span className="td-skeleton" data-round={isRound || undefined} style={style} aria-hidden="true" />
}

const WIDTHS = ['72%', '54%', '64%', '48%', '68%']

/** Rows as lists have them: a mark, and two lines. `label` is for screen readers. */
export function SkeletonRows({ count = 4, label }: { readonly count?: number; readonly label: string }) {
  return (
    <div className="td-skeleton-rows">
      <span className="td-unseen">{label}</span>
      {Array.from({ length: count }, (_, i) => WIDTHS[i % WIDTHS.length]).map((width, i) => (
        <div className="td-skeleton-row" key={i}>
          <Skeleton width="32px" isRound />
          <div className="td-skeleton-lines">
            <Skeleton width={width} />
            <Skeleton width="32%" />
          </div>
        </div>
      ))}
    </div>
  )
}
