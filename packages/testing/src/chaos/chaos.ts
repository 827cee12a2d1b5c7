// One run: real processes, faults at their moments, then everything is made well, the world has to come to rest, and the
// checker has its say. Whatever happens, it ends in bounded time and leaves nothing behind.

import type { Harm, Violation } from '../simulation/violation.ts'
import { check } from './checker.ts'
import type { ClientProcess } from './client-process.ts'
import { channels } from './contract.ts'
import { type FaultPlan, planFaults } from './fault-plan.ts'
import { faultOf } from './faults.ts'
import { readHead, readLog } from './history.ts'
import { pause, type Tamper } from './proxy.ts'
import { World } from './world.ts'

export interface ChaosOptions {
  readonly seed: number
  readonly lastsMs: number
  /** Default 5. Two backends publish beside them. */
  readonly clients?: number | undefined
  /** For tests that plant something: see world.ts. */
  readonly serverProgram?: string | undefined
  readonly tamper?: ((client: number) => Tamper | undefined) | undefined
  readonly onProgress?: ((line: string) => void) | undefined
  /** Aborted: everything is ended at once. */
  readonly signal?: AbortSignal | undefined
}

export interface ChaosOutcome {
  /** Faults that were done to somebody. */
  readonly faults: number
  /** Entries that applications were given. */
  readonly events: number
  readonly resets: number
  /** Writes that the log has in the end. */
  readonly entries: number
  /** Times that the server was ready to serve, and lives of clients. */
  readonly starts: number
  readonly lives: number
  /** Answers to backends that said that the log cannot be written. */
  readonly unavailable: number
  readonly violations: readonly Violation[]
  /** What was done to whom when, and what was reported meanwhile. */
  readonly timeline: readonly string[]
  /** What this machine does not allow. */
  readonly leftOut: readonly string[]
}

/** [Q7] Everything has to be well again after this time, in milliseconds: a run ends within a minute of its last fault. */
const HEALING_MS = 45_000
/** What starting and ending the processes may take, in milliseconds, on top of that. */
const MARGIN_MS = 12_000
const LOOK_EVERY_MS = 250

export async function runChaos(options: ChaosOptions): Promise<ChaosOutcome> {
  const { seed, lastsMs, clients = 5, onProgress = () => {}, signal } = options
  const plan = planFaults(seed, lastsMs, { clients, ways: clients + 2 })
  const timeline: string[] = []
  const violations: Violation[] = []
  const complain = (harm: Harm, rule: string, message: string) =>
    violations.push({ harm, rule, message, at: Math.round(world.now) })
  const note = (line: string) => timeline.push(`${(world.now / 1_000).toFixed(3).padStart(8)}  ${line}`)
  const world: World = await World.open({
    ...{ seed, clients, serverProgram: options.serverProgram, tamper: options.tamper },
    onWrong: (message) => complain('silent', 'BR1', message),
    report: note,
  })
  const end = () => world.close()
  signal?.addEventListener('abort', end)
  let faults = 0
  let events = 0
  let resets = 0
  let entries = 0
  const story = async () => {
    await world.start()
    note('everybody is there')
    faults = await perform(plan, world, { note, onProgress, signal })
    world.rest()
    await world.heal()
    note('everything was made well')
    const unrest = await untilRest(world)
    note(unrest ? 'not at rest' : 'at rest')
    if (unrest) complain(unrest.harm, unrest.rule, unrest.message)
    const address = { origin: world.server.origin, apiKey: world.apiKey }
    const logs = await Promise.all(channels.map((channel) => readLog(address, channel)))
    const lives = world.clients.flatMap((client) => client.lives)
    const ledger = check({ logs, lives, backends: world.publishers }, complain)
    entries = ledger.entries
    for (const { notes } of lives) {
      events += notes.filter(({ kind }) => kind === 'told').length
      resets += notes.filter(({ kind }) => kind === 'reset').length
    }
    await checkViews(world, ledger, complain)
  }
  try {
    const isInTime = await Promise.race([
      story().then(() => true),
      pause(lastsMs + HEALING_MS + MARGIN_MS).then(() => false),
      aborted(signal),
    ])
    if (!isInTime) complain('silent', 'Q7', 'the run did not come to its end in time')
  } catch (error) {
    complain('silent', 'Q7', `the run could not be ended: ${error instanceof Error ? error.message : error}`)
  } finally {
    signal?.removeEventListener('abort', end)
    world.close()
  }
  const { starts, lines } = world.server
  if (violations.length > 0) timeline.push(...lines.map((line) => `          the server logged ${line}`))
  return {
    ...{ faults, events, resets, entries, starts, violations, timeline },
    lives: world.clients.reduce((sum, client) => sum + client.lives.length, 0),
    unavailable: world.unavailable,
    leftOut: world.disk.leftOut,
  }
}

function aborted(signal: AbortSignal | undefined): Promise<false> {
  return new Promise((resolve) => signal?.addEventListener('abort', () => resolve(false)))
}

/** Says how many faults found somebody. */
async function perform(
  { steps, lastsMs }: FaultPlan,
  world: World,
  {
    note,
    onProgress,
    signal,
  }: { readonly note: (line: string) => void } & Pick<ChaosOptions, 'signal'> &
    Required<Pick<ChaosOptions, 'onProgress'>>,
): Promise<number> {
  let faults = 0
  const beganAt = world.now
  const until = (at: number) => pause(Math.max(0, beganAt + at - world.now))
  for (const { id, at, fault, args } of steps) {
    await until(at)
    if (signal?.aborted) return faults
    const isDone = faultOf(fault).perform(world, args)
    if (isDone) faults++
    note(`#${id} ${fault} ${JSON.stringify(args)}${isDone ? '' : ' found nobody'}`)
    onProgress?.(`${faults} faults`)
  }
  await until(lastsMs)
  return faults
}

interface Unrest {
  readonly harm: Harm
  readonly rule: string
  readonly message: string
}

/** Undefined when everybody has everything; else what was still missing when the time was over. */
async function untilRest(world: World): Promise<Unrest | undefined> {
  const deadline = world.now + HEALING_MS
  let unrest: Unrest | undefined
  do {
    await pause(LOOK_EVERY_MS)
    unrest = await unrestOf(world)
  } while (unrest && world.now < deadline)
  return unrest
}

async function unrestOf(world: World): Promise<Unrest | undefined> {
  const busy = world.publishers.find(({ isIdle }) => !isIdle)
  if (busy)
    return { harm: 'silent', rule: 'Q7', message: `${busy.name} has not got its last event into the log` }
  const address = { origin: world.server.origin, apiKey: world.apiKey }
  const looks = await Promise.all(world.clients.map(unsettled))
  const found = looks.find((unrest) => unrest !== undefined)
  if (found) return found
  // Nobody writes any more: what the log has now, everybody has to have.
  for (const name of channels) {
    const head = await readHead(address, name).catch(() => 'not to be read')
    for (const client of world.clients) {
      const at = (await client.look())?.channels.find((channel) => channel.name === name)?.position
      if (at !== head)
        return {
          harm: 'lost',
          rule: 'Q1',
          message: `${client.name}, ${name}: is at ${at}, the log at ${head}`,
        }
    }
  }
  return undefined
}

async function unsettled(client: ClientProcess): Promise<Unrest | undefined> {
  const look = await client.look()
  if (!look) return { harm: 'silent', rule: 'Q7', message: `${client.name} does not answer` }
  const { connection, pending } = look
  if (!connection.startsWith('connected'))
    return { harm: 'silent', rule: 'Q7', message: `${client.name} is ${connection}` }
  if (pending > 0)
    return { harm: 'lost', rule: 'Q2', message: `${client.name} still has ${pending} writes to send` }
  const channel = look.channels.find(({ status }) => status !== 'live')
  return (
    channel && {
      harm: 'silent',
      rule: 'Q7',
      message: `${client.name}, ${channel.name}: is ${channel.status}`,
    }
  )
}

/** [Q1] At rest every view is the fold of the whole log, and nothing is left on top of it. */
async function checkViews(
  world: World,
  ledger: ReturnType<typeof check>,
  complain: (harm: Harm, rule: string, message: string) => void,
): Promise<void> {
  for (const client of world.clients) {
    for (const { name, state } of (await client.look())?.channels ?? []) {
      const head = ledger.head(name)
      if (!state || !head) continue
      const { count, chain, pending } = state
      if (count !== head.count || chain !== head.chain || pending.length > 0)
        complain(
          'silent',
          'Q1',
          `${client.name}, ${name}: shows ${count} entries and ${pending.length} pending, the log has ${head.count}`,
        )
    }
  }
}
