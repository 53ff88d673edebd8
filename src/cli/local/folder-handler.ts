import { readFile } from 'node:fs/promises'
import { isRecord } from '../../wire/json.js'
import { Ended, UsageError } from '../ended.js'
import type { StackOptions } from './stack-options.js'

/** Where a folder says what it sells, as messages name it. */
export const FOLDER_HANDLER = '"agentcore-x402" in package.json'

/**
 * Looks into `package.json` of this folder for the handler, if no option says what is sold:
 * `"agentcore-x402": { "handler": "src/handler.ts" }`.
 *
 * @returns the options, with the handler and `isFolderHandler` if the folder names one.
 * @throws UsageError if the member is not as above.
 */
export async function withFolderHandler(options: StackOptions): Promise<StackOptions> {
  const { handler, interceptor, target } = options
  if ((handler ?? interceptor ?? target) !== undefined) return options
  const named = await folderHandler()
  return named === undefined ? options : { ...options, handler: named, isFolderHandler: true }
}

async function folderHandler(): Promise<string | undefined> {
  const content = parsed(await readFile('package.json', 'utf8').catch(unlessMissing))
  const own = isRecord(content) ? content['agentcore-x402'] : undefined
  if (own === undefined) return undefined
  const { handler, ...others } = isRecord(own) ? own : {}
  if (typeof handler === 'string' && handler !== '' && Object.keys(others).length === 0) {
    return handler
  }
  throw new UsageError(
    `${FOLDER_HANDLER} is ${JSON.stringify(own)}. Expected the path of a module: { "handler": "src/handler.ts" }`,
  )
}

function unlessMissing(error: unknown): undefined {
  const { code, message } = error as NodeJS.ErrnoException
  if (code === 'ENOENT') return undefined
  throw new Ended(`package.json cannot be read: ${message}`)
}

function parsed(text: string | undefined): unknown {
  if (text === undefined) return undefined
  try {
    return JSON.parse(text)
  } catch (error) {
    throw new UsageError(`package.json cannot be read: ${(error as Error).message}`)
  }
}
