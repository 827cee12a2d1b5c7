// Chance as a generator of data wants it: numbers, picks, people, sentences, all out of one seed.

import type { Chance } from '@tidings/core'
import { nouns, type Person, people, sentences } from './words.ts'

/** What a generator is given. The same seed, channel and count draw the same. */
export interface Draw {
  /** How many of this event were made for this channel before. */
  readonly n: number
  /** When the event happens, in milliseconds since 1970. */
  readonly now: number
  /** The parameters of the channel: `{ room: 'lobby' }`. */
  readonly params: Readonly<Record<string, string>>
  /** What was made before for this event and channel; undefined the first time. */
  readonly previous: unknown
  /** 0 (included) to 1 (excluded). */
  fraction(): number
  /** A whole number, both ends included. */
  integer(least: number, most: number): number
  pick<T>(list: readonly T[]): T
  /** True so often. */
  isLucky(share: number): boolean
  person(): Person
  sentence(): string
  /** `heron-4821`: short, readable, and hardly twice the same. */
  id(): string
}

export type Occasion = Pick<Draw, 'n' | 'now' | 'params' | 'previous'>

export function newDraw(chance: Chance, occasion: Occasion): Draw {
  const fraction = () => chance.fraction()
  const integer = (least: number, most: number) => least + Math.floor(fraction() * (most - least + 1))
  const pick = <T>(list: readonly T[]): T => {
    if (list.length === 0) throw new RangeError('There is nothing to pick from: the list is empty.')
    return list[Math.floor(fraction() * list.length)] as T
  }
  return {
    ...occasion,
    fraction,
    integer,
    pick,
    isLucky: (share) => fraction() < share,
    person: () => pick(people),
    sentence: () => pick(sentences),
    id: () => `${pick(nouns)}-${integer(1_000, 9_999)}`,
  }
}
