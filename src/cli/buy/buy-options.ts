import type { Command } from 'commander'
import { Option } from 'commander'
import { EXIT, UsageError } from '../ended.js'
import { wholeNumber } from '../values.js'

export const WALLETS = ['agentcore', 'key', 'nevermined', 'local'] as const
/** Who pays. */
export type WalletName = (typeof WALLETS)[number]

/** The options of the commands that buy. */
export interface BuyOptions {
  readonly pay?: true
  /** In dollars, as it was written without the sign. */
  readonly max?: string
  /** In atomic units of the asset that is asked for. */
  readonly maxUnits?: number
  readonly maxCredits?: number
  readonly allowUnstatedPrice?: true
  readonly wallet?: WalletName
  readonly yes?: true
  readonly json?: true
  readonly header: readonly (readonly [name: string, value: string])[]
  readonly timeoutMs: number
  readonly envFile?: string
  readonly folder: string
}

/** What the exit codes of the commands that buy mean. */
export const BUY_CODES: Readonly<Record<number, string>> = {
  [EXIT.done]: 'answered',
  [EXIT.failed]: 'failed, and nothing was paid',
  [EXIT.unpaid]: 'a payment is asked for, and none was made',
  [EXIT.perhapsPaid]: 'perhaps paid: do not pay again before you know',
}

const MAX_TIMEOUT_MS = 900_000

/** Adds the options of the commands that buy. */
export function withBuying(command: Command): Command {
  return command
    .option('--pay', 'pay what is asked for, within --max or --max-credits')
    .option('--max <dollars>', 'the most that the call may cost, e.g. $0.05', dollars)
    .option(
      '--max-credits <n>',
      'the most credits of a Nevermined plan that the call may cost',
      wholeNumber('--max-credits', Number.MAX_SAFE_INTEGER, 1),
    )
    .option(
      '--max-units <n>',
      'the most in atomic units, for tokens whose worth in dollars is not known here',
      wholeNumber('--max-units', Number.MAX_SAFE_INTEGER, 1),
    )
    .option(
      '--allow-unstated-price',
      'with --max-credits: also if the seller does not say the price, and may take more',
    )
    .addOption(
      new Option('--wallet <name>', 'who pays (default: the first that can)').choices(WALLETS),
    )
    .option('--yes', 'do not ask before paying')
    .option(
      '-H, --header <name: value>',
      'a header of the request; may be given several times',
      header,
      [],
    )
    .option(
      '--timeout-ms <n>',
      'how long each answer may take',
      wholeNumber('--timeout-ms', MAX_TIMEOUT_MS, 1),
      60_000,
    )
    .option('--env-file <file>', 'read variables from this file, as "local --write-env" writes it')
    .option(
      '--folder <path>',
      'the folder of a local stack, which has the local wallet',
      '.agentcore-x402',
    )
    .option('--json', 'print one JSON object: price, paid, receipt, answer, status')
    .addOption(noKey('--key'))
    .addOption(noKey('--private-key'))
}

/** An option that people try. What follows it is never printed. */
function noKey(flag: string): Option {
  return new Option(`${flag} [key]`).hideHelp().argParser(() => {
    throw new UsageError(
      `${flag} does not exist, since other programs see arguments. Put the key into the variable X402_BUYER_KEY, or into a file for --env-file`,
    )
  })
}

function dollars(text: string): string {
  const amount = text.replace(/^\$/, '')
  if (/^(0|[1-9]\d{0,11})(\.\d{1,6})?$/.test(amount) && Number(amount) > 0) return amount
  throw new UsageError(
    '--max expects dollars, e.g. $0.05 or 0.05, with at most 6 decimals. A shell needs quotes around the $',
  )
}

const NAME = /^[!#$%&'*+.^`|~\w-]+$/

function header(text: string, before: readonly (readonly [string, string])[]) {
  const at = text.indexOf(':')
  const name = text.slice(0, Math.max(0, at)).trim()
  const value = text.slice(at + 1).trim()
  if (at < 1 || !NAME.test(name) || /[\0\r\n]/.test(value)) {
    throw new UsageError("--header expects 'name: value'")
  }
  return [...before, [name, value] as const]
}

/** @throws UsageError for options that exclude each other, or lack one another. */
export function checkBuying(options: BuyOptions): void {
  const { pay, max, maxUnits, maxCredits, yes, allowUnstatedPrice } = options
  const hasLimit = [max, maxUnits, maxCredits].some((limit) => limit !== undefined)
  if (pay && !hasLimit) {
    throw new UsageError(
      "--pay needs a limit: --max '$0.05' for money, or --max-credits 5 for credits",
    )
  }
  if (!pay && (hasLimit || yes)) {
    throw new UsageError('--max, --max-units, --max-credits and --yes need --pay')
  }
  if (allowUnstatedPrice && maxCredits === undefined) {
    throw new UsageError('--allow-unstated-price needs --max-credits')
  }
}

/** @throws UsageError unless it is an http or https URL without a password. */
export function urlOf(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url === undefined || !/^https?:$/.test(url.protocol)) {
    throw new UsageError('<url> expects an http or https URL')
  }
  if (url.username !== '' || url.password !== '') {
    throw new UsageError(
      '<url> has a user name or password. Send it as --header "authorization: …"',
    )
  }
  return url
}

/** Reads the variables of `--env-file`. Those that are set already stay. */
export function loadEnvironment({ envFile }: BuyOptions): void {
  if (envFile === undefined) return
  try {
    process.loadEnvFile(envFile)
  } catch (error) {
    throw new UsageError(
      `cannot read ${envFile}, given for --env-file: ${(error as Error).message}`,
    )
  }
}
