#!/usr/bin/env node
import { pathToFileURL } from 'node:url'
import { parseArgs } from 'node:util'
import type { LambdaHandler, Local, ToolDefinition } from './local/index.js'

const HELP = `Usage: agentcore-x402 local [options]

Starts a facilitator on loopback that speaks Nevermined's API, an AgentCore
Gateway at /mcp for MCP clients, which sells an example tool, and AgentCore
payments for AWS's SDKs. No account, no network, no funds.

Options:
  --port <n>            port to listen on (default 3001; 0: the system chooses)
  --delay-ms <n>        milliseconds added to every answer of the facilitator (default 0)
  --credits <n>         credits the subscriber starts with (default 100)
  --handler <file>      sell your Lambda: a module that exports "handler", made by
                        requiresPayment, and may export "tools", which it declares
  --target <url>        sell an MCP server of yours, every tool for one credit a call
  --interceptor <file>  with your own interceptor: a module that exports "handler", made
                        by createLambdaHandler
  -h, --help            show this text
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
  const { command, extra, help, ...options } = readArguments(argv)
  if (help) return void process.stdout.write(HELP)
  if (command !== 'local') {
    throw new UsageError('expected the command "local"; see agentcore-x402 --help')
  }
  if (extra !== undefined) throw new UsageError(`unexpected argument "${extra}"`)
  const local = await start(options)
  process.stdout.write(banner(local, options))
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => void local.close().then(() => process.exit(0)))
  }
}

async function start(options: StackOptions): Promise<Local> {
  const { port, credits, delayMs, target, handler, interceptor } = options
  if (handler !== undefined && (target ?? interceptor) !== undefined) {
    throw new UsageError('--handler sells by itself, without --target and --interceptor')
  }
  const { OptionsError } = await import('./errors.js')
  const { startLocal } = await import('./local/index.js')
  try {
    const local = await startLocal({ port, delayMs, credits: BigInt(credits) })
    // The user's module reads its environment when it loads.
    Object.assign(process.env, environment(local))
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

interface Module {
  handler: LambdaHandler
  tools?: readonly ToolDefinition[]
}

async function loadModule(flag: string, file: string): Promise<Module> {
  const url = pathToFileURL(file).href
  const module = (await import(url).catch((error: unknown) => {
    throw new UsageError(`${flag} ${file} cannot be loaded: ${String(error).split('\n')[0]}`)
  })) as Partial<Module>
  const { handler, tools } = module
  if (typeof handler === 'function') return { handler, ...(tools && { tools }) }
  throw new UsageError(`${flag} ${file} has no export "handler"`)
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
    interceptor: values.interceptor,
    target: values.target,
  }
}

interface StackOptions {
  port: number
  delayMs: number
  credits: number
  handler: string | undefined
  interceptor: string | undefined
  target: string | undefined
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

function environment(local: Local): Record<string, string> {
  return {
    NVM_BACKEND_URL: local.url,
    NVM_API_KEY: local.nvmApiKey,
    NVM_SUBSCRIBER_API_KEY: local.subscriberApiKey,
    NVM_PLAN_ID: local.planId,
  }
}

/** Keys and token are printed on purpose: they are worthless outside this process. */
function banner(local: Local, { target }: StackOptions): string {
  const variables = Object.entries(environment(local)).map(
    ([name, value]) => `export ${name}='${value}'`,
  )
  return `Local stack ready. It lives until you press Ctrl+C; the subscriber holds ${local.balance()} credits.

${variables.join('\n')}

# MCP clients connect to ${local.url}/mcp
${target === undefined ? curls(local) : ''}
# AWS's SDKs find AgentCore payments here, with any credentials
${awsVariables(local).join('\n')}
`
}

function awsVariables({ url, paymentsService }: Local): string[] {
  const { paymentManagerArn, paymentConnectorId } = paymentsService.addManager()
  return [
    `export AWS_ENDPOINT_URL_BEDROCK_AGENTCORE='${url}'`,
    `export AWS_ENDPOINT_URL_BEDROCK_AGENTCORE_CONTROL='${url}'`,
    `export PAYMENT_MANAGER_ARN='${paymentManagerArn}'`,
    `export PAYMENT_CONNECTOR_ID='${paymentConnectorId}'`,
  ]
}

function curls(local: Local): string {
  const call = `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"Greeter___hello","arguments":{"name":"Ada"}}}`
  const curl = (more: string) =>
    `curl -si ${local.url}/mcp -H 'content-type: application/json'${more} -d '${call}'`
  return `
# without payment: a challenge
${curl('')}

# paid with 1 credit: result and receipt
${curl(` -H 'payment-signature: ${local.accessToken()}'`)}
`
}
