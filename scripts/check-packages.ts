// `npm run check:packages`: builds every package, packs it as it would be published, and looks at the result with the
// eyes of those who install it: the packing itself, the doors, what is imported, the types, and what a page loads.

import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { isBuiltin } from 'node:module'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { publint } from 'publint'
import { formatMessage } from 'publint/utils'
import { rolldown } from 'rolldown'
import { dependencies, entries, type Package, readPackages, root } from './packages.ts'
import { importsOf, parse } from './source.ts'

/** Packages that a browser loads: nothing of Node and nothing of the server may be in them. */
const forPages = ['core', 'client', 'react', 'ui']
/** Doors of such packages that are for Node after all. */
const forNode = ['@tidings/client/file']
/** Packages of which each door has to say that it belongs in the page, for frameworks that render on the server. */
const clientOnly = ['react', 'ui']
/** What else a page may load: dependencies that were chosen, by the package that brings them. */
const chosen = ['sonner']

// Inside the repository, so that the packages' own dependencies are found; beside nothing that is committed.
const shop = join(root, 'node_modules', '.cache', 'packed')
const page = join(shop, 'page.js')
const problems: string[] = []

run('npm', ['run', '--silent', 'build'])
rmSync(shop, { recursive: true, force: true })
const packages = readPackages()
/** What is left to those who install the packages. */
const ours = packages.map(({ manifest }) => manifest.name)
const peers = new Set(
  packages
    .flatMap(({ manifest }) => Object.keys(manifest.peerDependencies ?? {}))
    .filter((name) => !ours.includes(name)),
)
for (const each of packages) {
  const packed = pack(each)
  await lint(each, packed)
  checkImports(each, packed)
  checkDirectives(each, packed)
}
checkLoading(packages)
checkWorker()
checkTypes(packages)
await checkPages(packages.filter(({ folder }) => forPages.includes(folder)))

for (const problem of problems) console.error(problem)
if (problems.length > 0) process.exit(1)

/** Packs the package and unpacks it where the others find it; gives back that folder. */
function pack({ path, manifest }: Package): string {
  const folder = join(shop, 'node_modules', manifest.name)
  mkdirSync(folder, { recursive: true })
  run('npm', ['pack', '--silent', '--ignore-scripts', '--pack-destination', shop, path])
  const tarball = readdirSync(shop).find((name) => name.endsWith('.tgz'))
  if (tarball === undefined) throw new Error(`npm pack made no tarball of ${manifest.name}`)
  run('tar', ['-xzf', join(shop, tarball), '-C', folder, '--strip-components=1'])
  rmSync(join(shop, tarball))
  return folder
}

async function lint({ manifest }: Package, path: string) {
  const { messages, pkg } = await publint({ pkgDir: path, pack: false, strict: true })
  for (const message of messages)
    problems.push(`${manifest.name}: ${formatMessage(message, pkg, { color: false })}`)
}

/** Every import of a built file is a file of the package, or a dependency that an installation brings along. */
function checkImports(each: Package, path: string) {
  const allowed = new Set([...dependencies(each), each.manifest.name])
  for (const { name, text } of builtFiles(path)) {
    for (const { specifier, line } of importsOf(parse(name, text))) {
      const at = `${each.manifest.name}/dist/${name}:${line}`
      if (specifier.startsWith('.')) {
        // Types keep the names of their sources (`./x.ts` stands for `./x.d.ts` there).
        const file = join(
          path,
          'dist',
          name,
          '..',
          name.endsWith('.d.ts') ? specifier.replace(/\.tsx?$/, '.d.ts') : specifier,
        )
        if (!existsSync(file)) problems.push(`${at}: imports ${specifier}, which is not in the package`)
      } else if (isBuiltin(specifier)) {
        const isForNode = forNode.includes(
          `${each.manifest.name}/${name.replace(/\.js$|\.d\.ts$|\/.*$/g, '')}`,
        )
        if (forPages.includes(each.folder) && !isForNode)
          problems.push(`${at}: imports ${specifier}, which no browser has`)
      } else if (!allowed.has(packageOf(specifier))) {
        problems.push(`${at}: imports ${specifier}, which is neither a dependency nor a peer of the package`)
      }
    }
  }
}

function checkDirectives(each: Package, path: string) {
  if (!clientOnly.includes(each.folder)) return
  for (const entry of entries(each)) {
    const file = target(each, entry)
    const [first] = parse(file, readFileSync(join(path, file), 'utf8')).program.body
    if (
      first?.type !== 'ExpressionStatement' ||
      !('directive' in first) ||
      first.directive !== 'use client'
    ) {
      problems.push(`${each.manifest.name}: ${file} does not begin with 'use client'`)
    }
  }
}

/** Node loads every door, and every command shows its help. */
function checkLoading(all: readonly Package[]) {
  const doors = all.flatMap(specifiers)
  const code = doors.map((door) => `await import('${door}')`).join('\n')
  attempt('The packed packages do not load in Node', 'node', ['--input-type=module', '--eval', code])
  for (const { manifest } of all) {
    for (const [command, file] of Object.entries(manifest.bin ?? {})) {
      const path = join(shop, 'node_modules', manifest.name, file)
      attempt(`\`${command} --help\` of the packed ${manifest.name} fails`, 'node', [path, '--help'])
    }
  }
}

/** The SQLite log finds its worker thread beside it. */
function checkWorker() {
  const script = join(shop, 'log.mjs')
  writeFileSync(
    script,
    `import { sqliteBroker } from '@tidings/server/sqlite'
    const broker = await sqliteBroker({ file: process.argv[2] })
    await broker.append({ channel: 'a', drafts: [{ event: 'b', data: '1' }], keep: { entries: 1, sinceSnapshot: false } })
    await broker.close()`,
  )
  attempt('The packed SQLite log does not work', 'node', [script, join(shop, 'log.db')])
}

/** The types of every door hold for strict users of either way of resolving modules, their own library check included. */
function checkTypes(all: readonly Package[]) {
  const file = join(shop, 'user.ts')
  const lines = all.flatMap(specifiers).map((door, index) => `export * as door${index} from '${door}'`)
  writeFileSync(file, `${lines.join('\n')}\n`)
  writeFileSync(join(shop, 'package.json'), '{ "type": "module" }\n')
  for (const [module, moduleResolution] of [
    ['nodenext', 'nodenext'],
    ['esnext', 'bundler'],
  ]) {
    const compilerOptions = {
      ...{
        module,
        moduleResolution,
        target: 'es2024',
        lib: ['es2025', 'dom', 'dom.iterable'],
        jsx: 'react-jsx',
      },
      ...{ strict: true, exactOptionalPropertyTypes: true, noUncheckedIndexedAccess: true, noEmit: true },
      ...{ types: ['node'], skipLibCheck: false },
    }
    const config = join(shop, `tsconfig.${moduleResolution}.json`)
    writeFileSync(config, JSON.stringify({ compilerOptions, files: [file] }))
    attempt(`The packed types do not hold with moduleResolution ${moduleResolution}`, 'tsc', ['-p', config])
  }
}

/** What a page loads at most, each door alone and everything in it used: bundled, minified, compressed. */
async function checkPages(all: readonly Package[]) {
  for (const specifier of all.flatMap(specifiers).filter((door) => !forNode.includes(door))) {
    try {
      const { code, moduleIds } = await bundleForPage(specifier)
      const isOurs = (id: string) =>
        forPages.some((folder) => id.includes(`/@tidings/${folder}/`)) ||
        chosen.some((name) => id.includes(`/node_modules/${name}/`))
      for (const id of moduleIds) {
        if (id !== page && !isOurs(id)) problems.push(`${specifier} in a page: loads ${id}`)
      }
      console.log(`${specifier} in a page: ${(gzipSync(code).length / 1000).toFixed(1)} kB`)
    } catch (error) {
      problems.push(`${specifier} in a page: ${error instanceof Error ? error.message : error}`)
    }
  }
}

async function bundleForPage(specifier: string) {
  writeFileSync(page, `export * from '${specifier}'\n`)
  await using bundle = await rolldown({
    input: page,
    platform: 'browser',
    // What the page brings along by itself.
    external: (id) => peers.has(packageOf(id)),
    onLog: (_level, log) => {
      // 'use client' speaks to frameworks, not to this bundle.
      if (log.code !== 'MODULE_LEVEL_DIRECTIVE') problems.push(`${specifier} in a page: ${log.message}`)
    },
  })
  const { output } = await bundle.generate({ minify: true })
  return output[0]
}

function specifiers(each: Package): string[] {
  return entries(each).map((entry) => each.manifest.name + entry.slice(1))
}

function target({ manifest }: Package, entry: string): string {
  const door = manifest.exports?.[entry]
  const file = typeof door === 'string' ? door : door?.default
  if (file === undefined) throw new Error(`${manifest.name} has no default for ${entry} in its exports`)
  return file
}

function packageOf(specifier: string): string {
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/')
}

function builtFiles(path: string) {
  const dist = join(path, 'dist')
  return readdirSync(dist, { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.(js|d\.ts)$/.test(name))
    .map((name) => ({ name, text: readFileSync(join(dist, name), 'utf8') }))
}

function attempt(problem: string, command: string, args: readonly string[]) {
  const { status, stdout, stderr, error } = spawnSync(command, args, { cwd: shop, encoding: 'utf8' })
  if (status !== 0) problems.push(`${problem}:\n${error?.message ?? `${stdout}${stderr}`.trim()}`)
}

function run(command: string, args: readonly string[]): string {
  const { status, stdout, stderr, error } = spawnSync(command, args, { cwd: root, encoding: 'utf8' })
  if (status === 0) return stdout
  console.error(error?.message ?? `${stdout}${stderr}`)
  process.exit(1)
}
