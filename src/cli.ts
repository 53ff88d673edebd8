#!/usr/bin/env node
import { pathToFileURL } from 'node:url'
import { parseArgs } from 'node:util'
import type { LambdaHandler, Local } from './local/index.js'

const HELP = `Usage: agentcore-x402 local [options]

Starts a facilitator on loopback that speaks Nevermined's API, and sells an
example tool at POST /mcp. No account, no network, no funds.

Options:
  --port <n>        port to listen on (default 3001; 0: the system chooses)
  --delay-ms <n>    milliseconds added to every answer of the facilitator (default 0)
  --credits <n>     credits the subscriber starts with (default 100)
  --handler <file>  module whose export "handler" answers POST /mcp
  -h, --help        show this text
`

/** Ends the command with one line. */
class UsageError extends Error {}

await main(process.argv.slice(2)).catch((error: unknown) => {
  if (!(error instanceof UsageError)) throw error
  process.stderr.write(`agentcore-x402: ${error.message}\n`)
  // Not just an exit code: a handler's module may keep the process alive.
  process.exit(2)
})

async function main(argv: string[]): Promise<void> {
  const { command, extra, help, handler, ...options } = readArguments(argv)
  if (help) return void process.stdout.write(HELP)
  if (command !== 'local') {
    throw new UsageError('expected the command "local"; see agentcore-x402 --help')
  }
  if (extra !== undefined) throw new UsageError(`unexpected argument "${extra}"`)
  const local = await start(options, handler)
  process.stdout.write(banner(local))
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => void local.close().then(() => process.exit(0)))
  }
}

async function start(options: StackOptions, file: string | undefined): Promise<Local> {
  const { port, credits, delayMs } = options
  const { startLocal } = await import('./local/index.js')
  // The user's module reads its environment when it loads, so it loads once the stack is up.
  let loaded: LambdaHandler | undefined
  const handler: LambdaHandler = (event, context) => loaded?.(event, context)
  try {
    const local = await startLocal({
      port,
      delayMs,
      credits: BigInt(credits),
      ...(file !== undefined && { handler }),
    })
    Object.assign(process.env, environment(local))
    if (file !== undefined) loaded = await loadHandler(file)
    return local
  } catch (error) {
    const { code } = error as { code?: string }
    if (code === 'EADDRINUSE')
      throw new UsageError(`port ${port} is in use; choose another with --port`)
    if (code === 'EACCES')
      throw new UsageError(`port ${port} is not allowed; choose another with --port`)
    throw error
  }
}

async function loadHandler(file: string): Promise<LambdaHandler> {
  const url = pathToFileURL(file).href
  const module = (await import(url).catch((error: unknown) => {
    throw new UsageError(`--handler ${file} cannot be loaded: ${String(error).split('\n')[0]}`)
  })) as { handler?: LambdaHandler }
  if (typeof module.handler === 'function') return module.handler
  throw new UsageError(`--handler ${file} has no export "handler"`)
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
    handler: values.handler,
  }
}

interface StackOptions {
  port: number
  delayMs: number
  credits: number
}

function parsed(argv: string[]) {
  try {
    return parseArgs({
      args: argv,
      allowPositionals: true,
      options: {
        port: { type: 'string' },
        'delay-ms': { type: 'string' },
        credits: { type: 'string' },
        handler: { type: 'string' },
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

function environment(local: Local): Record<string, string> {
  return {
    NVM_BACKEND_URL: local.url,
    NVM_API_KEY: local.nvmApiKey,
    NVM_SUBSCRIBER_API_KEY: local.subscriberApiKey,
    NVM_PLAN_ID: local.planId,
  }
}

/** Keys and token are printed on purpose: they are worthless outside this process. */
function banner(local: Local): string {
  const call = `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"Greeter___hello","arguments":{"name":"Ada"}}}`
  const curl = (header: string) =>
    `curl -si ${local.url}/mcp -H 'content-type: application/json'${header} -d '${call}'`
  const variables = Object.entries(environment(local)).map(
    ([name, value]) => `export ${name}='${value}'`,
  )
  return `Local stack ready. It lives until you press Ctrl+C; the subscriber holds ${local.balance()} credits.

${variables.join('\n')}

# without payment: a challenge
${curl('')}

# paid with 1 credit: result and receipt
${curl(` -H 'payment-signature: ${local.accessToken()}'`)}
`
}
