import ts from 'typescript'
import { isOurs, target, type Declarations, type Entry } from './entries.js'
import { isPrivate } from './members.js'

/** Entries that stand on others, whose types they share. A consumer imports those types from there. */
const STANDS_ON: Readonly<Record<string, readonly string[]>> = {
  './agentcore': ['./client'],
  './strands': ['./agentcore', './client'],
}

/**
 * Types of ours that the signatures of an entry mention and a consumer cannot import: neither the entry itself nor
 * `.`, nor an entry that it stands on, exports them.
 *
 * A part of a type needs no name: what an interface extends, and what an intersection is made of. Its members are
 * members of the whole. Neither does the bound of a type parameter, which is inferred from what is given.
 *
 * @returns the names, sorted, each with the first export whose signature leads to it: `Name (of Export)`
 */
export function unnamedTypes({ checker, entries }: Declarations, entry: Entry): string[] {
  const homes = ['.', entry.name, ...(STANDS_ON[entry.name] ?? [])]
  const nameable = new Set(
    entries
      .filter(({ name }) => homes.includes(name))
      .flatMap(({ exported }) => [...exported.values()]),
  )
  const from = new Map<ts.Symbol, string>()
  const mentioned = new Set<ts.Symbol>()
  const follow = (symbol: ts.Symbol, name: string): void => {
    if (from.has(symbol)) return
    from.set(symbol, name)
    for (const declaration of symbol.declarations ?? []) {
      for (const { type, isPart } of typesIn(declaration, checker)) {
        if (!isPart) mentioned.add(type)
        follow(type, name)
      }
    }
  }
  for (const [name, symbol] of entry.exported) follow(symbol, name)
  return [...mentioned]
    .filter((symbol) => !nameable.has(symbol) && !(symbol.flags & ts.SymbolFlags.Variable))
    .map((symbol) => `${symbol.name} (of ${from.get(symbol)})`)
    .sort()
}

interface Mention {
  type: ts.Symbol
  isPart: boolean
}

/** The types of ours that a declaration mentions, save where it is private. */
function typesIn(declaration: ts.Declaration, checker: ts.TypeChecker): Mention[] {
  const found: Mention[] = []
  const visit = (node: ts.Node, isPart: boolean): void => {
    if (isPrivate(node)) return
    const name = nameOfType(node)
    const symbol = name && checker.getSymbolAtLocation(name)
    const type = symbol && target(symbol, checker)
    if (type !== undefined && isOurs(type)) found.push({ type, isPart })
    ts.forEachChild(node, (child) =>
      visit(child, isPart ? staysPart(node) : startsPart(node, child)),
    )
  }
  visit(declaration, false)
  return found
}

/** What is extended, what an intersection is made of, and what bounds a type parameter. */
function startsPart(node: ts.Node, child: ts.Node): boolean {
  if (ts.isHeritageClause(child) || ts.isIntersectionTypeNode(node)) return true
  return ts.isTypeParameterDeclaration(node) && node.constraint === child
}

/** Parts of parts: `extends Omit<Base, 'name'>`, `A & (B | C)`. Members of an object type are none. */
function staysPart(node: ts.Node): boolean {
  return !ts.isTypeLiteralNode(node) && !ts.isFunctionTypeNode(node)
}

function nameOfType(node: ts.Node): ts.Node | undefined {
  if (ts.isTypeReferenceNode(node)) return node.typeName
  if (ts.isExpressionWithTypeArguments(node)) return node.expression
  if (ts.isTypeQueryNode(node)) return node.exprName
  return ts.isImportTypeNode(node) ? node.qualifier : undefined
}
