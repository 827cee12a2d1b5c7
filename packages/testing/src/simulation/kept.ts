// Plans that once failed, each under its name and for ever: kept-seeds.json. Kept as plans, not as numbers, because what
// a number stands for changes with every new kind of deed.

import { readFileSync, writeFileSync } from 'node:fs'
import type { Plan } from './plan.ts'

export interface KeptSeed {
  readonly name: string
  /** What went wrong when it was found. */
  readonly found: string
  readonly plan: Plan
}

const file = new URL('kept-seeds.json', import.meta.url)

export function keptSeeds(): readonly KeptSeed[] {
  return JSON.parse(readFileSync(file, 'utf8'))
}

/** Adds one, or takes the place of the one with this name. */
export function keep(seed: KeptSeed): void {
  const others = keptSeeds().filter(({ name }) => name !== seed.name)
  const lines = [...others, seed].map((each) => JSON.stringify(each))
  writeFileSync(file, `[\n${lines.join(',\n')}\n]\n`)
}
