// What a contract of 300 events costs the type checker, beside a union that somebody writes by hand over the same schemas.

import { spawnSync } from 'node:child_process'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Plan, Row } from './measure.ts'
import { figuresOf } from './statistics.ts'

const EVENTS = 300
/** Places where an event is published and one is read. */
const USES = 60

// Below the root, so that the packages are found as by anybody.
const folder = fileURLToPath(new URL('../.cache/types', import.meta.url))
const tsc = fileURLToPath(new URL('../../node_modules/.bin/tsc', import.meta.url))

export async function typeChecking(plan: Plan): Promise<Row[]> {
  mkdirSync(folder, { recursive: true })
  const programs = { union: write('union', union()), tidings: write('contract', contract()) }
  const cost = (project: string) => {
    const { stdout, status } = spawnSync(tsc, ['-p', project, '--extendedDiagnostics'], { encoding: 'utf8' })
    if (status !== 0) throw new Error(stdout.slice(0, 1_000))
    const number = (name: string) => Number(stdout.match(new RegExp(`^${name}:\\s+([\\d.]+)`, 'm'))?.[1])
    return { instantiations: number('Instantiations'), ms: number('Check time') * 1_000 }
  }
  const instantiations = new Map<string, number[]>()
  const times = new Map<string, number[]>()
  for (let round = 0; round < Math.min(3, plan.rounds); round++) {
    for (const [name, project] of Object.entries(programs)) {
      const found = cost(project)
      instantiations.set(name, [found.instantiations])
      times.set(name, [...(times.get(name) ?? []), found.ms])
    }
  }
  rmSync(folder, { recursive: true, force: true })
  const title = `Type checking a contract of ${EVENTS} events`
  const figures = (values: ReadonlyMap<string, readonly number[]>) => figuresOf(values, 'union')
  const shared = { baseline: 'union', goal: { kind: 'at most', of: 'ratio', number: 1 } } as const
  const note = (values: ReadonlyMap<string, readonly number[]>) =>
    `The union over the same ${EVENTS} Valibot schemas: ${Math.round(figures(values).union?.value ?? 0).toLocaleString('en')}.`
  return [
    {
      id: 'types-instantiations',
      title: `${title}, instantiations`,
      unit: 'instantiations',
      ...shared,
      figures: figures(instantiations),
      note: note(instantiations),
    },
    {
      id: 'types-time',
      title: `${title}, time`,
      unit: 'ms of checking',
      ...shared,
      figures: figures(times),
      note: note(times),
    },
  ]
}

function write(name: string, source: string): string {
  const home = join(folder, name)
  mkdirSync(home, { recursive: true })
  writeFileSync(join(home, 'program.ts'), source)
  writeFileSync(
    join(home, 'tsconfig.json'),
    JSON.stringify({
      extends: '../../../../tsconfig.base.json',
      compilerOptions: { noEmit: true, lib: ['ES2024', 'DOM'] },
      include: ['program.ts'],
    }),
  )
  return home
}

const numbers = (count: number) => Array.from({ length: count }, (_, i) => i)

const schemas = () =>
  numbers(EVENTS)
    .map((i) => `const e${i} = v.object({ id: v.string(), n${i}: v.number(), tags: v.array(v.string()) })`)
    .join('\n')

/** Both programs import the same, so that what the packages themselves cost is the same. */
const IMPORTS = `import { channel, type ChannelRef, defineContract, type EventInput, type EventName } from '@tidings/core'
import * as v from 'valibot'\n`

function contract(): string {
  return `${IMPORTS}${schemas()}
const room = channel('room/:id', { events: { ${numbers(EVENTS)
    .map((i) => `e${i}`)
    .join(', ')} } })
export const all = defineContract({ room })
type Room = typeof room extends (...params: never[]) => ChannelRef<infer D> ? D : never
declare function publish<Name extends EventName<Room>>(name: Name, data: EventInput<Room, Name>): void
declare function on<Name extends EventName<Room>>(name: Name, run: (data: EventInput<Room, Name>) => void): void
${uses()}`
}

function union(): string {
  return `${IMPORTS}${schemas()}
export const all = { ${numbers(EVENTS)
    .map((i) => `e${i}`)
    .join(', ')} }
type Event =
${numbers(EVENTS)
  .map((i) => `  | { readonly type: 'e${i}'; readonly data: v.InferInput<typeof e${i}> }`)
  .join('\n')}
type Of<Name extends Event['type']> = Extract<Event, { readonly type: Name }>['data']
declare function publish<Name extends Event['type']>(name: Name, data: Of<Name>): void
declare function on<Name extends Event['type']>(name: Name, run: (data: Of<Name>) => void): void
export type { ChannelRef, EventInput, EventName }
export { channel, defineContract }
${uses()}`
}

const uses = () =>
  numbers(USES)
    .map((use) => use * (EVENTS / USES))
    .map(
      (i) =>
        `publish('e${i}', { id: 'a', n${i}: 1, tags: [] })\non('e${i}', ({ id, n${i} }) => void [id.length, n${i}.toFixed()])`,
    )
    .join('\n')
