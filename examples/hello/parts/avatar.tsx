// A person as a letter on a colour of their own. Decoration: the name always stands beside it.

import type { CSSProperties } from 'react'

export function Avatar({ name }: { name: string }) {
  return (
    <span
      className="avatar"
      data-person=""
      style={{ '--person-hue': hueOf(name) } as CSSProperties}
      aria-hidden="true"
    >
      {firstLetter(name)}
    </span>
  )
}

/** What a reader would call the first letter: a flag or an accented letter is one, however many code points it has. */
function firstLetter(name: string): string {
  for (const { segment } of new Intl.Segmenter().segment(name.trim())) return segment.toLocaleUpperCase()
  return '?'
}

/** The same name has the same colour on every screen. Steps of the golden angle keep neighbours apart. */
function hueOf(name: string): number {
  let hash = 0
  for (const character of name.toLowerCase()) hash = (hash * 31 + (character.codePointAt(0) ?? 0)) % 1_009
  return Math.round((hash * 137.508) % 360)
}
