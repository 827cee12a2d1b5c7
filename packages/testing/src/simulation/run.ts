// `npm run sim`: many seeds, one seed with its trace, or the planted bugs. What simulates is loaded by those who need it:
// for many seeds these are the threads of the crew.

import { systemClock } from '@tidings/core'
import { readCommandLine } from '../command-line.ts'
import { runSeeds } from './crew.ts'
import { closingLine, type Tally } from './tally.ts'

const HELP = `npm run sim -- --seeds 5000 --from 1       many seeds; ends with one line, and with 0 where nothing went wrong
npm run sim -- --seeds 5000 --jobs 1       the same on one thread; without it there is one for each processor
npm run sim -- --seed 42 --trace           one seed, line by line
npm run sim -- --seed 42 --only 3,17       the same with two of its steps alone
npm run sim -- --seed 42 --keep a-name     shortens what fails, and keeps it under that name
npm run sim -- --kept a-name --trace       one that was kept
npm run sim -- --bugs                      the planted bugs
npm run sim -- --bug ack-before-append     the first seed that finds it; fails, as it should`

/** Seeds within which every planted bug has to be found. */
const BUG_SEEDS = 2_000
/** Failing seeds that are shrunken and shown; of the others only the number. */
const MOST_SHOWN = 3

const values = readCommandLine({
  command: 'npm run sim',
  help: HELP,
  options: {
    seeds: { type: 'string' },
    from: { type: 'string', default: '1' },
    jobs: { type: 'string' },
    seed: { type: 'string' },
    only: { type: 'string' },
    keep: { type: 'string' },
    kept: { type: 'string' },
    trace: { type: 'boolean', default: false },
    bugs: { type: 'boolean', default: false },
    bug: { type: 'string' },
  },
})
const { bug } = values

if (values.bugs) await listBugs()
else {
  if (bug !== undefined) await mustKnow(bug)
  if (values.kept !== undefined) await replayKept(values.kept)
  else if (values.seed !== undefined && values.keep !== undefined)
    await keepSeed(whole('seed', values.seed), values.keep)
  else if (values.seed !== undefined) await replaySeed(whole('seed', values.seed))
  else await runMany()
}

/** On all threads; with a bug seed after seed, until one finds it. */
async function runMany(): Promise<void> {
  const from = whole('from', values.from)
  const seeds = whole('seeds', values.seeds ?? (bug === undefined ? '1000' : `${BUG_SEEDS}`))
  const jobs = values.jobs === undefined ? undefined : Math.max(1, whole('jobs', values.jobs))
  const startedAt = systemClock.monotonic()
  const tally =
    bug === undefined
      ? await runSeeds({ from, seeds, jobs }, (sofar) => showProgress(sofar, seeds, startedAt))
      : await (await closeup()).hunt({ from, seeds }, bug)
  if (process.stderr.isTTY) process.stderr.write('\r\x1b[K')
  const { failures } = tally
  for (const failure of failures.slice(0, MOST_SHOWN)) await (await closeup()).explain(failure, bug)
  const more = failures.length - MOST_SHOWN
  if (more > 0) console.log(`… and ${more} more: ${failures.slice(MOST_SHOWN).map(({ seed }) => seed)}`)
  if (bug === undefined) console.log(paceOf(tally, systemClock.monotonic() - startedAt))
  conclude(tally)
}

function paceOf({ seeds, virtualMs, steps, resets }: Tally, tookMs: number): string {
  const perSecond = Math.round((seeds * 1_000) / tookMs)
  const hours = (virtualMs / 3_600_000).toFixed(1)
  return `${perSecond} seeds a second; ${hours} hours passed in them, with ${steps} happenings and ${resets} resets`
}

async function replayKept(name: string): Promise<void> {
  const { keptPlan, replay } = await closeup()
  const plan = keptPlan(name)
  conclude(await replay(typeof plan === 'string' ? refuse(plan) : plan, sight()))
}

async function replaySeed(seed: number): Promise<void> {
  const { planOf, replay } = await closeup()
  conclude(await replay(planOf(seed), sight()))
}

async function keepSeed(seed: number, name: string): Promise<void> {
  const kept = await (await closeup()).keepSeed(seed, name, bug)
  console.log(`kept ${name}: ${kept ?? refuse(`Seed ${seed} does not fail; there is nothing to keep.`)}`)
}

async function listBugs(): Promise<void> {
  const { bugs } = await closeup()
  for (const { name, what } of bugs) console.log(`${name}  ${what}`)
}

async function mustKnow(name: string): Promise<void> {
  const { bugNamed } = await closeup()
  if (!bugNamed(name)) refuse(`There is no bug "${name}"; npm run sim -- --bugs lists them.`)
}

function sight() {
  return { bug, only: values.only?.split(',').map(Number), isTraced: values.trace }
}

function conclude(tally: Tally): void {
  console.log(closingLine(tally))
  process.exitCode = tally.failures.length > 0 ? 1 : 0
}

function closeup() {
  return import('./closeup.ts')
}

function showProgress({ seeds, failures }: Tally, all: number, startedAt: number): void {
  if (!process.stderr.isTTY) return
  const perSecond = Math.round((seeds * 1_000) / (systemClock.monotonic() - startedAt))
  process.stderr.write(`\r${seeds} of ${all} seeds, ${perSecond} a second, ${failures.length} failed `)
}

function whole(name: string, text: string): number {
  const number = Number(text)
  if (Number.isSafeInteger(number) && number >= 0) return number
  return refuse(`--${name} is "${text}"; it must be a whole number.`)
}

function refuse(sentence: string): never {
  console.error(sentence)
  return process.exit(2)
}
