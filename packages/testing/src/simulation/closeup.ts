// Looks at single seeds: replays one, hunts for the first that finds a bug, explains a failure by its shortest plan, and
// keeps that.

import { bugNamed, bugs } from './bugs/all.ts'
import { keep, keptSeeds } from './kept.ts'
import { type Plan, planOf } from './plan.ts'
import { shrink } from './shrink.ts'
import { type SimulateOptions, simulate } from './simulate.ts'
import { addTallies, type Failure, noTally, type Tally, tallyOf } from './tally.ts'
import type { Violation } from './violation.ts'

export { bugNamed, bugs, planOf }

export interface Sight {
  /** Name of a bug that is planted. */
  readonly bug?: string | undefined
  /** The only steps that are taken, by their ids. */
  readonly only?: readonly number[] | undefined
  readonly isTraced?: boolean | undefined
}

/** Prints what becomes of a plan. */
export async function replay({ shape, steps }: Plan, { bug, only, isTraced }: Sight): Promise<Tally> {
  const { seed } = shape
  const plan = { shape, steps: only ? steps.filter(({ id }) => only.includes(id)) : steps }
  const outcome = await simulate(plan, { ...planted(bug), isTraced })
  const { violation, hash, lines } = outcome
  if (lines) console.log(lines.join('\n'))
  if (violation) console.log(`seed ${seed}: ${say(violation)}`)
  console.log(`trace ${hash}`)
  return tallyOf(seed, outcome)
}

/** Seed after seed until one fails. */
export async function hunt({ from, seeds }: { readonly from: number; readonly seeds: number }, bug?: string) {
  let tally = noTally
  for (let seed = from; seed < from + seeds && tally.failures.length === 0; seed++) {
    tally = addTallies(tally, tallyOf(seed, await simulate(planOf(seed), planted(bug))))
  }
  return tally
}

/** Prints the seed, what is left of its steps, and how to see it again. */
export async function explain({ seed, violation }: Failure, bug?: string): Promise<void> {
  const plan = planOf(seed)
  const shrunken = await shrink(plan, violation, (candidate) => attempt(candidate, bug))
  const { steps } = shrunken.plan
  console.log(`seed ${seed}: ${say(shrunken.violation)}`)
  console.log(`  ${steps.length} of ${plan.steps.length} steps are enough:`)
  for (const { id, at, deed, args } of steps) {
    console.log(`  ${(at / 1_000).toFixed(3).padStart(9)}  #${id} ${deed} ${JSON.stringify(args)}`)
  }
  const planting = bug === undefined ? '' : ` --bug ${bug}`
  console.log(
    `  npm run sim -- --seed ${seed} --only ${steps.map(({ id }) => id).join() || 'none'}${planting} --trace\n`,
  )
}

/** Shortens what fails, and keeps it; says what it has become, or undefined where the seed does not fail. */
export async function keepSeed(seed: number, name: string, bug?: string): Promise<string | undefined> {
  const violation = await attempt(planOf(seed), bug)
  if (!violation) return undefined
  const shrunken = await shrink(planOf(seed), violation, (candidate) => attempt(candidate, bug))
  const found = say(shrunken.violation)
  keep({ name, found, plan: shrunken.plan })
  return `${shrunken.plan.steps.length} steps, ${found}`
}

/** A plan that was kept, or the sentence that there is none. */
export function keptPlan(name: string): Plan | string {
  const kept = keptSeeds()
  const names = kept.map((each) => each.name).join(', ')
  return kept.find((each) => each.name === name)?.plan ?? `No seed was kept as "${name}"; there are ${names}.`
}

async function attempt(plan: Plan, bug: string | undefined): Promise<Violation | undefined> {
  return (await simulate(plan, planted(bug))).violation
}

/** For one simulation: a planted bug remembers nothing of the last one. */
function planted(bug: string | undefined): SimulateOptions {
  return { seams: bugNamed(bug)?.plant() }
}

const say = ({ harm, rule, message }: Violation) => `${harm} [${rule}] ${message}`
