// `npm run build`: the packages as they are published. Rolldown makes one ES module of each door, with what several doors
// share beside them; the compiler makes the types. Nothing is minified: whoever uses a package bundles it.

import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, rmSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { rolldown } from 'rolldown'
import { type Package, readPackages } from './packages.ts'

for (const each of readPackages()) {
  rmSync(join(each.path, 'dist'), { recursive: true, force: true })
  emitTypes(each)
  await bundle(each)
  console.log(`built ${each.manifest.name}`)
}

function emitTypes({ folder, path }: Package) {
  const { status } = spawnSync('tsc', ['-p', join(path, 'tsconfig.build.json')], { stdio: 'inherit' })
  if (status === 0) return
  console.error(`packages/${folder} could not be built; the reason is above.`)
  process.exit(1)
}

async function bundle(each: Package) {
  await using build = await rolldown({
    input: inputs(each),
    cwd: each.path,
    platform: 'neutral',
    // What an installation brings along, and what the platform has, stays an import.
    external: /^[^./]/,
    onLog(level, log, report) {
      // 'use client' in an inner module is of no use there; the door's own is kept, and checked by check-packages.ts.
      if (log.code !== 'MODULE_LEVEL_DIRECTIVE') report(level, log)
    },
  })
  await build.write({
    dir: join(each.path, 'dist'),
    format: 'esm',
    sourcemap: true,
    entryFileNames: '[name].js',
    // In the folder of its sources: what a module finds by its own address (a worker) is beside it there as well.
    chunkFileNames: ({ moduleIds }) => {
      // What the bundler adds of its own has no folder.
      const sources = join(each.path, 'src')
      const last = moduleIds.findLast((id) => id.startsWith(sources)) ?? join(sources, 'index.ts')
      return join(relative(sources, dirname(last)), '[name]-[hash].js')
    },
  })
}

/** Each door, the command, and each worker, which is loaded by its address: the built file's name to its source. */
function inputs({ path, manifest }: Package): Record<string, string> {
  const doors = Object.values(manifest.exports ?? {}).flatMap((door) =>
    typeof door === 'string' ? [] : [door.default ?? ''],
  )
  const built = [...doors, ...Object.values(manifest.bin ?? {})].map((file) =>
    file.replace(/^\.\/dist\/|\.js$/g, ''),
  )
  const sources = readdirSync(join(path, 'src'), { recursive: true, encoding: 'utf8' })
  const workers = sources
    .filter((file) => file.endsWith('-worker.ts'))
    .map((file) => file.slice(0, -'.ts'.length))
  const sourceOf = (name: string) =>
    `./src/${name}${existsSync(join(path, 'src', `${name}.tsx`)) ? '.tsx' : '.ts'}`
  return Object.fromEntries([...built, ...workers].map((name) => [name, sourceOf(name)]))
}
