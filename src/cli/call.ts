import { readFile } from 'node:fs/promises'
import type { Command } from 'commander'
import {
  BUY_CODES,
  type BuyOptions,
  checkBuying,
  loadEnvironment,
  urlOf,
  withBuying,
} from './buy/buy-options.js'
import { EXIT, UsageError } from './ended.js'
import { withHelp } from './help.js'
import { interruptible, type Work } from './interruptible.js'
import { silenceSdkWarning } from './sdk-warning.js'

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
      'a JSON object, e.g. \'{"city":"Rome"}\'; @file reads it from a file',
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
    .hook('preAction', silenceSdkWarning)
    .action((url: string, tool: string | undefined, args: string, options: BuyOptions) =>
      interruptible(async (work) => {
        const wanted = { url: urlOf(url), tool, arguments: await argumentsOf(args) }
        await runCall(wanted, options, work)
      }),
    )
}

async function runCall(wanted: Wanted, options: BuyOptions, work: Work): Promise<void> {
  checkBuying(options)
  loadEnvironment(options)
  const { McpSession } = await import('./buy/mcp-session.js')
  const { printUnpaid } = await import('./buy/print-json.js')
  const { url } = wanted
  const wrong = (error: unknown): Promise<never> => printUnpaid(error, options, url)
  const session = await McpSession.open(url, options.header, options.timeoutMs).catch(wrong)
  try {
    const tools = await session.listTools().catch(wrong)
    const { toolNamed, printTools } = await import('./buy/tools.js')
    if (wanted.tool === undefined) return await printTools(tools, options)
    const tool = { name: toolNamed(wanted.tool, tools), arguments: wanted.arguments }
    const { mcpSeller } = await import('./buy/mcp-seller.js')
    const { buy, say } = await import('./buy/buy.js')
    const { walletsFor } = await import('./buy/wallets.js')
    const { receiptText } = await import('./buy/outcome.js')
    const { printJson } = await import('./buy/print-json.js')
    const { printResult, requireDelivered } = await import('./buy/print-result.js')
    const wallets = await walletsFor(url, options, process.env)
    const bought = await buy(mcpSeller(session, url, tool), wallets, options, work).catch(wrong)
    const { answer, receipt } = bought
    if (options.json) await printJson(bought)
    else {
      if (receipt !== undefined) say(receiptText(receipt))
      await printResult(answer)
    }
    requireDelivered(answer, receipt)
  } finally {
    await session.close()
  }
}

async function argumentsOf(text: string): Promise<Record<string, unknown>> {
  const json = text.startsWith('@')
    ? await readFile(text.slice(1), 'utf8').catch((error: unknown) => {
        throw new UsageError(`cannot read the arguments: ${(error as Error).message}`)
      })
    : text
  let value: unknown
  try {
    value = JSON.parse(json)
  } catch (error) {
    throw new UsageError(`[arguments] expects a JSON object: ${(error as Error).message}`)
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
    return value as Record<string, unknown>
  }
  throw new UsageError(`[arguments] expects a JSON object, e.g. '{"city":"Rome"}'`)
}
