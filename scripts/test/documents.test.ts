// What the documents promise of the tree: that a link leads somewhere, and that what an example imports is there.

import { existsSync, globSync, readFileSync, statSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { describe, expect, it } from 'vitest'
import { readFences } from '../fences.ts'
import { readPackages, root } from '../packages.ts'
import { importsOf, isNode, parse, type Source, walk } from '../source.ts'

const documents = globSync(['*.md', 'docs/**/*.md', 'packages/*/README.md', 'examples/*/README.md'], {
  cwd: root,
})
const packages = readPackages()

/** What a door gives, types included. */
function exportsOf(source: Source): Set<string> {
  const names = new Set<string>()
  walk(source.program as never, (node) => {
    if (node.type === 'ExportSpecifier' && isNode(node.exported)) names.add(String(node.exported.name))
    const declared =
      node.type === 'ExportNamedDeclaration' && isNode(node.declaration) ? node.declaration : undefined
    const declarations = Array.isArray(declared?.declarations) ? declared.declarations : [declared]
    for (const each of declarations) if (isNode(each) && isNode(each.id)) names.add(String(each.id.name))
  })
  return names
}

/** The source behind `@tidings/client/tabs`; undefined where there is no such door. */
function doorOf(specifier: string): string | undefined {
  const found = packages.find(
    ({ manifest: { name } }) => specifier === name || specifier.startsWith(`${name}/`),
  )
  const entry = found?.manifest.exports?.[`.${specifier.slice(found.manifest.name.length)}`]
  if (!found || entry === undefined) return undefined
  const file = typeof entry === 'string' ? entry : entry['@tidings/source']
  return file === undefined ? undefined : join(found.path, file)
}

/** As GitHub makes it of a heading. */
function anchorsOf(markdown: string): Set<string> {
  const headings = markdown.replace(/^(`{3,})[^`]*\n[\s\S]*?^\1$/gm, '').matchAll(/^#+ +(.*)$/gm)
  return new Set(
    [...headings].map(([, text = '']) =>
      text
        .toLowerCase()
        .replace(/[^\p{L}\p{N} _-]/gu, '')
        .replaceAll(' ', '-'),
    ),
  )
}

/** Relative links, to files and to headings, that lead nowhere. */
function deadLinks(document: string): string[] {
  const markdown = readFileSync(join(root, document), 'utf8')
  const prose = markdown.replace(/^(`{3,})[^`]*\n[\s\S]*?^\1$/gm, '').replace(/`[^`\n]*`/g, '')
  const links = [...prose.matchAll(/\]\(([^)\s]+)\)/g)].map(([, link = '']) => link)
  return links.filter((link) => {
    if (/^[a-z]+:/.test(link)) return false
    const [path = '', anchor] = link.split('#', 2)
    const target = path === '' ? join(root, document) : join(root, dirname(document), path)
    if (!existsSync(target)) return true
    if (anchor === undefined || statSync(target).isDirectory()) return false
    return !anchorsOf(readFileSync(target, 'utf8')).has(anchor)
  })
}

/** Imports from packages of this repository that they do not give. */
function wrongImports(document: string): string[] {
  const fences = readFences(readFileSync(join(root, document), 'utf8'))
  return fences
    .filter(({ language }) => ['ts', 'tsx'].includes(language))
    .flatMap(({ text, language, line }) =>
      importsOf(parse(`${document}.${language}`, text))
        .filter(({ specifier }) => specifier.startsWith('@tidings/') && !specifier.endsWith('.css'))
        .flatMap(({ specifier, names }) => {
          const door = doorOf(specifier)
          if (door === undefined) return [`line ${line}: there is no ${specifier}`]
          const given = exportsOf(parse(relative(root, door), readFileSync(door, 'utf8')))
          return names
            .filter((name) => !given.has(name))
            .map((name) => `line ${line}: ${specifier} gives no ${name}`)
        }),
    )
}

describe.each(documents)('%s', (document) => {
  it('links to what is there', () => {
    expect(deadLinks(document)).toEqual([])
  })

  it('shows code that parses, and imports what the packages give', () => {
    expect(wrongImports(document)).toEqual([])
  })
})

it('each package has a page of its own', () => {
  for (const { folder } of packages) expect(documents).toContain(`packages/${folder}/README.md`)
})
