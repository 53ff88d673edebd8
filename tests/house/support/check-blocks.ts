import path from 'node:path'
import ts from 'typescript'
import { DOCS_PRELUDE } from './docs-prelude.js'
import type { Block } from './pages.js'

/**
 * The compiler's complaints about blocks of TypeScript. Each block is a module of its own, all in one
 * program.
 */
export function complaintsOf(blocks: readonly Block[]): string[] {
  const root = process.cwd()
  const nameOf = ({ page, line }: Block) => path.join(root, `${page}.${line}.ts`)
  const prelude = path.join(root, 'docs/prelude.ts')
  const texts = new Map(blocks.map((block) => [nameOf(block), `${block.code}\nexport {}\n`]))
  texts.set(prelude, DOCS_PRELUDE)

  const options = optionsOf(root)
  const host = ts.createCompilerHost(options)
  const ofDisk = ts.createCompilerHost(options)
  host.fileExists = (file) => texts.has(file) || ofDisk.fileExists(file)
  host.readFile = (file) => texts.get(file) ?? ofDisk.readFile(file)
  host.getSourceFile = (file, version, ...rest) => {
    const text = texts.get(file)
    if (text === undefined) return ofDisk.getSourceFile(file, version, ...rest)
    return ts.createSourceFile(file, text, version)
  }
  const program = ts.createProgram([...texts.keys()], options, host)
  const files = [...texts.keys()].map((name) => program.getSourceFile(name))
  return files.flatMap((file) =>
    [...program.getSyntacticDiagnostics(file), ...program.getSemanticDiagnostics(file)].map(shown),
  )
}

/** The compiler options of the repository. Blocks may also have unused names. */
function optionsOf(root: string): ts.CompilerOptions {
  const { config } = ts.readConfigFile('tsconfig.json', (file) => ts.sys.readFile(file)) as {
    config: unknown
  }
  const { options } = ts.parseJsonConfigFileContent(config, ts.sys, root)
  return { ...options, noUnusedLocals: false, noUnusedParameters: false }
}

/** Writes a complaint, e.g. `docs/selling.md:12: Cannot find name 'x'.` */
function shown({ file, start = 0, messageText }: ts.Diagnostic): string {
  const [, page = '', line = '1'] = /([^/]+\.md)\.(\d+)\.ts$/.exec(file?.fileName ?? '') ?? []
  const within = file?.getLineAndCharacterOfPosition(start).line ?? 0
  return `${page}:${Number(line) + within}: ${ts.flattenDiagnosticMessageText(messageText, ' ')}`
}
