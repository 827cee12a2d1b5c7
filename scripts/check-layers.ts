// `npm run check:layers`: holds the sources against the table in layers.ts. Reported are imports that go up, in a circle
// or around a package's door, use of the platform, of time or of chance where the table does not allow it, and machines
// that wait.

import { globSync, readFileSync } from 'node:fs'
import { isBuiltin } from 'node:module'
import { join, matchesGlob, posix } from 'node:path'
import { type Layer, type Rules, rules } from './layers.ts'
import { type Manifest, root } from './packages.ts'
import { namesFromOutside, type Outside } from './scopes.ts'
import { type Import, importsOf, lineOf, type Node, parse, type Source, walk } from './source.ts'

export interface Tree {
  /** Source texts by their path from the root. */
  readonly files: ReadonlyMap<string, string>
  /** Manifests of the packages and examples by their folder. */
  readonly manifests: ReadonlyMap<string, Manifest>
}

const platformNames = new Set(
  `window self document navigator location history screen localStorage sessionStorage indexedDB caches
  WebSocket EventSource XMLHttpRequest fetch BroadcastChannel MessageChannel Worker SharedWorker
  addEventListener removeEventListener requestAnimationFrame requestIdleCallback
  process Buffer global globalThis require console`.split(/\s+/),
)
const timers = new Set(
  `setTimeout clearTimeout setInterval clearInterval setImmediate clearImmediate queueMicrotask performance
  requestAnimationFrame requestIdleCallback`.split(/\s+/),
)
/** What imports bring of time and chance: whole modules, and single names of those that also hold other things. */
const ambientModules = new Set(['timers', 'timers/promises', 'perf_hooks'])
const ambientImports = new Map([['crypto', /^(random|getRandomValues|webcrypto)/]])

/** The level of what decides and never waits. */
const MACHINES = 2

/** Every breach of the rules, one sentence each. */
export function checkLayers({ files, manifests }: Tree, { layers, packages, pure }: Rules): string[] {
  const problems: string[] = []
  const edges = new Map<string, string[]>()
  const folders = [...manifests.keys()]
  const folderOfName = new Map(folders.map((folder) => [manifests.get(folder)?.name, folder]))

  for (const [file, text] of files) {
    const layer = layerOf(file)
    if (!layer) {
      problems.push(`${file}: scripts/layers.ts does not say on which level this file stands: add it there`)
      continue
    }
    const source = parse(file, text)
    const targets: string[] = []
    for (const each of importsOf(source)) {
      const target = checkImport(source, layer, each)
      if (target !== undefined && target !== file) targets.push(target)
    }
    edges.set(file, targets)
    for (const outside of namesFromOutside(source)) checkName(source, layer, outside)
    if (layer.level === MACHINES) checkWaiting(source)
  }
  for (const circle of circles(edges))
    problems.push(`${circle[0]}: imports in a circle: ${circle.join(' → ')}`)
  return problems

  function layerOf(file: string): Layer | undefined {
    return layers.find((layer) => layer.files.some((pattern) => matchesGlob(file, pattern)))
  }

  function folderOf(file: string): string | undefined {
    return folders.find((folder) => file.startsWith(`${folder}/`))
  }

  /** Reports what is wrong with an import, and says which of the files it leads to, if any. */
  function checkImport(source: Source, layer: Layer, { specifier, line, names }: Import): string | undefined {
    const at = `${source.file}:${line}`
    const home = folderOf(source.file)
    let target: string | undefined
    if (specifier.startsWith('.')) {
      target = posix.join(posix.dirname(source.file), specifier)
      const other = folderOf(target)
      if (other !== home) {
        problems.push(`${at}: imports ${specifier}, a file of ${other}: packages are entered by their names`)
        return undefined
      }
    } else {
      const name = packageOf(specifier)
      const folder = folderOfName.get(name)
      if (folder === undefined) {
        checkOutsider(at, layer, specifier, names)
        return undefined
      }
      const allowed = packages[manifests.get(home ?? '')?.name ?? '']
      if (folder !== home && allowed && !allowed.includes(name)) {
        problems.push(`${at}: ${home} may not import ${name}`)
      }
      target = doorOf(folder, `.${specifier.slice(name.length)}`)
      if (target === undefined) {
        problems.push(`${at}: imports ${specifier}, which is no door of ${name}: its exports do not name it`)
        return undefined
      }
    }
    const level = layerOf(target)?.level
    if (!files.has(target) || level === undefined) return undefined
    if (level > layer.level) {
      problems.push(`${at}: level ${layer.level} imports ${target} of level ${level}: imports go down`)
    }
    return target
  }

  /** A machine that waits is a driver: what happens meanwhile is no longer decided in one place. */
  function checkWaiting(source: Source): void {
    walk(source.program as unknown as Node, (node) => {
      if (node.type !== 'AwaitExpression' && !(isFunction(node) && node.async === true)) return
      const at = `${source.file}:${lineOf(source, node)}`
      problems.push(`${at}: level ${MACHINES} waits: machines decide at once, drivers (level 3) wait`)
    })
  }

  function checkOutsider(at: string, layer: Layer, specifier: string, names: readonly string[]): void {
    if (!layer.platform && !pure.includes(packageOf(specifier))) {
      problems.push(`${at}: level ${layer.level} imports ${specifier}: the platform begins at level 4`)
    }
    if (layer.ambient || !isBuiltin(specifier)) return
    const module = specifier.replace(/^node:/, '')
    const ambient = names.filter((name) => ambientImports.get(module)?.test(name))
    if (ambientModules.has(module)) problems.push(ambience(at, specifier))
    for (const name of ambient) problems.push(ambience(at, `${name} of ${specifier}`))
  }

  function checkName(source: Source, layer: Layer, outside: Outside): void {
    const at = `${source.file}:${lineOf(source, outside.node)}`
    if (!layer.ambient) {
      const taken = ambientUse(outside)
      if (taken !== undefined) {
        problems.push(ambience(at, taken))
        return
      }
    }
    if (!layer.platform && !layer.ambient && platformNames.has(outside.name)) {
      problems.push(`${at}: level ${layer.level} uses ${outside.name}: the platform begins at level 4`)
    }
  }

  function doorOf(folder: string, entry: string): string | undefined {
    const exports = manifests.get(folder)?.exports ?? {}
    for (const [pattern, door] of Object.entries(exports)) {
      const path = typeof door === 'string' ? door : (door['@tidings/source'] ?? door.default)
      const [start = '', end] = pattern.split('*')
      if (path === undefined) continue
      if (end === undefined && pattern === entry) return posix.join(folder, path)
      if (end !== undefined && entry.startsWith(start) && entry.endsWith(end)) {
        return posix.join(folder, path.replace('*', entry.slice(start.length, entry.length - end.length)))
      }
    }
    return undefined
  }
}

function ambience(at: string, what: string): string {
  return `${at}: uses ${what}: take a Clock or a Chance instead (core/src/clock.ts, core/src/chance.ts)`
}

/** How a name from outside brings in time or chance, if it does. */
function ambientUse({ name, parent }: Outside): string | undefined {
  const member = memberOf(parent)
  switch (name) {
    case 'Date':
      if (member === 'now') return 'Date.now'
      if (parent.type === 'NewExpression' && isEmpty(parent.arguments)) return 'new Date()'
      return parent.type === 'CallExpression' && isEmpty(parent.arguments) ? 'Date()' : undefined
    case 'Math':
      return member === 'random' ? 'Math.random' : undefined
    case 'crypto':
      // Hashes and signatures are neither time nor chance.
      return member === 'subtle' ? undefined : 'crypto'
    case 'process':
      return member === 'hrtime' || member === 'nextTick' || member === 'uptime'
        ? `process.${member}`
        : undefined
    case 'AbortSignal':
      return member === 'timeout' ? 'AbortSignal.timeout' : undefined
    default:
      return timers.has(name) ? name : undefined
  }
}

function memberOf(parent: Outside['parent']): string | undefined {
  if (parent.type !== 'MemberExpression' && parent.type !== 'TSQualifiedName') return undefined
  const named = (parent.type === 'MemberExpression' ? parent.property : parent.right) as {
    name?: string
    value?: string
  }
  return named.name ?? named.value
}

function isFunction({ type }: Node): boolean {
  return type === 'FunctionDeclaration' || type === 'FunctionExpression' || type === 'ArrowFunctionExpression'
}

function isEmpty(list: unknown): boolean {
  return Array.isArray(list) && list.length === 0
}

function packageOf(specifier: string): string {
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/')
}

/** One circle for each knot of files that import one another, beginning and ending with the same file. */
function circles(edges: ReadonlyMap<string, readonly string[]>): string[][] {
  const found: string[][] = []
  const done = new Set<string>()
  const path: string[] = []
  const follow = (file: string): void => {
    const start = path.indexOf(file)
    if (start >= 0) found.push([...path.slice(start), file])
    if (start >= 0 || done.has(file)) return
    path.push(file)
    for (const target of edges.get(file) ?? []) follow(target)
    path.pop()
    done.add(file)
  }
  for (const file of edges.keys()) follow(file)
  return found
}

/** The sources in this repository: of packages what is published, of examples everything but their tests. */
function readTree(): Tree {
  const paths = globSync(['packages/*/src/**/*.{ts,tsx}', 'examples/**/*.{ts,tsx}'], {
    cwd: root,
    exclude: ['**/node_modules', '**/dist', '**/e2e', '**/test'],
  })
  const read = (path: string) => readFileSync(join(root, path), 'utf8')
  return {
    files: new Map(paths.sort().map((path) => [path, read(path)])),
    manifests: new Map(
      globSync('{packages,examples}/*/package.json', { cwd: root }).map((path) => [
        posix.dirname(path),
        JSON.parse(read(path)),
      ]),
    ),
  }
}

if (import.meta.main) {
  const tree = readTree()
  const problems = checkLayers(tree, rules)
  for (const problem of problems) console.error(problem)
  if (problems.length > 0) process.exit(1)
  console.log(`${tree.files.size} files, all where they belong`)
}
