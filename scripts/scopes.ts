// Which names of a file come from outside of it: what it takes from the platform without importing it.

import { childrenOf, isNode, type Node, type Source } from './source.ts'

export interface Outside {
  readonly name: string
  readonly node: Node
  /** What the name stands in: `Date.now` in `Date.now()`, the `new` expression in `new Date()`. */
  readonly parent: Node
}

/**
 * Every use, as value or as type, of a name that no scope around it declares. Scopes are taken whole: a name that a
 * block declares anywhere counts as declared everywhere in it, which is what the compiler would say, or complain about.
 */
export function namesFromOutside({ program }: Source): Outside[] {
  const found: Outside[] = []
  const root = program as unknown as Node
  look(root, root, [])
  return found

  function look(node: Node, parent: Node, scopes: readonly ReadonlySet<string>[]): void {
    if (node.type === 'Identifier') {
      const name = String(node.name)
      if (!scopes.some((scope) => scope.has(name))) found.push({ name, node, parent })
      // A parameter carries its type on itself.
      if (isNode(node.typeAnnotation)) look(node.typeAnnotation, node, scopes)
      return
    }
    const own = declaredIn(node)
    const inner = own.size > 0 ? [...scopes, own] : scopes
    const skipped = labelsOf(node)
    for (const child of childrenOf(node)) if (!skipped.has(child)) look(child, node, inner)
  }
}

/** The children that are names of something else's parts, not uses of a name. */
function labelsOf(node: Node): ReadonlySet<unknown> {
  switch (node.type) {
    case 'MemberExpression':
      return new Set(node.computed ? [] : [node.property])
    case 'Property':
    case 'MethodDefinition':
    case 'PropertyDefinition':
    case 'AccessorProperty':
    case 'TSAbstractMethodDefinition':
    case 'TSAbstractPropertyDefinition':
    case 'TSPropertySignature':
    case 'TSMethodSignature':
      return new Set(node.computed ? [] : [node.key])
    case 'ImportSpecifier':
    case 'ImportDefaultSpecifier':
    case 'ImportNamespaceSpecifier':
      return new Set([node.imported, node.local])
    case 'ExportSpecifier':
      return new Set([node.exported, node.local])
    case 'ExportAllDeclaration':
      return new Set([node.exported])
    case 'TSQualifiedName':
      return new Set([node.right])
    case 'TSImportType':
      return new Set([node.qualifier])
    case 'TSTypePredicate':
      return new Set([node.parameterName])
    case 'TSNamedTupleMember':
    case 'LabeledStatement':
    case 'BreakStatement':
    case 'ContinueStatement':
      return new Set([node.label])
    case 'MetaProperty':
      return new Set([node.meta, node.property])
    default:
      return new Set()
  }
}

function declaredIn(node: Node): ReadonlySet<string> {
  const names = new Set<string>()
  const bind = (pattern: unknown): void => {
    for (const name of boundBy(pattern)) names.add(name)
  }
  // Functions, function types and signatures.
  if (Array.isArray(node.params)) {
    if (!node.type.endsWith('Instantiation')) for (const each of node.params) bind(each)
  }
  if (isNode(node.typeParameters) && Array.isArray(node.typeParameters.params)) {
    for (const each of node.typeParameters.params) if (isNode(each)) bind(each.name)
  }
  switch (node.type) {
    case 'Program':
    case 'BlockStatement':
    case 'StaticBlock':
    case 'TSModuleBlock':
      for (const statement of childrenOf(node)) declare(statement)
      break
    case 'SwitchStatement':
      for (const each of childrenOf(node)) for (const statement of childrenOf(each)) declare(statement)
      break
    case 'ForStatement':
      if (isNode(node.init)) declare(node.init)
      break
    case 'ForInStatement':
    case 'ForOfStatement':
      if (isNode(node.left)) declare(node.left)
      break
    case 'CatchClause':
      bind(node.param)
      break
    case 'ClassExpression':
    case 'FunctionExpression':
      bind(node.id)
      break
    case 'TSMappedType':
      bind(node.key)
      break
    case 'TSConditionalType':
      inferred(node.extendsType)
      break
  }
  return names

  function declare(statement: Node): void {
    switch (statement.type) {
      case 'ImportDeclaration':
        for (const each of childrenOf(statement)) bind(each.local)
        break
      case 'ExportNamedDeclaration':
      case 'ExportDefaultDeclaration':
        if (isNode(statement.declaration)) declare(statement.declaration)
        break
      case 'VariableDeclaration':
        for (const each of childrenOf(statement)) bind(each.id)
        break
      case 'FunctionDeclaration':
      case 'ClassDeclaration':
      case 'TSDeclareFunction':
      case 'TSTypeAliasDeclaration':
      case 'TSInterfaceDeclaration':
      case 'TSEnumDeclaration':
      case 'TSModuleDeclaration':
      case 'TSImportEqualsDeclaration':
        bind(statement.id)
        break
    }
  }

  function inferred(type: unknown): void {
    if (!isNode(type)) return
    if (type.type === 'TSInferType' && isNode(type.typeParameter)) bind(type.typeParameter.name)
    for (const child of childrenOf(type)) inferred(child)
  }
}

function boundBy(pattern: unknown): string[] {
  if (!isNode(pattern)) return []
  switch (pattern.type) {
    case 'Identifier':
      return [String(pattern.name)]
    case 'ObjectPattern':
      return childrenOf(pattern).flatMap((each) => boundBy(each.type === 'Property' ? each.value : each))
    case 'ArrayPattern':
      return childrenOf(pattern).flatMap(boundBy)
    case 'AssignmentPattern':
      return boundBy(pattern.left)
    case 'RestElement':
      return boundBy(pattern.argument)
    case 'TSParameterProperty':
      return boundBy(pattern.parameter)
    default:
      return []
  }
}
