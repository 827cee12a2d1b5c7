// A person as a picture, or as a letter on a colour of their own. Decoration: the name always stands beside it.

import type { CSSProperties } from 'react'

export interface AvatarProps {
  readonly name: string
  readonly imageUrl?: string | undefined
  /** Pixels. Default: 32. */
  readonly size?: number | undefined
}

export function Avatar({ name, imageUrl, size = 32 }: AvatarProps) {
  const style = { '--td-person-hue': hueOf(name), '--td-avatar-size': `${size}px` } as CSSProperties
  return (
    <span className="td-avatar" data-td-person="" style={style} aria-hidden="true">
      {imageUrl === undefined ? firstLetter(name) : <img src={imageUrl} alt="" width={size} height={size} />}
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
