import type { Command } from 'commander'
import type { LocalOptions } from '../../local/index.js'
import { UsageError } from '../ended.js'
import { wholeNumber } from '../values.js'
import type { IdentityOptions } from './identity.js'
import type { LinesOptions } from './printed-lines.js'

/** The options of `agentcore-x402 local`. */
export interface StackOptions extends IdentityOptions, LinesOptions {
  port: number
  host: NonNullable<LocalOptions['host']>
  credits?: number
  delayMs: number
  ledger?: true
  table?: string | true
  handler?: string
  /** Whether `handler` is what package.json of this folder names. */
  isFolderHandler?: true
  interceptor?: string
  target?: string
  watch?: true
  http?: true
}

const MAX_PORT = 65_535

/** Adds the options that say what is started. */
export function withStack(command: Command): Command {
  return withSold(withPlace(command))
}

function withPlace(command: Command): Command {
  return command
    .option(
      '--port <n>',
      'port to listen on (0: the system chooses)',
      wholeNumber('--port', MAX_PORT),
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
}

function withSold(command: Command): Command {
  return command
    .option(
      '--http',
      'sell over plain HTTP too, at the next port: the handler of --handler, as a Function URL calls it, or an example at /quote',
    )
    .option(
      '--handler <file>',
      'sell your own Lambda; the module exports "handler", made by requiresPayment, and may export "tools", which are then listed (default: what "agentcore-x402" in package.json names, as init writes it)',
    )
    .option('--target <url>', 'sell your own MCP server; every tool costs one credit a call')
    .option(
      '--interceptor <file>',
      'sell with your own interceptor; the module exports "handler", made by createLambdaHandler',
    )
    .option('--watch', 'load your module again when it, or what it imports, changes')
}

/** @throws UsageError for options that exclude each other. */
export function checkTogether(options: StackOptions): void {
  const { handler, interceptor, target, http, watch, port } = options
  if (handler !== undefined && (target ?? interceptor) !== undefined) {
    throw new UsageError('--handler cannot be used with --target or --interceptor')
  }
  if (http && (target ?? interceptor) !== undefined) {
    throw new UsageError('--http cannot be used with --target or --interceptor')
  }
  if (http && port === MAX_PORT) {
    throw new UsageError(
      `--http needs the port after that of --port. Expected less than ${MAX_PORT}`,
    )
  }
  if (watch && handler === undefined && interceptor === undefined) {
    throw new UsageError(
      '--watch needs --handler, --interceptor, or a handler in package.json: see agentcore-x402 init --help',
    )
  }
}
