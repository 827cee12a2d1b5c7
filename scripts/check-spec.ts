// `npm run spec`: holds SPEC.md and the tests against each other. Every rule is proven by a test whose title cites it, and
// no title cites a rule that there is not.

import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from './packages.ts'
import { type Node, parse, walk } from './source.ts'

const RULE = /^- \*\*([A-Z]{2}[0-9]+)\*\*/gm
const CITATION = /\[([A-Z]{2}[0-9]+)\]/g

const spec = readFileSync(join(root, 'SPEC.md'), 'utf8')
const rules = new Set([...spec.matchAll(RULE)].map(([, id = '']) => id))
/** Rule ids in titles, and the first file that cites each. */
const cited = new Map<string, string>()
for (const file of testFiles()) {
  walk(parse(file, readFileSync(join(root, file), 'utf8')).program as unknown as Node, (node) => {
    for (const [, id = ''] of textOf(node).matchAll(CITATION)) cited.set(id, cited.get(id) ?? file)
  })
}

const unproven = [...rules].filter((id) => !cited.has(id))
const unknown = [...cited].filter(([id]) => !rules.has(id))
for (const id of unproven)
  console.error(`${id}: no test proves this rule. Cite it in the title of the one that does: '[${id}] …'`)
for (const [id, file] of unknown) console.error(`${id}: cited in ${file}, but SPEC.md has no such rule.`)
if (unproven.length + unknown.length > 0) process.exit(1)
console.log(`${rules.size} rules, each proven by a test that cites it`)

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
