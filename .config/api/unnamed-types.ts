import ts from 'typescript'
import { target, type Declarations, type Entry } from './entries.js'

/**
 * Types of ours that the signatures of an entry mention and a consumer cannot import: neither that entry nor
 * the entry `.` exports them.
 *
 * @returns sorted by name, each with the first export whose signature leads to it: `Name (of Export)`
 */
export function unnamedTypes({ checker, entries }: Declarations, entry: Entry): string[] {
  const main = entries.find(({ name }) => name === '.')
  const nameable = new Set([...entry.exported.values(), ...(main?.exported.values() ?? [])])
  const seen = new Map<ts.Symbol, string>()
  const follow = (symbol: ts.Symbol, from: string): void => {
    if (seen.has(symbol)) return
    seen.set(symbol, from)
    for (const declaration of symbol.declarations ?? []) {
      for (const named of typesIn(declaration, checker)) follow(named, from)
    }
  }
  for (const [name, symbol] of entry.exported) follow(symbol, name)
  return [...seen]
    .filter(([symbol]) => !nameable.has(symbol))
    .map(([symbol, from]) => `${symbol.name} (of ${from})`)
    .sort()
}

/** The types of ours that a declaration mentions, save what is private. */
function typesIn(declaration: ts.Declaration, checker: ts.TypeChecker): ts.Symbol[] {
  const found: ts.Symbol[] = []
  const visit = (node: ts.Node): void => {
    if (isPrivate(node)) return
    const name = nameOfType(node)
    const symbol = name && checker.getSymbolAtLocation(name)
    const type = symbol && target(symbol, checker)
    if (type !== undefined && isOurs(type)) found.push(type)
    ts.forEachChild(node, visit)
  }
  ts.forEachChild(declaration, visit)
  return found
}

function isPrivate(node: ts.Node): boolean {
  if (ts.isPrivateIdentifier(node)) return true
  const modifiers = ts.canHaveModifiers(node) ? ts.getModifiers(node) : undefined
  return modifiers?.some(({ kind }) => kind === ts.SyntaxKind.PrivateKeyword) ?? false
}

function nameOfType(node: ts.Node): ts.Node | undefined {
  if (ts.isTypeReferenceNode(node)) return node.typeName
  if (ts.isExpressionWithTypeArguments(node)) return node.expression
  if (ts.isTypeQueryNode(node)) return node.exprName
  return ts.isImportTypeNode(node) ? node.qualifier : undefined
}

/** Whether it is declared at the top of a module of ours: type parameters are not. */
function isOurs({ declarations = [] }: ts.Symbol): boolean {
  return declarations.some((declaration) => {
    const { fileName } = declaration.getSourceFile()
    const isTop =
      ts.isSourceFile(declaration.parent) ||
      (ts.isVariableDeclaration(declaration) && ts.isSourceFile(declaration.parent.parent.parent))
    return isTop && /\/dist\/[^]*\.d\.ts$/.test(fileName) && !fileName.includes('/node_modules/')
  })
}
