// `npm run spec`: holds SPEC.md and the tests against each other, and docs/hostile-peers.md as well. Every rule and every
// row is proven by a test whose title cites it, and no title cites one that there is not.

import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from './packages.ts'
import { type Node, parse, walk } from './source.ts'

/** What is to be proven, and how a title cites it. */
const SUBJECTS = [
  { file: 'SPEC.md', what: 'rule', id: /^- \*\*([A-Z]{2}[0-9]+)\*\*/gm, citation: /\[([A-Z]{2}[0-9]+)\]/g },
  { file: 'docs/hostile-peers.md', what: 'row', id: /^\| ([0-9]+) \|/gm, citation: /\[(row [0-9]+)\]/g },
] as const

const titles = testFiles().flatMap((file) => {
  const texts: string[] = []
  walk(parse(file, readFileSync(join(root, file), 'utf8')).program as unknown as Node, (node) => {
    texts.push(textOf(node))
  })
  return texts.map((text) => ({ file, text }))
})

const faults = SUBJECTS.flatMap(({ file, what, id, citation }) => {
  const found = [...readFileSync(join(root, file), 'utf8').matchAll(id)].map(([, name = '']) => name)
  const ids = new Set(found.map((name) => (what === 'row' ? `row ${name}` : name)))
  /** And the first file that cites each. */
  const cited = new Map<string, string>()
  for (const title of titles)
    for (const [, name = ''] of title.text.matchAll(citation)) cited.set(name, cited.get(name) ?? title.file)
  console.log(`${file}: ${ids.size} ${what}s`)
  return [
    ...[...ids]
      .filter((name) => !cited.has(name))
      .map(
        (name) => `${name}: no test proves this. Cite it in the title of the one that does: '[${name}] …'`,
      ),
    ...[...cited]
      .filter(([name]) => !ids.has(name))
      .map(([name, test]) => `${name}: cited in ${test}, but ${file} has no such ${what}.`),
  ]
})
for (const fault of faults) console.error(fault)
if (faults.length > 0) process.exit(1)
console.log('Each is proven by a test that cites it')

/** Titles may stand anywhere: in a table of cases, in a suite that brokers share. Comments do not count. */
function textOf(node: Node): string {
  if (node.type === 'Literal' && typeof node.value === 'string') return node.value
  return node.type === 'TemplateElement' ? String((node.value as { readonly raw: string }).raw) : ''
}

function testFiles(): string[] {
  const inFolder = (folder: string) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' }).map((file) => join(folder, file))
  return ['packages', 'examples']
    .flatMap(inFolder)
    .filter((file) => !/(^|\/)(node_modules|dist)\//.test(file))
    .filter((file) => /\.test\.tsx?$/.test(file) || /^packages\/testing\/src\/broker\/.*\.ts$/.test(file))
}
