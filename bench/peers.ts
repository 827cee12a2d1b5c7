// What Tidings is measured beside is installed when somebody measures, and at no other time.

import { spawnSync } from 'node:child_process'
import { existsSync, globSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const folder = fileURLToPath(new URL('.', import.meta.url))

interface Installed {
  readonly packages: Readonly<Record<string, { readonly version?: string; readonly optional?: boolean }>>
}

/** Installs exactly what the lockfile says, unless it is there already. */
export function ensurePeers(): void {
  const wanted = read(`${folder}package-lock.json`)
  const there = existsSync(`${folder}node_modules/.package-lock.json`)
    ? read(`${folder}node_modules/.package-lock.json`)
    : undefined
  const isThere = Object.entries(wanted.packages).every(
    ([path, { version, optional }]) => path === '' || optional || there?.packages[path]?.version === version,
  )
  if (isThere) return
  process.stderr.write('Installing what Tidings is measured beside, this once\n')
  const { status } = spawnSync('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund'], {
    cwd: folder,
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  if (status !== 0) throw new Error('The peers could not be installed; npm’s own words are above.')
}

/** Bun's program, which its package brings along for this platform. */
export function bunPath(): string {
  const [path] = globSync(`${folder}node_modules/@oven/*/bin/bun`)
  if (path === undefined) throw new Error('The package "bun" has no program for this platform.')
  return path
}

function read(file: string): Installed {
  return JSON.parse(readFileSync(file, 'utf8')) as Installed
}
