import { expect, test } from 'vitest'
import { checkLayers } from '../check-layers.ts'
import type { Rules } from '../layers.ts'

const small: Rules = {
  packages: { '@tidings/core': [], '@tidings/client': ['@tidings/core'] },
  pure: ['@standard-schema/spec'],
  layers: [
    { level: 0, files: ['packages/core/src/{position,frames,index}.ts'] },
    { level: 1, files: ['packages/core/src/clock.ts'], ambient: true },
    { level: 2, files: ['packages/client/src/{outbox,channel}.ts'] },
    { level: 4, files: ['packages/client/src/websocket.ts'], platform: true },
    { level: 5, files: ['packages/client/src/index.ts'], platform: true },
    { level: 8, files: ['examples/**/*.ts'], platform: true, ambient: true },
  ],
}

const manifests = new Map([
  ['packages/core', { name: '@tidings/core', exports: { '.': { '@tidings/source': './src/index.ts' } } }],
  ['packages/client', { name: '@tidings/client', exports: { '.': { '@tidings/source': './src/index.ts' } } }],
  ['examples/hello', { name: 'hello-example', exports: { './*': './*' } }],
])

function problemsOf(files: Record<string, string>): string[] {
  return checkLayers({ files: new Map(Object.entries(files)), manifests }, small)
}

const outbox = 'packages/client/src/outbox.ts'

test('a tree that keeps the rules has no problems', () => {
  const problems = problemsOf({
    'packages/core/src/index.ts': `export { type Position } from './position.ts'`,
    'packages/core/src/position.ts': `import type { StandardSchemaV1 } from '@standard-schema/spec'
      export interface Position { window: number; readonly process: StandardSchemaV1 }
      export const parse = (fetch: string, { document = 1 }) => [fetch, document, new Date(fetch)]`,
    'packages/core/src/clock.ts': `export const now = () => Date.now()`,
    [outbox]: `import { parse } from '@tidings/core'
      export function entry(performance: { now: number }) { return parse(String(performance.now), {}) }`,
    'packages/client/src/websocket.ts': `import { entry } from './outbox.ts'
      export const open = () => [entry, new WebSocket('ws://localhost')]`,
    'examples/hello/app.ts': `import '@tidings/client'
      setTimeout(() => document, 1)`,
  })
  expect(problems).toEqual([])
})

test.each([
  [
    'an import of a higher level',
    `import './websocket.ts'`,
    'level 2 imports packages/client/src/websocket.ts of level 4',
  ],
  ['a type import of a higher level', `import type { A } from './websocket.ts'`, 'of level 4'],
  ['an import in a type', `export type A = import('./websocket.ts').A`, 'of level 4'],
  ['a dynamic import', `void import('./websocket.ts')`, 'of level 4'],
  ['a re-export', `export * from './websocket.ts'`, 'of level 4'],
  ['a way around a door', `import '@tidings/core/src/position.ts'`, 'is no door of @tidings/core'],
  [
    'a relative way into a package',
    `import '../../core/src/position.ts'`,
    'packages are entered by their names',
  ],
  [
    "Node's modules",
    `import type { Socket } from 'node:net'`,
    'imports node:net: the platform begins at level 4',
  ],
  ['a dependency', `import 'ws'`, 'imports ws: the platform begins at level 4'],
  ['the page', `document.title`, 'uses document'],
  ['the network', `new WebSocket('')`, 'uses WebSocket'],
  ['a type of the platform', `export type A = WebSocket`, 'uses WebSocket'],
  ['the process', `process.env.HOME`, 'uses process'],
  ['output', `console.log(1)`, 'uses console'],
  ['the wall clock', `Date.now()`, 'uses Date.now'],
  ['a new Date', `new Date()`, 'uses new Date()'],
  ['a timer', `setTimeout(() => {}, 1)`, 'uses setTimeout'],
  [
    'a timer that another scope shadows',
    `{ const setTimeout = 1 } setTimeout(() => {}, 1)`,
    'uses setTimeout',
  ],
  ['the monotonic clock', `performance.now()`, 'uses performance'],
  ['a microtask', `queueMicrotask(() => {})`, 'uses queueMicrotask'],
  ['chance', `Math.random()`, 'uses Math.random'],
  ['secure chance', `crypto.randomUUID()`, 'uses crypto'],
])('%s is reported', (_what, line, problem) => {
  const problems = problemsOf({
    [outbox]: `export {}\n${line}`,
    'packages/client/src/websocket.ts': 'export type A = 1',
    'packages/core/src/position.ts': 'export {}',
  })
  expect(problems).toEqual([expect.stringContaining(problem)])
  expect(problems[0]).toMatch(`${outbox}:2: `)
})

test('time and chance are reported where the platform is allowed, too', () => {
  const problems = problemsOf({
    'packages/client/src/websocket.ts': `import { createHash, randomBytes } from 'node:crypto'
      import { setTimeout } from 'node:timers/promises'
      fetch(AbortSignal.timeout(1))
      export const a = [createHash, randomBytes, setTimeout]`,
  })
  expect(problems).toEqual([
    expect.stringContaining('websocket.ts:1: uses randomBytes of node:crypto'),
    expect.stringContaining('websocket.ts:2: uses node:timers/promises'),
    expect.stringContaining('websocket.ts:3: uses AbortSignal.timeout'),
  ])
})

test('a package that may not know another is reported', () => {
  const problems = problemsOf({
    'packages/core/src/clock.ts': `import type { Client } from '@tidings/client'`,
  })
  expect(problems).toEqual([expect.stringContaining('packages/core may not import @tidings/client')])
})

test('a circle is reported once, type imports included', () => {
  const problems = problemsOf({
    [outbox]: `import type { Channel } from './channel.ts'`,
    'packages/client/src/channel.ts': `import { outbox } from './outbox.ts'`,
  })
  expect(problems).toEqual([
    expect.stringContaining(`in a circle: ${outbox} → packages/client/src/channel.ts → ${outbox}`),
  ])
})

test('a file without a level is reported with where to add it', () => {
  expect(problemsOf({ 'packages/client/src/new.ts': 'export {}' })).toEqual([
    'packages/client/src/new.ts: scripts/layers.ts does not say on which level this file stands: add it there',
  ])
})

test('a machine does not wait', () => {
  const problems = problemsOf({
    'packages/core/src/clock.ts': `export const settle = async () => await null`,
    [outbox]: `export const entry = (ready: Promise<string>) => ready.then(String)
      export async function send() {}`,
    'packages/client/src/channel.ts': `export const open = async () => { for await (const one of []) one }`,
  })
  expect(problems).toEqual([
    `${outbox}:2: level 2 waits: machines decide at once, drivers (level 3) wait`,
    'packages/client/src/channel.ts:1: level 2 waits: machines decide at once, drivers (level 3) wait',
  ])
})
