// `npm run sim`: many seeds, one seed with its trace, or the planted bugs.
//
//   npm run sim -- --seeds 5000 --from 1       ends with one line, and with 0 where nothing went wrong
//   npm run sim -- --seed 42 --trace           one seed, line by line
//   npm run sim -- --seed 42 --only 3,17       the same with two of its steps alone
//   npm run sim -- --seed 42 --keep a-name     shortens what fails, and keeps it under that name
//   npm run sim -- --kept a-name --trace       one that was kept
//   npm run sim -- --bugs                      the planted bugs
//   npm run sim -- --bug ack-before-append     the first seed that finds it; fails, as it should

import { parseArgs } from 'node:util'
import { systemClock } from '@tidings/core'
import { bugNamed, bugs } from './bugs/all.ts'
import { runSeed, runSeeds } from './crew.ts'
import { keep, keptSeeds } from './kept.ts'
import { type Plan, planOf } from './plan.ts'
import { shrink } from './shrink.ts'
import { type SimulateOptions, simulate } from './simulate.ts'
import { addTallies, closingLine, type Failure, noTally, type Tally } from './tally.ts'

/** Seeds within which every planted bug has to be found. */
const BUG_SEEDS = 2_000
/** Failing seeds that are shrunken and shown; of the others only the number. */
const MOST_SHOWN = 3

const { values } = parseArgs({
  options: {
    seeds: { type: 'string' },
    from: { type: 'string', default: '1' },
    seed: { type: 'string' },
    only: { type: 'string' },
    keep: { type: 'string' },
    kept: { type: 'string' },
    trace: { type: 'boolean', default: false },
    bugs: { type: 'boolean', default: false },
    bug: { type: 'string' },
  },
})

if (values.bug !== undefined && !bugNamed(values.bug)) {
  console.error(`There is no bug "${values.bug}"; npm run sim -- --bugs lists them.`)
  process.exit(2)
}
if (values.bugs) listBugs()
else if (values.kept !== undefined) await replay(keptPlan(values.kept))
else if (values.seed !== undefined && values.keep !== undefined)
  await keepSeed(whole('seed', values.seed), values.keep)
else if (values.seed !== undefined) await replay(planOf(whole('seed', values.seed)))
else if (values.bug !== undefined)
  await hunt(whole('from', values.from), whole('seeds', values.seeds ?? `${BUG_SEEDS}`))
else await runMany(whole('from', values.from), whole('seeds', values.seeds ?? '1000'))

function listBugs(): void {
  for (const { name, what } of bugs) console.log(`${name}  ${what}`)
}

async function runMany(from: number, seeds: number): Promise<void> {
  const startedAt = systemClock.monotonic()
  const tally = await runSeeds({ from, seeds }, (sofar) => showProgress(sofar, seeds, startedAt))
  await conclude(tally, startedAt)
}

/** Seed after seed until one fails. */
async function hunt(from: number, seeds: number): Promise<void> {
  const startedAt = systemClock.monotonic()
  let tally = noTally
  for (let seed = from; seed < from + seeds && tally.failures.length === 0; seed++) {
    tally = addTallies(tally, await runSeed(seed, values.bug))
  }
  await conclude(tally, startedAt)
}

async function conclude(tally: Tally, startedAt: number): Promise<void> {
  if (process.stderr.isTTY) process.stderr.write('\r\x1b[K')
  for (const failure of tally.failures.slice(0, MOST_SHOWN)) await explain(failure)
  const more = tally.failures.length - MOST_SHOWN
  if (more > 0) console.log(`… and ${more} more: ${tally.failures.slice(MOST_SHOWN).map(({ seed }) => seed)}`)
  const seconds = (systemClock.monotonic() - startedAt) / 1_000
  const hours = tally.virtualMs / 3_600_000
  console.log(
    `${Math.round(tally.seeds / seconds)} seeds a second; ${hours.toFixed(1)} hours passed in them, with ${tally.steps} happenings and ${tally.resets} resets`,
  )
  console.log(closingLine(tally))
  process.exitCode = tally.failures.length > 0 ? 1 : 0
}

/** The seed, what is left of its steps, and how to see it again. */
async function explain({ seed, violation }: Failure): Promise<void> {
  const plan = planOf(seed)
  const attempt = async (candidate: Plan) => (await simulate(candidate, options())).violation
  const shrunken = await shrink(plan, violation, attempt)
  const { steps } = shrunken.plan
  const { harm, rule, message } = shrunken.violation
  console.log(`seed ${seed}: ${harm} [${rule}] ${message}`)
  console.log(`  ${steps.length} of ${plan.steps.length} steps are enough:`)
  for (const { id, at, deed, args } of steps) {
    console.log(`  ${(at / 1_000).toFixed(3).padStart(9)}  #${id} ${deed} ${JSON.stringify(args)}`)
  }
  const bug = values.bug === undefined ? '' : ` --bug ${values.bug}`
  console.log(
    `  npm run sim -- --seed ${seed} --only ${steps.map(({ id }) => id).join() || 'none'}${bug} --trace\n`,
  )
}

async function replay({ shape, steps }: Plan): Promise<void> {
  const { seed } = shape
  const only = values.only?.split(',').map(Number)
  const plan = { shape, steps: only ? steps.filter(({ id }) => only.includes(id)) : steps }
  const { violation, events, hash, lines } = await simulate(plan, { ...options(), isTraced: values.trace })
  if (lines) console.log(lines.join('\n'))
  if (violation) {
    console.log(`seed ${seed}: ${violation.harm} [${violation.rule}] ${violation.message}`)
  }
  console.log(`trace ${hash}`)
  console.log(closingLine({ ...noTally, seeds: 1, events, failures: violation ? [{ seed, violation }] : [] }))
  process.exitCode = violation ? 1 : 0
}

async function keepSeed(seed: number, name: string): Promise<void> {
  const attempt = async (plan: Plan) => (await simulate(plan, options())).violation
  const violation = await attempt(planOf(seed))
  if (!violation) {
    console.error(`Seed ${seed} does not fail; there is nothing to keep.`)
    process.exit(2)
  }
  const shrunken = await shrink(planOf(seed), violation, attempt)
  const { harm, rule, message } = shrunken.violation
  keep({ name, found: `${harm} [${rule}] ${message}`, plan: shrunken.plan })
  console.log(`kept ${name}: ${shrunken.plan.steps.length} steps, ${harm} [${rule}] ${message}`)
}

function keptPlan(name: string): Plan {
  const kept = keptSeeds().find((each) => each.name === name)
  if (kept) return kept.plan
  console.error(
    `No seed was kept as "${name}"; there are ${keptSeeds()
      .map((each) => each.name)
      .join(', ')}.`,
  )
  return process.exit(2)
}

/** For one simulation: a planted bug remembers nothing of the last one. */
function options(): SimulateOptions {
  return { seams: bugNamed(values.bug)?.plant() }
}

function showProgress({ seeds, failures }: Tally, all: number, startedAt: number): void {
  if (!process.stderr.isTTY) return
  const perSecond = Math.round((seeds * 1_000) / (systemClock.monotonic() - startedAt))
  process.stderr.write(`\r${seeds} of ${all} seeds, ${perSecond} a second, ${failures.length} failed `)
}

function whole(name: string, text: string): number {
  const number = Number(text)
  if (Number.isSafeInteger(number) && number >= 0) return number
  console.error(`--${name} is "${text}"; it must be a whole number.`)
  return process.exit(2)
}
