// A company's initials in a colour of its own, and what belongs beside a job's title.

import type { CSSProperties } from 'react'
import type { Job } from '../contract.ts'

export function Monogram({ company, isLarge }: { readonly company: string; readonly isLarge?: boolean }) {
  const words = company.split(/[\s&]+/).filter(Boolean)
  const initials = words.length > 1 ? words.slice(0, 2).map(first).join('') : company.slice(0, 2)
  return (
    <span
      className="cc-monogram"
      data-large={isLarge || undefined}
      data-td-person=""
      style={{ '--td-person-hue': hueOf(company) } as CSSProperties}
      aria-hidden="true"
    >
      {initials}
    </span>
  )
}

const first = (word: string) => [...word][0] ?? ''

function hueOf(text: string): number {
  let sum = 0
  for (const letter of text) sum = (sum * 31 + (letter.codePointAt(0) ?? 0)) % 360
  return sum
}

const modes: Readonly<Record<Job['mode'], string>> = {
  'on site': 'on site',
  hybrid: 'hybrid',
  remote: 'remote',
}

export const placeOf = ({ location, mode }: Pick<Job, 'location' | 'mode'>) => `${location} · ${modes[mode]}`

/** How well a job fits: the number, and a ring that says the same. */
export function Match({ percent }: { readonly percent: number | undefined }) {
  if (percent === undefined) return null
  const value = Math.round(percent)
  return (
    <span className="cc-match" data-good={value >= 85 || undefined}>
      <svg className="cc-match-ring" viewBox="0 0 20 20" aria-hidden="true">
        <circle cx="10" cy="10" r="8" />
        <circle cx="10" cy="10" r="8" pathLength="100" strokeDasharray={`${value} 100`} data-value="" />
      </svg>
      {value} %<span className="td-unseen"> match</span>
    </span>
  )
}
