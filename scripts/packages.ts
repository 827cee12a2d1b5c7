// The packages that are published, in the order in which each finds those it depends on already built.

import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const root = fileURLToPath(new URL('..', import.meta.url))

export interface Manifest {
  readonly name: string
  readonly private?: boolean
  readonly bin?: Readonly<Record<string, string>>
  readonly exports?: Readonly<Record<string, string | Readonly<Record<string, string>>>>
  readonly dependencies?: Readonly<Record<string, string>>
  readonly peerDependencies?: Readonly<Record<string, string>>
}

export interface Package {
  /** The name of the folder in packages. */
  readonly folder: string
  readonly path: string
  readonly manifest: Manifest
}

export function readPackages(): Package[] {
  const waiting = readdirSync(join(root, 'packages')).map((folder): Package => {
    const path = join(root, 'packages', folder)
    return { folder, path, manifest: JSON.parse(readFileSync(join(path, 'package.json'), 'utf8')) }
  })
  const ordered: Package[] = []
  while (waiting.length > 0) {
    const next = waiting.findIndex(
      (each) => !waiting.some((other) => other !== each && dependencies(each).includes(other.manifest.name)),
    )
    if (next < 0) throw new Error(`These packages depend on one another in a circle: ${names(waiting)}`)
    ordered.push(...waiting.splice(next, 1))
  }
  return ordered
}

/** What may be imported by the built files: the names that an installation brings along. */
export function dependencies({ manifest }: Package): string[] {
  return Object.keys({ ...manifest.dependencies, ...manifest.peerDependencies })
}

/** The doors of a package to its code, without its own name: `.` and `./memory`, say. Style sheets are files, no doors. */
export function entries({ manifest }: Package): string[] {
  return Object.keys(manifest.exports ?? {}).filter(
    (entry) => entry !== './package.json' && !entry.endsWith('.css'),
  )
}

function names(packages: readonly Package[]): string {
  return packages.map(({ manifest }) => manifest.name).join(', ')
}
