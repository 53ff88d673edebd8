import path from 'node:path'
import { pathToFileURL } from 'node:url'
import type { LambdaHandler, ToolDefinition } from '../../local/index.js'
import { UsageError } from '../ended.js'

/** A module of the user, as the stack sells it. */
export interface UserModule {
  handler: LambdaHandler
  tools?: readonly ToolDefinition[]
}

export interface ModuleWish {
  /** The option that names the file. */
  flag: string
  file: string
  /** Whether it is loaded again when it changes. */
  isWatched: boolean
  /** Whether its calls are printed. */
  isFollowed: boolean
  /** Whether the standard output is for programs. */
  isJson: boolean
  /** Hears of the module when it exports other tools than before. */
  onTools?: (module: UserModule) => void
}

/**
 * Loads a module of the user. What is watched, and TypeScript that Node cannot run by itself, runs in a process of its
 * own.
 *
 * @throws UsageError
 */
export async function loadModule(wish: ModuleWish): Promise<UserModule> {
  const { flag, file } = wish
  const { runnerOf } = await import('../../local/module/typescript.js')
  try {
    const { isImportable } = runnerOf(file)
    return isImportable && !wish.isWatched ? await importModule(file) : await startModule(wish)
  } catch (error) {
    if (!(error instanceof Error)) throw error
    throw new UsageError(`cannot load ${file}, given for ${flag}: ${error.message}`)
  }
}

async function importModule(file: string): Promise<UserModule> {
  const module = (await import(pathToFileURL(file).href).catch(async (error: unknown) => {
    const { loadFailure } = await import('../../local/module/load-failure.js')
    throw new Error(await loadFailure(error, [path.resolve(file)]))
  })) as Partial<UserModule>
  const { handler, tools } = module
  if (typeof handler === 'function') return { handler, ...(tools && { tools }) }
  throw new Error('it has no export "handler"')
}

async function startModule(wish: ModuleWish): Promise<UserModule> {
  const { WatchedModule } = await import('../../local/module/watched-module.js')
  const { shownFile } = await import('../../local/module/user-files.js')
  const { file, isFollowed, isJson } = wish
  const name = shownFile(path.resolve(file))
  const output = isJson ? 'stderr' : 'stdout'
  const say = (line: string): void => void process[output].write(`${line}\n`)
  const events = {
    onLoaded(tools: unknown) {
      const next = userModule(module.handler, tools)
      if (JSON.stringify(next.tools) !== JSON.stringify(sold.tools)) wish.onTools?.(next)
      sold = next
      say(`reloaded ${name}`)
    },
    onFailed: (why: string) => say(`cannot load ${name}: ${why}. The last good one goes on`),
    onEnded: (how: string) =>
      say(`the process of ${name} has ended: ${how}. The next call starts it again`),
  }
  const module = await WatchedModule.load(
    { file, isFollowed, output },
    wish.isWatched ? events : undefined,
  )
  let sold = userModule(module.handler, module.tools)
  return sold
}

function userModule(handler: LambdaHandler, tools: unknown): UserModule {
  return { handler, ...(Array.isArray(tools) && { tools: tools as ToolDefinition[] }) }
}
