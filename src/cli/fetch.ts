import { isUtf8 } from 'node:buffer'
import type { Command } from 'commander'
import {
  BUY_CODES,
  type BuyOptions,
  checkBuying,
  loadEnvironment,
  urlOf,
  withBuying,
} from './buy/buy-options.js'
import { checkWritable, keep } from './buy/answer-file.js'
import type { Bought } from './buy/buy.js'
import { readInput } from './buy/read-input.js'
import { UsageError } from './ended.js'
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
    .option(
      '-d, --data <body>',
      'the body; @file reads it from a file, and @- from the standard input',
    )
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
  const { output } = options
  if (output !== undefined) await checkWritable(output)
  const body = await bodyOf(options.data)
  const method = (options.request ?? (body === undefined ? 'GET' : 'POST')).toUpperCase()
  const { timeoutMs } = options
  const request = { url, method, headers: headersOf(options), body, timeoutMs }
  const { buy } = await import('./buy/buy.js')
  const { httpSeller } = await import('./buy/http-seller.js')
  const { walletsFor } = await import('./buy/wallets.js')
  const { printFailed } = await import('./buy/print-json.js')
  const seller = httpSeller(request)
  if (options.pay && seller.isPaidByCaller) throw new UsageError(PAID_TWICE)
  const wallets = await walletsFor(url, options, process.env)
  const failed = (error: unknown): Promise<never> => printFailed(error, options)
  await deliver(await buy(seller, wallets, options, work).catch(failed), options)
}

/** Prints what was bought. @throws Ended if it is not what was asked for, or its payment has no known outcome. */
async function deliver(
  { answer, price, receipt, soFar }: Bought<Response>,
  options: FetchOptions,
): Promise<void> {
  const { say } = await import('./buy/buy.js')
  const { endOf } = await import('./buy/finish.js')
  const { Unpaid } = await import('./buy/outcome.js')
  const { printJson } = await import('./buy/print-json.js')
  const { printResponse } = await import('./buy/print-response.js')
  const { readAnswer } = await import('./buy/read-answer.js')
  const { receiptText } = await import('./buy/receipt-text.js')
  const { bytes, problem: broken } = await readAnswer(answer)
  const { ok, status } = answer
  const isUnreadable = status === 402 && receipt === undefined
  const problem = broken ?? (ok ? undefined : `the answer is HTTP ${status}`)
  const ended = isUnreadable
    ? new Unpaid('the answer asks for payment (HTTP 402), in no form that is known here')
    : endOf({ receipt, soFar, problem, text: bytes.toString() })
  if (receipt !== undefined) say(receiptText(receipt))
  if (receipt !== undefined && ended === undefined) soFar.knows()
  const unkept = await keep(bytes, options.output, receipt)
  if (options.json) {
    await printJson({ price, receipt, status, answer: textOrBytes(bytes) })
  } else {
    // What cannot be kept is shown, since it may be paid for.
    const isShown = options.output === undefined || unkept !== undefined
    await printResponse(answer, isShown ? bytes : undefined, options)
  }
  const wrong = ended ?? unkept
  if (wrong !== undefined) throw wrong
}

const PAID_TWICE = 'the request has a payment of its own, so --pay cannot be used with it'

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
  return data.startsWith('@') ? readInput(data.slice(1), '--data') : Buffer.from(data)
}

/** A text as it is. Other bytes are base64, as Lambdas answer them. */
function textOrBytes(bytes: Buffer): unknown {
  return isUtf8(bytes) ? bytes.toString() : { base64: bytes.toString('base64') }
}
