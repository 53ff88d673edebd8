import { optionalFunction, refuseUnknown } from '../../checks.js'
import { OptionsError } from '../../errors/payment-error.js'
import type { Holdings } from './world/holdings.js'
import { Answers } from './world/idempotency.js'
import { Pages } from './world/pages.js'
import { PURSE_CHAIN, type Purse } from './world/purse.js'
import { tokenTable, type LocalToken } from './world/tokens.js'
import type { World } from './world/world.js'

/** The balance that the service is asked for. */
export interface WalletBalance {
  /** The wallet's address. */
  address: string
  /** `BASE`, `BASE_SEPOLIA`, `ETHEREUM`, `SOLANA` or `SOLANA_DEVNET`. */
  chain: string
  /** `USDC`. */
  token: string
}

/** Options of the local AgentCore payments service. */
export interface PaymentsServiceOptions {
  /**
   * The clock of everything, to replace in tests. Unit: ms since the epoch.
   *
   * @default Date.now
   */
  now?: () => number
  /**
   * How long managers and connectors take to be created, updated or deleted. Unit: ms, 0 or more.
   *
   * @default 0: done when they are looked at next
   */
  readyAfterMs?: number
  /**
   * Tokens besides USDC of the well known networks, e.g. one on a local chain.
   *
   * @default none
   */
  tokens?: readonly LocalToken[]
  /**
   * Gives the balance of a wallet, in atomic units.
   *
   * @default what `fund` was told
   */
  balanceOf?: (wallet: WalletBalance) => bigint | Promise<bigint>
  /**
   * Whether somebody has to consent before an instrument can pay.
   * - `'given'`: it can pay at once.
   * - `'awaited'`: it can pay when somebody has opened its `redirectUrl`.
   *
   * @default 'given'
   */
  consent?: 'given' | 'awaited'
  /**
   * Added to every answer. Unit: ms, 0 or more.
   *
   * @default 0
   */
  delayMs?: number
}

const OPTIONS: Readonly<Record<keyof PaymentsServiceOptions, true>> = {
  now: true,
  readyAfterMs: true,
  tokens: true,
  balanceOf: true,
  consent: true,
  delayMs: true,
}

/**
 * Makes a service.
 *
 * @param holdings what it keeps. The service changes them.
 * @throws OptionsError
 */
export function createWorld(
  options: PaymentsServiceOptions,
  holdings: Holdings,
  purse: Purse | undefined,
): World {
  check(options)
  const { now = Date.now, readyAfterMs = 0, consent = 'given', balanceOf, tokens = [] } = options
  const { managers, connectors, providers, instruments, sessions, funds } = holdings
  return {
    now,
    readyAfterMs,
    consent,
    tokens: tokenTable(tokens),
    purse,
    balanceOf: async ({ id, wallet: { address } }, chain, token) => {
      if (balanceOf !== undefined) return balanceOf({ address, chain, token })
      if (purse !== undefined && chain === PURSE_CHAIN) return purse.balanceOf(address)
      return funds.get(`${id} ${chain}`) ?? 0n
    },
    managers,
    connectors,
    providers,
    instruments,
    sessions,
    pages: new Pages(),
    answers: new Answers(),
    nextSerial: () => (holdings.serial += 1),
  }
}

function check(options: PaymentsServiceOptions): void {
  refuseUnknown(options, OPTIONS, 'is no option')
  optionalFunction('now', options.now)
  optionalFunction('balanceOf', options.balanceOf)
  checkMs('readyAfterMs', options.readyAfterMs)
  checkMs('delayMs', options.delayMs)
  if (!['given', 'awaited', undefined].includes(options.consent)) {
    throw new OptionsError('consent', 'expected given or awaited')
  }
}

function checkMs(option: string, valueMs: number | undefined): void {
  if (valueMs === undefined || (Number.isFinite(valueMs) && valueMs >= 0)) return
  throw new OptionsError(option, 'expected milliseconds, 0 or more')
}
