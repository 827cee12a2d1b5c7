// Chance that repeats itself: the same seed gives the same numbers, on every machine.

import type { Chance } from '../chance.ts'

const DIGITS = '0123456789abcdefghijklmnopqrstuvwxyz'

/** Mulberry32 (Tommy Ettinger, 2017, public domain): 32 bits of state, good enough to draw faults by. */
export function seededChance(seed: number): Chance {
  let state = seed >>> 0
  const fraction = () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
  const token = (length: number) => {
    let text = ''
    while (text.length < length) text += DIGITS[Math.floor(fraction() * DIGITS.length)]
    return text
  }
  return { fraction, token }
}

/** A client draws 22 characters for the secret name of its writer: for tests that read it on the wire, the first it draws is this. */
export function naming(producer: string, chance: Chance): Chance {
  let isDrawn = false
  const token = (length: number) => {
    if (length !== 22 || isDrawn) return chance.token(length)
    isDrawn = true
    return producer
  }
  return { fraction: chance.fraction, token }
}
