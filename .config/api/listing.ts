import ts from 'typescript'
import { isOurs, target, type Declarations } from './entries.js'
import { isPrivate, isWithMembers } from './members.js'

/** What an entry exports under one name: a line with its signature, and one for each member. */
export interface Export {
  /** The entry, e.g. `./client`. */
  readonly entry: string
  readonly name: string
  readonly lines: readonly string[]
}

/** Every export of every entry, in the order of package.json, then by name. */
export function exportsOf({ checker, entries }: Declarations): Export[] {
  const all = new Set(entries.flatMap(({ exported }) => [...exported.values()]))
  const home = new Map<ts.Symbol, string>()
  return entries.flatMap(({ name: entry, exported }) =>
    [...exported].sort(byName).map(([name, symbol]) => {
      const before = home.get(symbol)
      if (before !== undefined) return { entry, name, lines: [`${name}: see ${before}`] }
      home.set(symbol, `${symbol.name} of ${entry}`)
      return { entry, name, lines: linesOf(name, symbol, { checker, all }) }
    }),
  )
}

/** The same as a text: an entry is a line that begins with `#`, a member a line that begins with spaces. */
export function listingOf(exports: readonly Export[]): string {
  const entries = [...new Set(exports.map(({ entry }) => entry))]
  const lines = entries.flatMap((entry) => [
    `# ${entry}`,
    ...exports.filter((one) => one.entry === entry).flatMap((one) => one.lines),
  ])
  return `${lines.join('\n')}\n`
}

/** Reads what {@link listingOf} wrote. */
export function readListing(text: string): Export[] {
  const read: (Export & { lines: string[] })[] = []
  let entry = ''
  for (const line of text.split('\n').filter((one) => one !== '')) {
    if (line.startsWith('#')) entry = line.slice(2)
    else if (line.startsWith(' ')) read.at(-1)?.lines.push(line)
    else read.push({ entry, name: /^\w+/.exec(line)?.[0] ?? '', lines: [line] })
  }
  return read
}

function byName([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number {
  return a < b ? -1 : Number(a > b)
}

/** Who reads the declarations, and everything that has a line of its own. */
interface Known {
  readonly checker: ts.TypeChecker
  readonly all: ReadonlySet<ts.Symbol>
}

function linesOf(name: string, symbol: ts.Symbol, { checker, all }: Known): string[] {
  const declarations = symbol.declarations ?? []
  const members = declarations.flatMap((one) => membersOf(one, checker, new Set(all)))
  const heads = declarations.map((one) => `${name}: ${headOf(one, checker)}`)
  return [...new Set(heads), ...[...new Set(members)].sort().map((member) => `  ${member}`)]
}

/** A declaration on one line, without its members and comments. */
function headOf(declaration: ts.Declaration, checker: ts.TypeChecker): string {
  if (isWithMembers(declaration)) {
    const kind = ts.isClassDeclaration(declaration) ? 'class' : 'interface'
    const heritage = (declaration.heritageClauses ?? []).map(text)
    return [kind + parametersOf(declaration), ...heritage].join(' ')
  }
  if (ts.isVariableDeclaration(declaration)) return `const ${text(declaration.type ?? declaration)}`
  if (ts.isTypeAliasDeclaration(declaration)) {
    return `type${parametersOf(declaration)} = ${aliased(declaration, checker)}`
  }
  if (!ts.isFunctionDeclaration(declaration)) throw new Error(`not known: ${text(declaration)}`)
  const parameters = declaration.parameters.map(text).join(', ')
  const answer = declaration.type === undefined ? 'any' : text(declaration.type)
  return `function${parametersOf(declaration)}(${parameters}) => ${answer}`
}

/** What an alias stands for. What is inferred from a schema is written out, since the schema has no line. */
function aliased({ name, type }: ts.TypeAliasDeclaration, checker: ts.TypeChecker): string {
  const written = text(type)
  if (!/\btypeof\b/.test(written)) return written
  return checker.typeToString(checker.getTypeAtLocation(name), undefined, WRITTEN_OUT)
}

const WRITTEN_OUT: ts.TypeFormatFlags =
  ts.TypeFormatFlags.NoTruncation | ts.TypeFormatFlags.InTypeAlias

function parametersOf({
  typeParameters = [],
}: {
  typeParameters?: readonly ts.Node[] | undefined
}) {
  return typeParameters.length === 0 ? '' : `<${typeParameters.map(text).join(', ')}>`
}

/** The members of a declaration, and those of its parts that are not exported: nobody else lists those. */
function membersOf(
  declaration: ts.Declaration,
  checker: ts.TypeChecker,
  seen: Set<ts.Symbol>,
): string[] {
  const members: readonly ts.Node[] = isWithMembers(declaration) ? declaration.members : []
  const own = members.filter((member) => !isPrivate(member)).map(text)
  const parts = partsOf(declaration, checker).filter((part) => !seen.has(part))
  return [
    ...own,
    ...parts.flatMap((part) => {
      seen.add(part)
      return (part.declarations ?? []).flatMap((one) => [
        ...(isWithMembers(one) ? [] : [`& ${headOf(one, checker)}`]),
        ...membersOf(one, checker, seen),
      ])
    }),
  ]
}

/** What an interface or class of ours extends, and the parts of an intersection. */
function partsOf(declaration: ts.Declaration, checker: ts.TypeChecker): ts.Symbol[] {
  const found: ts.Symbol[] = []
  const visit = (node: ts.Node): void => {
    if (ts.isTypeLiteralNode(node) || ts.isFunctionTypeNode(node)) return
    const name = ts.isTypeReferenceNode(node)
      ? node.typeName
      : ts.isExpressionWithTypeArguments(node)
        ? node.expression
        : undefined
    const symbol = name && checker.getSymbolAtLocation(name)
    const type = symbol && target(symbol, checker)
    if (type !== undefined && isOurs(type)) found.push(type)
    ts.forEachChild(node, visit)
  }
  if (isWithMembers(declaration)) declaration.heritageClauses?.forEach(visit)
  else if (ts.isTypeAliasDeclaration(declaration) && ts.isIntersectionTypeNode(declaration.type)) {
    visit(declaration.type)
  }
  return found
}

const PRINTER = ts.createPrinter({ removeComments: true })

/** On one line, without comments, and without the places that types are imported from. */
function text(node: ts.Node): string {
  return PRINTER.printNode(ts.EmitHint.Unspecified, node, node.getSourceFile())
    .replaceAll(/import\("[^"]*"\)\./g, '')
    .replaceAll(/\s+/g, ' ')
    .replace(/;$/, '')
    .trim()
}
