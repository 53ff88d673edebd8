import { readFileSync, readdirSync } from 'node:fs'
import path from 'node:path'
import ts from 'typescript'

/** One import, export-from, `import()` or `import('…')` type of a file in `src/`. */
export interface Import {
  /** The file in `src/`, e.g. `seller/interceptor.ts`. */
  from: string
  /** The file in `src/`, or the name of a package. */
  to: string
  /**
   * Whether the import is gone after compiling: `import type`, `type` before every name, or the type
   * `import('…')`.
   */
  typeOnly: boolean
  /** Whether it is an `import()`, which loads when it is called. */
  lazy: boolean
}

const SRC = path.resolve('src')

/** What `agentcore-x402 init` writes. Nothing of ours imports it. */
const TEMPLATE = 'cli/init/template/'

/** Every source file, relative to `src/`. */
export const files = readdirSync(SRC, { recursive: true, encoding: 'utf8' }).filter(
  (file) => file.endsWith('.ts') && !file.startsWith(TEMPLATE),
)

/** Every import of every source file, types included. */
export const imports: readonly Import[] = files.flatMap(importsOf)

function importsOf(from: string): Import[] {
  const text = readFileSync(path.join(SRC, from), 'utf8')
  const source = ts.createSourceFile(from, text, ts.ScriptTarget.Latest)
  const found: Import[] = []
  visit(source)
  return found

  function visit(node: ts.Node): void {
    const one = importIn(node)
    if (one !== undefined) found.push({ ...one, from, to: targetOf(from, one.to) })
    ts.forEachChild(node, visit)
  }
}

function importIn(node: ts.Node): Omit<Import, 'from'> | undefined {
  if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) {
    const { moduleSpecifier } = node
    if (moduleSpecifier === undefined || !ts.isStringLiteral(moduleSpecifier)) return undefined
    return { to: moduleSpecifier.text, typeOnly: isTypeOnly(node), lazy: false }
  }
  const [typed] = ts.isImportTypeNode(node) ? [node.argument] : []
  if (typed && ts.isLiteralTypeNode(typed) && ts.isStringLiteral(typed.literal)) {
    return { to: typed.literal.text, typeOnly: true, lazy: false }
  }
  if (!ts.isCallExpression(node) || node.expression.kind !== ts.SyntaxKind.ImportKeyword) {
    return undefined
  }
  const [argument] = node.arguments
  return argument && ts.isStringLiteral(argument)
    ? { to: argument.text, typeOnly: false, lazy: true }
    : undefined
}

function isTypeOnly(node: ts.ImportDeclaration | ts.ExportDeclaration): boolean {
  if (ts.isExportDeclaration(node)) {
    const names = node.exportClause
    const named = names !== undefined && ts.isNamedExports(names) ? names.elements : []
    return node.isTypeOnly || (named.length > 0 && named.every((one) => one.isTypeOnly))
  }
  const clause = node.importClause
  if (clause === undefined) return false
  if (clause.phaseModifier === ts.SyntaxKind.TypeKeyword) return true
  const { name, namedBindings } = clause
  const named = namedBindings && ts.isNamedImports(namedBindings) ? namedBindings.elements : []
  return name === undefined && named.length > 0 && named.every((one) => one.isTypeOnly)
}

function targetOf(from: string, specifier: string): string {
  if (!specifier.startsWith('.')) return specifier
  return path.join(path.dirname(from), specifier.replace(/\.js$/, '.ts'))
}
