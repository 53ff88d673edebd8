import type { Command } from 'commander'
import type { Local, ShopOptions } from '../local/index.js'
import type { Trial } from '../local/trial-of.js'
import { UsageError } from './ended.js'
import { withHelp } from './help.js'
import { startHttp, type HttpSeller } from './local/http-seller.js'
import { FOLDER_HANDLER, withFolderHandler } from './local/folder-handler.js'
import { envFileOf, identityOf, withIdentity, writeVariables } from './local/identity.js'
import { prepareLines, printLines, withLines } from './local/printed-lines.js'
import { checkTogether, withStack, type StackOptions } from './local/stack-options.js'
import { loadModule, type UserModule } from './local/user-module.js'

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
    .allowExcessArguments()
  withHelp(command, [
    'local',
    'local --handler src/handler.ts --watch --write-env .env',
    'local --target http://localhost:8000/mcp',
    'local --http --table',
  ])
  withLines(withIdentity(withStack(command))).action(
    async (options: StackOptions, { args: [extra] }: Command) => {
      if (extra !== undefined) throw new UsageError(`unexpected argument "${extra}"`)
      prepareLines(options)
      await runLocal(await withFolderHandler(options))
    },
  )
}

/** What runs, and how to try it. */
interface Running {
  local: Local
  trial: Trial
  /** The seller over plain HTTP. */
  http: HttpSeller | undefined
}

async function runLocal(options: StackOptions): Promise<void> {
  const { local, trial, http } = await start(options)
  const close = (): Promise<unknown> => Promise.all([http?.close(), local.close()])
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => void close().then(() => process.exit(0)))
  }
  const { banner } = await import('../local/banner.js')
  const folder = options.folder === false ? undefined : options.folder
  const choice = {
    ...{ trial, httpUrl: http?.url, isQuiet: options.quiet === true, folder },
    envFile: envFileOf(options),
    sold: options.isFolderHandler && `${options.handler}, as ${FOLDER_HANDLER} says`,
  }
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

async function start(options: StackOptions): Promise<Running> {
  const { port, credits, delayMs, ledger, table } = options
  const identity = identityOf(options)
  checkTogether(options)
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
      return { local, ...(await prepare(local, options)) }
    } catch (error) {
      await local.close()
      throw error
    }
  } catch (error) {
    const { code, port: taken = port } = error as { code?: string; port?: number }
    if (error instanceof OptionsError) throw new UsageError(error.message)
    if (code === 'EADDRINUSE')
      throw new UsageError(`port ${taken} is in use; choose another with --port`)
    if (code === 'EACCES')
      throw new UsageError(`port ${taken} is not allowed; choose another with --port`)
    throw error
  }
}

/** Sells what the options name, makes the lines that try it, and writes the file of variables. */
async function prepare(local: Local, options: StackOptions): Promise<Omit<Running, 'local'>> {
  const { handlerEnvironment } = await import('../local/environment.js')
  // The user's module reads its environment when it loads.
  Object.assign(process.env, handlerEnvironment(local, process.env))
  const shop = await shopOf(options, (changed) => local.sell(changed))
  const http = options.http ? await startHttp(local, options, shop.handler) : undefined
  if (http === undefined) local.sell(shop)
  const { gatewayTrial } = await import('../local/trial-of.js')
  const trial = http?.trial ?? (await gatewayTrial(local, shop))
  await writeVariables(options, local)
  return { trial, http }
}

/** What is sold at the Gateway. Without any of the options it is the example. */
async function shopOf(
  { handler, isFolderHandler, interceptor, target, watch, quiet, json }: StackOptions,
  onTools: (changed: UserModule) => void,
): Promise<ShopOptions> {
  const how = { isWatched: watch === true, isFollowed: quiet !== true, isJson: json === true }
  if (handler !== undefined) {
    const flag = isFolderHandler ? FOLDER_HANDLER : '--handler'
    return loadModule({ flag, file: handler, ...how, onTools })
  }
  const given =
    interceptor && (await loadModule({ flag: '--interceptor', file: interceptor, ...how }))
  return { ...(given && { interceptor: given.handler }), ...(target && { target }) }
}
