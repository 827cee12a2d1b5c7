// `npm run chaos`: the shipped client and server as real processes, with real sockets and a real file, while everything
// around them fails.
//
// The same seed does the same at the same moments. What the processes make of it depends on the machine as well: a
// failure comes back often, not always, which the simulation alone can promise.

import { readCommandLine } from '../command-line.ts'
import { type Harm, harms } from '../simulation/violation.ts'
import { type ChaosOutcome, runChaos } from './chaos.ts'

const HELP = `npm run chaos -- --minutes 2 --seed 7      ends with one line, and with 0 where nothing went wrong
npm run chaos -- --minutes 0.25 --seeds 5  several seeds one after the other, from --seed on
npm run chaos -- --verbose                 what was done when, also where nothing went wrong`

/** Violations of one run that are shown; of the others only the number. */
const MOST_SHOWN = 10

const values = readCommandLine({
  command: 'npm run chaos',
  help: HELP,
  options: {
    minutes: { type: 'string', default: '2' },
    seed: { type: 'string', default: '1' },
    seeds: { type: 'string', default: '1' },
    verbose: { type: 'boolean', default: false },
  },
})
const minutes = number('minutes', values.minutes)
const first = whole('seed', values.seed)
const seeds = whole('seeds', values.seeds)

const stop = new AbortController()
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
  process.on(signal, () => {
    stop.abort()
    process.exit(130)
  })

const total = new Map<string, number>()
const add = (name: string, count: number) => total.set(name, (total.get(name) ?? 0) + count)
for (let seed = first; seed < first + seeds; seed++) {
  const outcome = await runChaos({
    ...{ seed, lastsMs: minutes * 60_000, signal: stop.signal },
    onProgress: (line) => process.stderr.isTTY && process.stderr.write(`\r\x1b[Kseed ${seed}: ${line} `),
  })
  if (process.stderr.isTTY) process.stderr.write('\r\x1b[K')
  conclude(seed, outcome)
}
const counts = ['faults', 'events', ...harms].map((name) => `${name} ${total.get(name) ?? 0}`)
console.log(counts.join(' '))
process.exit(harms.some((harm) => (total.get(harm) ?? 0) > 0) ? 1 : 0)

function conclude(seed: number, outcome: ChaosOutcome): void {
  const { violations, timeline, leftOut, faults, events, entries, starts, lives, resets, unavailable } =
    outcome
  for (const what of leftOut) console.log(`left out: ${what}`)
  console.log(
    `seed ${seed}: ${entries} entries in the log; ${starts} lives of the server, ${lives} of clients; ${resets} resets; ${unavailable} times unavailable`,
  )
  add('faults', faults)
  add('events', events)
  for (const harm of harms) add(harm, count(harm, outcome))
  if (values.verbose || violations.length > 0) console.log(timeline.join('\n'))
  for (const { harm, rule, message, at } of violations.slice(0, MOST_SHOWN))
    console.log(`seed ${seed}: ${harm} [${rule}] ${message} (seen after ${(at / 1_000).toFixed(1)} s)`)
  const more = violations.length - MOST_SHOWN
  if (more > 0) console.log(`seed ${seed}: and ${more} more`)
  if (violations.length > 0)
    console.log(`the same faults again: npm run chaos -- --minutes ${minutes} --seed ${seed}`)
}

function count(harm: Harm, { violations }: ChaosOutcome): number {
  return violations.filter((violation) => violation.harm === harm).length
}

function whole(name: string, text: string): number {
  const value = number(name, text)
  return Number.isSafeInteger(value) ? value : refuse(name, text, 'a whole number')
}

function number(name: string, text: string): number {
  const value = Number(text)
  return text !== '' && value > 0 && value <= 10_000_000 ? value : refuse(name, text, 'a number above zero')
}

function refuse(name: string, text: string, what: string): never {
  console.error(`--${name} is "${text}"; it must be ${what}.`)
  process.exit(2)
}
