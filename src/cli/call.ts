import type { Command } from 'commander'
import {
  BUY_CODES,
  type BuyOptions,
  checkBuying,
  loadEnvironment,
  urlOf,
  withBuying,
} from './buy/buy-options.js'
import type { McpSession } from './buy/mcp-session.js'
import type { WantedTool } from './buy/mcp-seller.js'
import { readInput } from './buy/read-input.js'
import { EXIT, Ended, UsageError } from './ended.js'
import { withHelp } from './help.js'
import { interruptible, type Work } from './interruptible.js'
import { plainText } from './output/plain-text.js'
import { silenceSdkWarning } from './sdk-warning.js'

interface CallOptions extends BuyOptions {
  readonly lambdaTarget?: true
}

/** What is called. */
interface Wanted {
  readonly url: URL
  readonly tool: string | undefined
  readonly arguments: Readonly<Record<string, unknown>>
}

/** Adds `agentcore-x402 call`. */
export function callCommand(program: Command): void {
  const command = program
    .command('call')
    .summary('call a tool over MCP, show what it costs, and buy it once')
    .description(
      'Calls a tool of an MCP server, e.g. an AgentCore Gateway, without payment. If it asks for one, the price is shown. ' +
        'With --pay it is paid once, within --max or --max-credits, and the receipt is shown. ' +
        'The answer goes to the standard output, the rest to the standard error. Without a tool, the tools are listed.',
    )
    .argument('<url>', 'the MCP endpoint, an http or https URL')
    .argument('[tool]', 'the name of the tool, as the server lists it')
    .argument(
      '[arguments]',
      'a JSON object, e.g. \'{"city":"Rome"}\'; @file reads it from a file, and - from the standard input',
      '{}',
    )
  withHelp(
    command,
    [
      'call http://localhost:3001/mcp',
      'call http://localhost:3001/mcp Greeter___hello \'{"name":"Ada"}\'',
      "call http://localhost:3001/mcp Greeter___hello '{}' --env-file .env --pay --max '$0.05'",
      'call https://….amazonaws.com/mcp weather___forecast \'{"city":"Rome"}\' -H \'authorization: Bearer …\'',
    ],
    { ...BUY_CODES, [EXIT.nothingFound]: 'no such tool' },
  )
  withBuying(command)
    .option(
      '--lambda-target',
      'the tool is a Lambda target that sells by itself: its price is the text of an ordinary result',
    )
    .hook('preAction', silenceSdkWarning)
    .action((url: string, tool: string | undefined, args: string, options: CallOptions) =>
      interruptible(async (work) => {
        const wanted = { url: urlOf(url), tool, arguments: await argumentsOf(args) }
        await runCall(wanted, options, work)
      }),
    )
}

async function runCall(wanted: Wanted, options: CallOptions, work: Work): Promise<void> {
  checkBuying(options)
  loadEnvironment(options)
  const { McpSession } = await import('./buy/mcp-session.js')
  const { whyFailed } = await import('./buy/outcome.js')
  const { url } = wanted
  const unreached = (error: unknown): never => {
    throw error instanceof Ended ? error : new Ended(`${whyFailed(error, url)}. Nothing was paid`)
  }
  const session = await McpSession.open(url, options.header, options.timeoutMs).catch(unreached)
  try {
    const tools = await session.listTools().catch(unreached)
    const { toolNamed, printTools } = await import('./buy/tools.js')
    if (wanted.tool === undefined) return await printTools(tools, options)
    const name = toolNamed(wanted.tool, tools)
    const isLambdaTarget = options.lambdaTarget === true
    const tool = { name, arguments: wanted.arguments, isLambdaTarget }
    await buyTool({ session, url, tool }, options, work)
  } finally {
    await session.close()
  }
}

async function buyTool(
  { session, url, tool }: { session: McpSession; url: URL; tool: WantedTool },
  options: CallOptions,
  work: Work,
): Promise<void> {
  const { buy, say } = await import('./buy/buy.js')
  const { endOf } = await import('./buy/finish.js')
  const { mcpSeller, ownResult } = await import('./buy/mcp-seller.js')
  const { printFailed, printJson } = await import('./buy/print-json.js')
  const { printResult } = await import('./buy/print-result.js')
  const { receiptText } = await import('./buy/receipt-text.js')
  const { walletsFor } = await import('./buy/wallets.js')
  const seller = mcpSeller(session, url, tool)
  if (options.pay && seller.isPaidByCaller) throw new UsageError(PAID_TWICE)
  const wallets = await walletsFor(url, options, process.env)
  const failed = (error: unknown): Promise<never> => printFailed(error, options)
  const { answer, price, receipt, soFar } = await buy(seller, wallets, options, work).catch(failed)
  const result = ownResult(answer, tool)
  const isError = (result as { isError?: unknown }).isError === true
  const problem = isError ? 'the tool answers with an error' : undefined
  const ended = endOf({ receipt, soFar, problem, text: JSON.stringify(result) })
  if (receipt !== undefined) say(receiptText(receipt))
  if (receipt !== undefined && ended === undefined) soFar.knows()
  if (options.json) await printJson({ price, receipt, status: session.status, answer: result })
  else await printResult(result)
  if (ended !== undefined) throw ended
}

const PAID_TWICE = 'the call has a payment of its own, so --pay cannot be used with it'

async function argumentsOf(text: string): Promise<Record<string, unknown>> {
  const file = text === '-' ? '-' : text.startsWith('@') ? text.slice(1) : undefined
  const json = file === undefined ? text : (await readInput(file, '[arguments]')).toString()
  const value = parsed(json)
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
    return value as Record<string, unknown>
  }
  throw new UsageError(`[arguments] expects a JSON object, e.g. '{"city":"Rome"}'`)
}

function parsed(json: string): unknown {
  try {
    return JSON.parse(json)
  } catch (error) {
    throw new UsageError(
      `[arguments] expects a JSON object: ${plainText((error as Error).message)}`,
    )
  }
}
