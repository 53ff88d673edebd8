import { existsSync } from 'node:fs'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { pathToFileURL } from 'node:url'
import type { ToolDefinition } from '../../local/index.js'
import { loadFailure } from '../../local/module/load-failure.js'
import { runnerOf } from '../../local/module/typescript.js'
import { readPrices } from '../../local/trial/read-prices.js'
import type { Prices } from '../../seller/prices.js'
import { type Finding, findingsOf } from './finding.js'

/** A handler that was loaded. */
export interface LoadedHandler {
  readonly prices: Prices
  /** The tools that the module lists. */
  readonly tools: readonly ToolDefinition[]
}

const { ok, fail } = findingsOf('handler')

/** A module that awaits something without end is given up. Unit: ms. */
const MAX_LOAD_MS = 30_000

/** Loads a handler of the user as Lambda does. Nothing is called. */
export async function loadHandler(
  file: string,
  maxLoadMs = MAX_LOAD_MS,
): Promise<{ readonly found: Finding; readonly handler?: LoadedHandler }> {
  if (!existsSync(file)) {
    return { found: fail(`there is no file ${file}`, 'Build the handler first, or name its file.') }
  }
  const timer = new AbortController()
  const timeUp = sleep(maxLoadMs, undefined, { signal: timer.signal }).catch(() => undefined)
  try {
    const module = await Promise.race([imported(file), timeUp])
    return module === undefined ? { found: late(file, maxLoadMs) } : await read(file, module)
  } catch (error) {
    const why = await loadFailure(error, [path.resolve(file)])
    return { found: fail(`${file} cannot be loaded: ${why}`, cureOf(error)) }
  } finally {
    timer.abort()
  }
}

function late(file: string, maxLoadMs: number): Finding {
  const what = `${file} was not loaded within ${maxLoadMs / 1000} s`
  return fail(
    what,
    'Something that the module awaits at its top level does not end. Lambda gives it 10 s.',
  )
}

function cureOf(error: unknown): string {
  const { option } = error as { option?: unknown }
  if (typeof option === 'string') return `Mend the option ${option}. docs/options.md has them all.`
  return 'Lambda would not load it either. Mend the module, or set the variables that it reads.'
}

/** Imports a module. TypeScript runs by tsx, if that is installed beside it. */
async function imported(file: string): Promise<Record<string, unknown>> {
  const { execArgv } = runnerOf(file)
  const [, tsx] = execArgv
  if (tsx !== undefined) await import(tsx)
  return (await import(pathToFileURL(path.resolve(file)).href)) as Record<string, unknown>
}

async function read(file: string, module: Record<string, unknown>) {
  const exported =
    module['handler'] ?? (module['default'] as { handler?: unknown } | undefined)?.handler
  if (typeof exported !== 'function') {
    const names = Object.keys(module).join(', ') || 'nothing'
    const cure = 'Lambda calls the export that the setting Handler names. Export "handler".'
    return { found: fail(`${file} exports no function "handler", but ${names}`, cure) }
  }
  const prices = await readPrices(exported)
  if (prices?.settings === undefined) {
    const cure =
      'Wrap it with requiresPayment, or make it with createLambdaHandler. Other wrappers go inside, not around it.'
    return {
      found: fail(`the handler of ${file} is not sold: it answers everybody for free`, cure),
    }
  }
  const what = prices.kind === 'interceptor' ? 'an interceptor' : 'a paid handler'
  const tools = Array.isArray(module['tools']) ? (module['tools'] as ToolDefinition[]) : []
  return { found: ok(`${file} is ${what}`), handler: { prices, tools } }
}
