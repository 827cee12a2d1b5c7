// A line over the last updates: one value, its ends named, the same in words for those who cannot see it.

import type { ReactNode } from 'react'

export interface ChartProps {
  readonly values: readonly number[]
  readonly label: string
  readonly format: (value: number) => string
  /** Instead of a line that has one point. */
  readonly empty: ReactNode
}

const WIDTH = 100
const HEIGHT = 40

export function Chart({ values, label, format, empty }: ChartProps) {
  const first = values[0]
  const last = values.at(-1)
  if (values.length < 2 || first === undefined || last === undefined)
    return <div className="chart-empty">{empty}</div>
  const least = Math.min(...values)
  const most = Math.max(...values)
  const spread = most - least || 1
  const points = values.map(
    (value, i) =>
      [(i / (values.length - 1)) * WIDTH, HEIGHT - 3 - ((value - least) / spread) * (HEIGHT - 6)] as const,
  )
  const line = points.map(([x, y], i) => `${i === 0 ? 'M' : 'L'}${x.toFixed(2)} ${y.toFixed(2)}`).join('')
  const end = points.at(-1) as readonly [number, number]
  return (
    <figure className="chart">
      <div className="chart-scale" aria-hidden="true">
        <span>{format(most)}</span>
        <span>{format(least)}</span>
      </div>
      <div className="chart-plot">
        <svg
          viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
          preserveAspectRatio="none"
          role="img"
          aria-label={`${label}: from ${format(first)} to ${format(last)} over the last ${values.length} updates`}
        >
          <path className="chart-area" d={`${line}L${WIDTH} ${HEIGHT}L0 ${HEIGHT}Z`} />
          <path className="chart-line" d={line} />
        </svg>
        <span className="chart-end" style={{ insetBlockStart: `${(end[1] / HEIGHT) * 100}%` }} />
      </div>
      <div className="chart-ends" aria-hidden="true">
        <span>{values.length} updates ago</span>
        <span>now</span>
      </div>
    </figure>
  )
}

/** How much of a whole, as a ring. */
export function Ring({ percent, children }: { readonly percent: number; readonly children?: ReactNode }) {
  return (
    <span className="ring">
      <svg viewBox="0 0 64 64" aria-hidden="true">
        <circle className="ring-track" cx="32" cy="32" r="27" pathLength="100" />
        <circle
          className="ring-value"
          cx="32"
          cy="32"
          r="27"
          pathLength="100"
          strokeDasharray={`${percent} 100`}
        />
      </svg>
      <span className="ring-inside">{children}</span>
    </span>
  )
}
