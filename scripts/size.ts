// `npm run size`: what a page loads, as a bundler makes it of the doors: minified and gzipped, React left out. Fails past
// a budget.

import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { SourceMap } from 'node:module'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { rolldown } from 'rolldown'
import { readCommandLine } from '../packages/testing/src/command-line.ts'
import { root } from './packages.ts'
import { installPeers, type Peer, peers } from './peers.ts'

interface Entry {
  readonly name: string
  /** What the page takes from the doors. */
  readonly code: string
  /** Past this it fails: what was reached, and a little room. Bytes. */
  readonly budget: number
  /** What the project aims at. Bytes. */
  readonly goal?: number
}

const client = `export * from '@tidings/client'
  export { channel, TidingsError } from '@tidings/core'`
const hooks = `${client}
  export * from '@tidings/react'`

const entries: readonly Entry[] = [
  {
    name: 'smallest: events, recovery, outbox',
    code: `export { createClient } from '@tidings/client/events'
      export { channel } from '@tidings/core'`,
    budget: 13_800,
    goal: 6_000,
  },
  { name: 'client', code: client, budget: 17_200 },
  { name: 'client, hooks', code: hooks, budget: 20_300, goal: 8_000 },
  {
    name: 'everything: hooks, IndexedDB, tabs',
    code: `${hooks}
      export * from '@tidings/client/indexeddb'
      export * from '@tidings/client/tabs'`,
    budget: 31_250,
    goal: 12_000,
  },
]

interface Bundle {
  readonly code: string
  readonly map: ConstructorParameters<typeof SourceMap>[0]
}

interface PeerSizes {
  readonly measuredAt: string
  readonly sizes: Readonly<Record<string, number>>
}

const HELP = `npm run size             what a page loads, with budgets and goals; fails past a budget
npm run size -- --files  also which file costs what
npm run size -- --peers  installs other clients, and measures anew what they weigh`

const options = readCommandLine({
  command: 'npm run size',
  help: HELP,
  options: { files: { type: 'boolean' }, peers: { type: 'boolean' } },
})
const record = join(root, 'scripts', 'peer-sizes.json')
if (options.peers) await measurePeers()

let isOver = false
let missesGoal = false
console.log('kB, minified and gzipped                     now   budget     goal')
for (const { name, code, budget, goal } of entries) {
  const bundle = await bundleOf(code, join(root, 'packages', 'react', 'src'))
  const size = gzipped(bundle.code)
  console.log(`${name.padEnd(40)}${[size, budget, goal].map(kilobytes).join('')}`)
  if (options.files) for (const line of filesOf(bundle)) console.log(line)
  if (goal !== undefined && size > goal) missesGoal = true
  if (size <= budget) continue
  isOver = true
  console.error(`${name} has ${size} bytes; its budget is ${budget}. What grew: npm run size -- --files`)
}
const { measuredAt, sizes } = JSON.parse(readFileSync(record, 'utf8')) as PeerSizes
console.log(`\nothers, on ${measuredAt}`)
for (const [name, size] of Object.entries(sizes)) console.log(name.padEnd(40) + kilobytes(size))
if (missesGoal)
  console.log('\nWhy the goals are missed, and what was tried: docs/decisions/0010-what-a-page-loads.md')
if (isOver) process.exit(1)

async function bundleOf(code: string, folder: string): Promise<Bundle> {
  const page = join(folder, 'page.ts')
  await using bundle = await rolldown({
    input: page,
    platform: 'browser',
    external: ['react', /^react[/]/],
    // From the sources, so that each file can be told apart. The built doors make the same page.
    resolve: { conditionNames: ['@tidings/source', 'import', 'browser', 'default'] },
    transform: { jsx: { runtime: 'automatic' } },
    tsconfig: false,
    onLog: () => {},
    plugins: [
      {
        name: 'page',
        resolveId: (id) => (id === page ? id : null),
        load: (id) => (id === page ? code : null),
      },
    ],
  })
  const { output } = await bundle.generate({ minify: true, sourcemap: true })
  const [{ code: text, map }] = output
  if (!map) throw new Error('The bundler made no source map.')
  // The module class of Node asks for a whole map; the bundler's is one.
  return { code: text.replace(/\n[/]{2}# sourceMappingURL=.*\n?$/, ''), map: JSON.parse(map.toString()) }
}

function gzipped(code: string): number {
  return gzipSync(code, { level: 9 }).length
}

/**
 * Each file's share. Compressed bytes belong to no file alone; a share is what the whole would shrink by without the
 * file, scaled so that all of them add up.
 */
function filesOf({ code, map }: Bundle): string[] {
  const places = new SourceMap(map)
  const owners = code
    .split('\n')
    .flatMap((line, row) =>
      [...`${line}\n`].map((_, column) => places.findEntry(row, column) as { originalSource?: string }),
    )
    .map(({ originalSource = 'the bundler' }) => originalSource.replace(/^.*packages[/]/, ''))
  const whole = gzipped(code)
  const without = [...new Set(owners)].map((file) => {
    const characters = [...code]
    const rest = characters.filter((_, i) => owners[i] !== file)
    return { file, minified: characters.length - rest.length, share: whole - gzipped(rest.join('')) }
  })
  const sum = without.reduce((total, { share }) => total + share, 0)
  return without
    .map((each) => ({ ...each, share: Math.round((each.share * whole) / sum) }))
    .sort((a, b) => b.share - a.share)
    .map(
      ({ file, minified, share }) =>
        `  ${file.padEnd(36)}${String(share).padStart(7)} of ${minified} minified bytes`,
    )
}

async function measurePeers(): Promise<void> {
  const folder = join(root, 'node_modules', '.cache', 'peers')
  mkdirSync(folder, { recursive: true })
  installPeers(folder)
  const sizes: Record<string, number> = {}
  for (const peer of peers) sizes[label(peer)] = gzipped((await bundleOf(peer.code, folder)).code)
  const measured: PeerSizes = { measuredAt: new Date().toISOString().slice(0, 10), sizes }
  writeFileSync(record, `${JSON.stringify(measured, null, 2)}\n`)
}

function label({ name, version, note }: Peer): string {
  return `${name} ${version}${note ? `, ${note}` : ''}`
}

function kilobytes(bytes: number | undefined): string {
  return (bytes === undefined ? '' : (bytes / 1000).toFixed(1)).padStart(9)
}
