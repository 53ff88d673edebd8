import { readFileSync } from 'node:fs'
import path from 'node:path'
import ts from 'typescript'

/** What one entry of the package exports. */
export interface Entry {
  /** As in `exports` of package.json, e.g. `./client`. */
  readonly name: string
  /** By the names under which they are exported; what stands behind an alias. */
  readonly exported: ReadonlyMap<string, ts.Symbol>
}

/** The declarations in `dist/`, as a consumer's compiler reads them. */
export interface Declarations {
  readonly checker: ts.TypeChecker
  readonly entries: readonly Entry[]
}

/**
 * Reads the declarations of every entry. `dist/` has to be built.
 *
 * @param root the folder of package.json
 */
export function readDeclarations(root = process.cwd()): Declarations {
  const files = entryFiles(root)
  const program = ts.createProgram({ rootNames: [...files.values()], options: OPTIONS })
  const checker = program.getTypeChecker()
  const entries = [...files].map(([name, file]) => {
    const source = program.getSourceFile(file)
    const module = source && checker.getSymbolAtLocation(source)
    if (module === undefined) throw new Error(`${file} exports nothing: npm run build`)
    const exported = checker.getExportsOfModule(module)
    return { name, exported: new Map(exported.map((one) => [one.name, target(one, checker)])) }
  })
  return { checker, entries }
}

const OPTIONS: ts.CompilerOptions = {
  target: ts.ScriptTarget.ES2023,
  module: ts.ModuleKind.NodeNext,
  moduleResolution: ts.ModuleResolutionKind.NodeNext,
  exactOptionalPropertyTypes: true,
  strict: true,
  noEmit: true,
}

function entryFiles(root: string): Map<string, string> {
  const text = readFileSync(path.join(root, 'package.json'), 'utf8')
  const { exports } = JSON.parse(text) as { exports: Record<string, { types?: string }> }
  const typed = Object.entries(exports).filter(([, { types }]) => types !== undefined)
  return new Map(typed.map(([name, { types = '' }]) => [name, path.join(root, types)]))
}

/** What an alias of an export stands for. */
export function target(symbol: ts.Symbol, checker: ts.TypeChecker): ts.Symbol {
  return symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol
}

/** Whether it is declared by us, at the top of a module: type parameters are not. */
export function isOurs({ declarations = [] }: ts.Symbol): boolean {
  return declarations.some((declaration) => {
    const { fileName } = declaration.getSourceFile()
    const statement = ts.isVariableDeclaration(declaration)
      ? declaration.parent.parent
      : declaration
    const isTop = ts.isSourceFile(statement.parent)
    return isTop && fileName.endsWith('.d.ts') && !fileName.includes('/node_modules/')
  })
}
