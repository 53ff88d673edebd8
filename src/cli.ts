#!/usr/bin/env node
import { pathToFileURL } from 'node:url'
import util from 'node:util'
import type { LambdaHandler, Local, ToolDefinition } from './local/index.js'

const HELP = `Usage: agentcore-x402 local [options]

Starts a local stack on loopback: a facilitator that speaks Nevermined's API,
one for x402's own schemes, an AgentCore Gateway for MCP clients at /mcp, and
AgentCore payments for AWS's SDKs. The Gateway sells an example tool. You need
no account, no network and no funds.

Options:
  --port <n>            port to listen on (default 3001; 0: the system chooses)
  --delay-ms <n>        milliseconds added to every answer of the facilitator (default 0)
  --credits <n>         credits the subscriber starts with (default 100)
  --ledger              settle x402's own schemes in memory; without this option a
                        chain is started if Foundry's anvil is installed
  --handler <file>      sell your own Lambda; the module exports "handler", made by
                        requiresPayment, and may export "tools", which are then listed
  --target <url>        sell your own MCP server; every tool costs one credit a call
  --interceptor <file>  sell with your own interceptor; the module exports "handler",
                        made by createLambdaHandler
  -h, --help            show this text
`

/** The oldest version of Node that works. `engines` in package.json says the same, but npm only warns. */
const LEAST_NODE = 20

/** Ends the command with one line. */
class UsageError extends Error {}

await main(process.argv.slice(2)).catch((error: unknown) => {
  if (!(error instanceof UsageError)) throw error
  process.stderr.write(`agentcore-x402: ${error.message}\n`)
  // Not just an exit code: a handler's module may keep the process alive.
  process.exit(2)
})

function requireNode(): void {
  const { node } = process.versions
  if (Number.parseInt(node) >= LEAST_NODE) return
  throw new UsageError(`needs Node ${LEAST_NODE} or later, but this is Node ${node}`)
}

async function main(argv: string[]): Promise<void> {
  requireNode()
  const { command, extra, help, ...options } = readArguments(argv)
  if (help) return void process.stdout.write(HELP)
  if (command !== 'local') {
    throw new UsageError('expected the command "local"; see agentcore-x402 --help')
  }
  if (extra !== undefined) throw new UsageError(`unexpected argument "${extra}"`)
  const local = await start(options)
  const { banner } = await import('./local/banner.js')
  process.stdout.write(await banner(local, soldBy(options)))
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => void local.close().then(() => process.exit(0)))
  }
}

async function start(options: StackOptions): Promise<Local> {
  const { port, credits, delayMs, ledger, target, handler, interceptor } = options
  if (handler !== undefined && (target ?? interceptor) !== undefined) {
    throw new UsageError('--handler cannot be used with --target or --interceptor')
  }
  const { OptionsError } = await import('./errors/payment-error.js')
  const { startLocal } = await import('./local/index.js')
  try {
    const x402 = { chain: ledger ? false : ('auto' as const) }
    const local = await startLocal({ port, delayMs, credits: BigInt(credits), x402 })
    const { environment, sellerEnvironment } = await import('./local/banner.js')
    // The user's module reads its environment when it loads.
    Object.assign(process.env, environment(local), sellerEnvironment(local))
    if (handler !== undefined) local.sell(await loadModule('--handler', handler))
    const given = interceptor && (await loadModule('--interceptor', interceptor))
    if (given !== undefined || target !== undefined) {
      local.sell({ ...(given && { interceptor: given.handler }), ...(target && { target }) })
    }
    return local
  } catch (error) {
    const { code } = error as { code?: string }
    if (error instanceof OptionsError) throw new UsageError(error.message)
    if (code === 'EADDRINUSE')
      throw new UsageError(`port ${port} is in use; choose another with --port`)
    if (code === 'EACCES')
      throw new UsageError(`port ${port} is not allowed; choose another with --port`)
    throw error
  }
}

/** What the shop sells. A user's interceptor may refuse the calls that the example takes. */
function soldBy({ target, handler, interceptor }: StackOptions): 'example' | 'handler' | 'target' {
  if (target !== undefined) return 'target'
  return handler === undefined && interceptor === undefined ? 'example' : 'handler'
}

interface Module {
  handler: LambdaHandler
  tools?: readonly ToolDefinition[]
}

async function loadModule(flag: string, file: string): Promise<Module> {
  const url = pathToFileURL(file).href
  const module = (await import(url).catch((error: unknown) => {
    throw new UsageError(`cannot load ${file}, given for ${flag}: ${String(error).split('\n')[0]}`)
  })) as Partial<Module>
  const { handler, tools } = module
  if (typeof handler === 'function') return { handler, ...(tools && { tools }) }
  throw new UsageError(`${file}, given for ${flag}, has no export "handler"`)
}

function readArguments(argv: string[]) {
  const { values, positionals } = parsed(argv)
  return {
    command: positionals[0],
    extra: positionals[1],
    help: values.help === true || argv.length === 0,
    port: wholeNumber('--port', values.port ?? '3001', 65_535),
    delayMs: wholeNumber('--delay-ms', values['delay-ms'] ?? '0', 60_000),
    credits: wholeNumber('--credits', values.credits ?? '100', Number.MAX_SAFE_INTEGER),
    ledger: values.ledger === true,
    handler: values.handler,
    interceptor: values.interceptor,
    target: values.target,
  }
}

interface StackOptions {
  port: number
  delayMs: number
  credits: number
  ledger: boolean
  handler: string | undefined
  interceptor: string | undefined
  target: string | undefined
}

function parsed(argv: string[]) {
  try {
    return util.parseArgs({
      args: argv,
      allowPositionals: true,
      options: {
        port: { type: 'string' },
        'delay-ms': { type: 'string' },
        credits: { type: 'string' },
        ledger: { type: 'boolean' },
        handler: { type: 'string' },
        interceptor: { type: 'string' },
        target: { type: 'string' },
        help: { type: 'boolean', short: 'h' },
      },
    })
  } catch (error) {
    const [line = ''] = (error as Error).message.split('\n')
    throw new UsageError(`${line.split('. ')[0]}; see agentcore-x402 --help`)
  }
}

function wholeNumber(flag: string, value: string, max: number): number {
  if (/^\d+$/.test(value) && Number(value) <= max) return Number(value)
  throw new UsageError(`${flag} expects a whole number from 0 to ${max}`)
}
