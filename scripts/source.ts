// A source file as a syntax tree, for the checks: what it imports and from where, types included.

import { type ParseResult, parseSync } from 'rolldown/utils'

export interface Source {
  readonly file: string
  readonly text: string
  readonly program: ParseResult['program']
}

export interface Import {
  readonly specifier: string
  readonly line: number
  /** The names that are taken from there, as they are called there. Empty for a whole module. */
  readonly names: readonly string[]
}

export interface Node {
  readonly type: string
  readonly start: number
  readonly [field: string]: unknown
}

export function parse(file: string, text: string): Source {
  const { program, errors } = parseSync(file, text)
  const [error] = errors
  if (error) throw new Error(`${file}: ${error.message}`)
  return { file, text, program }
}

/** Static and dynamic imports, re-exports and `import('…')` types. A dynamic import of a computed name is left out. */
export function importsOf(source: Source): Import[] {
  const found: Import[] = []
  walk(source.program as unknown as Node, (node) => {
    const request = IMPORTING.has(node.type) ? node.source : undefined
    if (isNode(request) && typeof request.value === 'string') {
      found.push({ specifier: request.value, line: lineOf(source, node), names: namesOf(node) })
    }
  })
  return found
}

const IMPORTING = new Set([
  'ImportDeclaration',
  'ExportNamedDeclaration',
  'ExportAllDeclaration',
  'ImportExpression',
  'TSImportType',
])

function namesOf({ specifiers }: Node): string[] {
  const each = Array.isArray(specifiers) ? specifiers.filter(isNode) : []
  return each.flatMap(({ imported }) => (isNode(imported) ? [String(imported.name ?? imported.value)] : []))
}

/** Visits every node, the outer one first. */
export function walk(node: Node, visit: (node: Node) => void): void {
  visit(node)
  for (const child of childrenOf(node)) walk(child, visit)
}

export function childrenOf(node: Node): Node[] {
  return Object.values(node)
    .flatMap((value) => (Array.isArray(value) ? value : [value]))
    .filter(isNode)
}

export function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && 'type' in value && typeof value.type === 'string'
}

export function lineOf({ text }: Source, { start }: Node): number {
  return text.slice(0, start).split('\n').length
}
