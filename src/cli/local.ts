import type { Command } from 'commander'
import type { Local, LocalOptions, ShopOptions } from '../local/index.js'
import type { Trial } from '../local/trial-of.js'
import { UsageError } from './ended.js'
import {
  envFileOf,
  identityOf,
  withIdentity,
  writeVariables,
  type IdentityOptions,
} from './local-identity.js'
import { prepareLines, printLines, withLines, type LinesOptions } from './local-lines.js'
import { loadModule, type UserModule } from './local-module.js'
import { wholeNumber } from './values.js'

/** Adds `agentcore-x402 local`. */
export function localCommand(program: Command): void {
  const command = program
    .command('local')
    .summary('start a local stack, without account, network and funds')
    .description(
      "Starts a local stack on loopback: a facilitator that speaks Nevermined's API, one for x402's own " +
        "schemes, an AgentCore Gateway for MCP clients at /mcp, and AgentCore payments for AWS's SDKs. " +
        'The Gateway sells an example tool. You need no account, no network and no funds.',
    )
    .helpOption('-h, --help', 'show this text')
    .allowExcessArguments()
    .option(
      '--port <n>',
      'port to listen on (0: the system chooses)',
      wholeNumber('--port', 65_535),
      3001,
    )
    .option(
      '--host <address>',
      'address to listen on: 127.0.0.1, 0.0.0.0 or ::, e.g. in a container',
      '127.0.0.1',
    )
    .option(
      '--delay-ms <n>',
      'milliseconds added to every answer of the facilitator',
      wholeNumber('--delay-ms', 60_000),
      0,
    )
    .option(
      '--credits <n>',
      'credits that the subscriber holds at the start (default: 100 the first time, then what was left)',
      wholeNumber('--credits', Number.MAX_SAFE_INTEGER),
    )
    .option(
      '--ledger',
      "settle x402's own schemes in memory; without this option a chain is started if Foundry's anvil is installed",
    )
    .option(
      '--table [url]',
      'keep payments in a table, so that "agentcore-x402 payments" can be tried; without a URL, dynoxide is started if it is installed',
    )
    .option(
      '--handler <file>',
      'sell your own Lambda; the module exports "handler", made by requiresPayment, and may export "tools", which are then listed',
    )
    .option('--target <url>', 'sell your own MCP server; every tool costs one credit a call')
    .option(
      '--interceptor <file>',
      'sell with your own interceptor; the module exports "handler", made by createLambdaHandler',
    )
    .option('--watch', 'load your module again when it, or what it imports, changes')
  withLines(withIdentity(command)).action(
    async (options: StackOptions, { args: [extra] }: Command) => {
      if (extra !== undefined) throw new UsageError(`unexpected argument "${extra}"`)
      await runLocal(options)
    },
  )
}

interface StackOptions extends IdentityOptions, LinesOptions {
  port: number
  host: NonNullable<LocalOptions['host']>
  credits?: number
  delayMs: number
  ledger?: true
  table?: string | true
  handler?: string
  interceptor?: string
  target?: string
  watch?: true
}

async function runLocal(options: StackOptions): Promise<void> {
  prepareLines(options)
  const { local, trial } = await start(options)
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => void local.close().then(() => process.exit(0)))
  }
  const { banner } = await import('../local/banner.js')
  const folder = options.folder === false ? undefined : options.folder
  const choice = { trial, isQuiet: options.quiet === true, folder, envFile: envFileOf(options) }
  const text = await banner(local, choice)
  if (options.host !== '127.0.0.1') process.stderr.write(OPEN_WARNING)
  // Whoever reads the text may call at once.
  await printLines(options)
  const forPeople = options.json === true ? process.stderr : process.stdout
  forPeople.write(text)
}

const OPEN_WARNING =
  'agentcore-x402: other machines can reach this stack, and it asks nobody for a password. It answers only requests ' +
  'whose Host is this machine, such as localhost\n'

async function start(options: StackOptions): Promise<{ local: Local; trial: Trial }> {
  const { port, credits, delayMs, ledger, table, target, handler, interceptor } = options
  const identity = identityOf(options)
  if (handler !== undefined && (target ?? interceptor) !== undefined) {
    throw new UsageError('--handler cannot be used with --target or --interceptor')
  }
  if (options.watch && handler === undefined && interceptor === undefined) {
    throw new UsageError('--watch needs --handler or --interceptor')
  }
  const { OptionsError } = await import('../errors/payment-error.js')
  const { startLocal } = await import('../local/index.js')
  try {
    const local = await startLocal({
      ...identity,
      ...{ port, host: options.host, delayMs, x402: { chain: ledger ? false : 'auto' } },
      ...(table !== undefined && { table }),
      ...(credits !== undefined && { credits: BigInt(credits) }),
    })
    try {
      return { local, trial: await prepare(local, options) }
    } catch (error) {
      await local.close()
      throw error
    }
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

/** Sells what the options name, makes the lines that try it, and writes the file of variables. */
async function prepare(local: Local, options: StackOptions): Promise<Trial> {
  const { handlerEnvironment } = await import('../local/environment.js')
  // The user's module reads its environment when it loads.
  Object.assign(process.env, handlerEnvironment(local, process.env))
  const shop = await shopOf(options, (changed) => local.sell(changed))
  local.sell(shop)
  const { gatewayTrial } = await import('../local/trial-of.js')
  const trial = await gatewayTrial(local, shop)
  await writeVariables(options, local, trial.variables)
  return trial
}

/** What is sold at the Gateway. Without any of the options it is the example. */
async function shopOf(
  { handler, interceptor, target, watch, quiet, json }: StackOptions,
  onTools: (changed: UserModule) => void,
): Promise<ShopOptions> {
  const how = { isWatched: watch === true, isFollowed: quiet !== true, isJson: json === true }
  if (handler !== undefined) {
    return loadModule({ flag: '--handler', file: handler, ...how, onTools })
  }
  const given =
    interceptor && (await loadModule({ flag: '--interceptor', file: interceptor, ...how }))
  return { ...(given && { interceptor: given.handler }), ...(target && { target }) }
}
