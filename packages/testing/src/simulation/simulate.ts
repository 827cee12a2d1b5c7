// Runs a plan: things happen, then everything is made well, then the world has to come to rest, then it is closed and
// has to leave nothing behind. The first violation ends it.

import { deedOf } from './deeds/all.ts'
import type { Plan } from './plan.ts'
import { checkFates, checkRemains, unrestOf } from './rest.ts'
import type { Seams } from './seams.ts'
import { checkStored } from './stored.ts'
import type { Unrest, Violation } from './violation.ts'
import { World } from './world.ts'

export interface Outcome {
  /** The first thing that went wrong. */
  readonly violation: Violation | undefined
  /** Entries that applications were given. */
  readonly events: number
  readonly resets: number
  /** Happenings of the simulation. */
  readonly steps: number
  readonly virtualMs: number
  /** Of everything that happened: the same seed always has the same. */
  readonly hash: string
  /** What happened, line by line, where that was asked for. */
  readonly lines: readonly string[] | undefined
}

export interface SimulateOptions {
  readonly seams?: Seams | undefined
  readonly isTraced?: boolean | undefined
}

/** [Q7] Everything has to be well again after this time, in milliseconds. */
const HEALING_MS = 120_000
const LOOK_EVERY_MS = 500
/** What closing may take: noticing that somebody is gone, and a closing handshake that nobody answers. Milliseconds. */
const CLOSING_MS = 50_000
/** Many times what a seed takes: who needs more runs in a circle. */
const MOST_STEPS = 50_000
/** The world is looked at as a whole after so many happenings. */
const LOOK_EVERY = 20

export async function simulate({ shape, steps }: Plan, options: SimulateOptions = {}): Promise<Outcome> {
  const world = new World(shape, options)
  const { timeline } = world
  for (const step of steps) {
    timeline.at(step.at, () => {
      world.trace.note('plan', `${step.id} ${step.deed} ${JSON.stringify(step.args)}`)
      deedOf(step.deed).perform(world, step.args, step)
    })
  }
  await run(world, shape.lastsMs)
  if (isWell(world)) await bringToRest(world)
  if (isWell(world)) await close(world)
  return {
    violation: world.violations[0],
    events: world.allTabs.reduce((sum, tab) => sum + tab.told, 0),
    resets: world.allTabs.reduce((sum, tab) => sum + tab.resets, 0),
    steps: timeline.steps,
    virtualMs: timeline.now,
    hash: world.trace.hash,
    lines: world.trace.lines,
  }
}

const isWell = (world: World) => world.violations.length === 0

async function run(world: World, until: number): Promise<void> {
  const { timeline } = world
  await timeline.run(until, () => {
    if (timeline.steps % LOOK_EVERY === 0) world.check()
    if (timeline.steps > MOST_STEPS) world.complain('silent', 'Q7', `${MOST_STEPS} happenings, and no end`)
    return isWell(world)
  })
}

async function bringToRest(world: World): Promise<void> {
  world.heal()
  const deadline = world.timeline.now + HEALING_MS
  let unrest: Unrest | undefined
  do {
    await run(world, world.timeline.now + LOOK_EVERY_MS)
    if (!isWell(world)) return
    world.comfort()
    unrest = await unrestOf(world)
  } while (unrest && world.timeline.now < deadline)
  world.check()
  if (unrest) return world.complain(unrest.harm, unrest.rule, unrest.message)
  checkFates(world)
  checkStored(world)
  for (const { effects } of new Set(world.browsers)) effects.check()
}

async function close(world: World): Promise<void> {
  world.close()
  await run(world, world.timeline.now + CLOSING_MS)
  if (!isWell(world)) return
  checkRemains(world)
  world.checkCounters()
}
