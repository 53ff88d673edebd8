import { createRequire } from 'node:module'
import path from 'node:path'
import { pathToFileURL } from 'node:url'

/** How a module is run. */
export interface Runner {
  /** Options of Node. */
  execArgv: readonly string[]
  /** Whether this process can import it, too. */
  isImportable: boolean
}

/** A TypeScript file cannot be run here. The message says what to install. */
export class TypeScriptMissing extends Error {
  override readonly name = 'TypeScriptMissing'
}

/**
 * Finds out how to run a module. `tsx` runs TypeScript, if it is installed beside the module. Otherwise Node does, which
 * strips types from 22.18 on.
 *
 * @throws TypeScriptMissing
 * @see https://nodejs.org/api/typescript.html#type-stripping
 */
export function runnerOf(file: string): Runner {
  if (!isTypeScript(file)) return { execArgv: [], isImportable: true }
  const tsx = installedTsx(file)
  if (tsx !== undefined) {
    return { execArgv: ['--import', pathToFileURL(tsx).href], isImportable: false }
  }
  if (stripsTypes()) return { execArgv: [], isImportable: true }
  throw new TypeScriptMissing(
    `Node ${process.versions.node} does not run TypeScript. Use Node 22.18 or later, or: ${INSTALL_TSX}`,
  )
}

export const INSTALL_TSX = 'npm install --save-dev tsx'

export function isTypeScript(file: string): boolean {
  return /\.[cm]?tsx?$/.test(file)
}

function stripsTypes(): boolean {
  const { typescript } = process.features as { typescript?: string | false }
  return typescript === 'strip' || typescript === 'transform'
}

function installedTsx(file: string): string | undefined {
  try {
    return createRequire(path.resolve(file)).resolve('tsx')
  } catch {
    return undefined
  }
}
