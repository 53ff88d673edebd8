import { readFile, writeFile } from 'node:fs/promises'
import type { Command } from 'commander'
import {
  BUY_CODES,
  type BuyOptions,
  checkBuying,
  loadEnvironment,
  urlOf,
  withBuying,
} from './buy/buy-options.js'
import { Ended, UsageError } from './ended.js'
import { withHelp } from './help.js'
import { interruptible, type Work } from './interruptible.js'
import { silenceSdkWarning } from './sdk-warning.js'

interface FetchOptions extends BuyOptions {
  readonly request?: string
  readonly data?: string
  readonly include?: true
  readonly output?: string
}

/** Adds `agentcore-x402 fetch`. */
export function fetchCommand(program: Command): void {
  const command = program
    .command('fetch')
    .summary('call a URL, show what it costs, and buy it once')
    .description(
      'Calls a URL without payment. If it asks for one, the price is shown. With --pay it is paid once, within ' +
        '--max or --max-credits, and the receipt is shown. The answer goes to the standard output, the rest to the standard error.',
    )
    .argument('<url>', 'an http or https URL')
  withHelp(
    command,
    [
      'fetch https://api.example.com/quote',
      "fetch https://api.example.com/quote --pay --max '$0.05'",
      'fetch https://api.example.com/ask -X POST -d \'{"q":"?"}\' -H \'content-type: application/json\' --pay --max 0.05',
      "fetch http://localhost:3002/quote --env-file .env --pay --max '$0.05'",
    ],
    BUY_CODES,
  )
  withBuying(command)
    .option('-X, --request <method>', 'the method (default: GET, or POST with --data)')
    .option('-d, --data <body>', 'the body; @file reads it from a file')
    .option('-i, --include', 'print status and headers before the body')
    .option('-o, --output <file>', 'write the body into a file')
    .hook('preAction', silenceSdkWarning)
    .action((url: string, options: FetchOptions) =>
      interruptible((work) => runFetch(urlOf(url), options, work)),
    )
}

async function runFetch(url: URL, options: FetchOptions, work: Work): Promise<void> {
  checkBuying(options)
  loadEnvironment(options)
  const { buy, say } = await import('./buy/buy.js')
  const { endingOf, receiptText } = await import('./buy/outcome.js')
  const { httpSeller } = await import('./buy/http-seller.js')
  const { walletsFor } = await import('./buy/wallets.js')
  const { printJson, printUnpaid } = await import('./buy/print-json.js')
  const { printResponse } = await import('./buy/print-response.js')
  const body = await bodyOf(options.data)
  const method = (options.request ?? (body === undefined ? 'GET' : 'POST')).toUpperCase()
  const { timeoutMs } = options
  const request = { url, method, headers: headersOf(options), body, timeoutMs }
  const wallets = await walletsFor(url, options, process.env)
  const bought = await buy(httpSeller(request), wallets, options, work).catch((error: unknown) =>
    printUnpaid(error, options, url),
  )
  const { answer, price, receipt } = bought
  const bytes = Buffer.from(
    await answer.arrayBuffer().catch((error: unknown) => {
      throw receipt === undefined ? error : endingOf(receipt, 'the answer broke off')
    }),
  )
  if (options.json) {
    await printJson({ price, receipt, status: answer.status, answer: bytes.toString() })
  } else {
    if (receipt !== undefined) say(receiptText(receipt))
    await printResponse(answer, bytes, options)
  }
  if (options.output !== undefined) await writeFile(options.output, bytes)
  if (answer.ok && receipt?.paid !== 'unknown') return
  if (receipt === undefined)
    throw new Ended(`the answer is HTTP ${answer.status}. Nothing was paid`)
  throw endingOf(receipt, `the paid call was answered with HTTP ${answer.status}`)
}

function headersOf({ header }: FetchOptions): Headers {
  const headers = new Headers({ accept: '*/*' })
  for (const [name, value] of header) {
    if (name.toLowerCase() === 'accept') headers.set(name, value)
    else headers.append(name, value)
  }
  return headers
}

async function bodyOf(data: string | undefined): Promise<Buffer | undefined> {
  if (data === undefined) return undefined
  if (!data.startsWith('@')) return Buffer.from(data)
  return readFile(data.slice(1)).catch((error: unknown) => {
    throw new UsageError(`cannot read the file of --data: ${(error as Error).message}`)
  })
}
