import { record, refuseUnknown } from '../../checks.js'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { OptionsError } from '../../errors/payment-error.js'
import { ADDRESS } from '../chain/typed-data.js'
import { BUYER, BUYER_FUNDS, NETWORK, USDC, type X402Asset } from '../chain/asset.js'
import type { Bank } from './bank.js'
import { createFacilitator, type X402Settlement } from './facilitator.js'
import { newMoneyBooks, type MoneyBooks } from './money-books.js'
import { openBank } from './open-bank.js'
import { PendingSettlements } from './pending.js'
import { PREFIX, serve, type X402Call } from './serve.js'
import { X402Faults } from './x402-faults.js'

export type { X402Asset } from '../chain/asset.js'
export type { X402Settlement } from './facilitator.js'
export type { X402Call } from './serve.js'
export type { PendingForm, X402Fault, X402Faults, X402Route } from './x402-faults.js'

/** Options of the local x402 facilitator. */
export interface X402Options {
  /**
   * Whether payments settle on a chain of this machine, Foundry's `anvil`. It is a child process on loopback, with the
   * chain id of Base Sepolia and a token in the place of its USDC. A chain serves `exact` only, and keeps its own time.
   * `'auto'` takes a chain if an anvil starts.
   *
   * @default false: a ledger in memory, which serves `upto` too
   */
  chain?: boolean | 'auto'
  /**
   * The binary of the chain.
   *
   * @default `@foundry-rs/anvil-<platform>-<arch>` if it is installed in the working directory, else `anvil` on the
   * PATH
   */
  anvilPath?: string
  /**
   * What each new wallet of the AgentCore payments service holds. Unit: atomic units of the asset.
   *
   * @default 10_000_000n, which is $10
   */
  walletFunds?: bigint
}

/**
 * The standard x402 facilitator of the local stack. It settles USDC of Base Sepolia, but not on that network.
 */
export interface LocalX402 {
  /** The URL that sellers set as their facilitator. */
  url: string
  /** The network in CAIP-2. */
  network: string
  /** The token that the facilitator settles. */
  asset: X402Asset
  /** Where payments settle: on a local chain, or on a ledger in memory. */
  settlesOn: 'chain' | 'ledger'
  /** The JSON-RPC endpoint of the chain. It is absent on a ledger. */
  rpcUrl?: string
  /** An account that holds $1000. Its key is published with anvil, so it is worthless anywhere else. */
  buyer: { address: string; privateKey: `0x${string}` }
  /**
   * Makes money for an address. An address holds none before. Unit: atomic units.
   *
   * @throws OptionsError
   */
  fund: (address: string, amount: bigint) => Promise<void>
  /** What an address holds. Unit: atomic units. */
  balanceOf: (address: string) => Promise<bigint>
  /** Every payment that moved money, in order. */
  settlements: readonly X402Settlement[]
  /** The calls so far, with signatures as they were. Never print them. */
  calls: readonly X402Call[]
  /** Sets what goes wrong. */
  faults: X402Faults
}

/** The facilitator without a server of its own. It is mounted in another one. */
export interface MountableX402 extends Omit<LocalX402, 'url'> {
  /**
   * Serves `/facilitator/…`.
   *
   * @returns false for other paths, which it leaves unanswered.
   */
  handle: (request: IncomingMessage, response: ServerResponse) => Promise<boolean>
  walletFunds: bigint
  close: () => Promise<void>
}

/** What the facilitator shares with the stack that it is mounted in. */
export interface X402Setting {
  /** Unit: ms since the epoch. */
  now: () => number
  /** Added to every answer. Unit: ms. */
  delayMs: number
  /** What the ledger holds. With a chain it is left alone, since a chain begins anew. */
  books?: MoneyBooks
  /** Resolves when what has changed is kept. No answer goes out before. */
  saved?: () => Promise<void>
}

/** The path of the facilitator on its server. */
export const X402_PATH = PREFIX

/**
 * Makes the facilitator of x402 v2 and v1: `POST /verify`, `POST /settle`, `GET /supported`.
 *
 * @see https://github.com/coinbase/x402/blob/main/specs/x402-specification-v2.md
 * @throws OptionsError, also if `chain` is true and no chain starts.
 */
export async function createX402(
  options: X402Options,
  { now, delayMs, books = newMoneyBooks(), saved = () => Promise.resolve() }: X402Setting,
): Promise<MountableX402> {
  check(options)
  const bank = await openBank(options, books)
  const isLedger = bank.settlesOn === 'ledger'
  const isFunded = isLedger && books.balances.has(BUYER.address.toLowerCase())
  if (!isFunded) await bank.fund(BUYER.address, BUYER_FUNDS)
  const settlements = isLedger ? books.settlements : []
  const facilitator = createFacilitator(bank, now, settlements)
  const faults = new X402Faults()
  const calls: X402Call[] = []
  const pending = new PendingSettlements()
  const service = { facilitator, pending, faults, calls, delayMs, saved }
  const { settlesOn, rpcUrl, balanceOf, close } = bank
  return {
    handle: (request, response) => serve(service, request, response),
    network: NETWORK,
    asset: USDC,
    settlesOn,
    ...(rpcUrl !== undefined && { rpcUrl }),
    buyer: BUYER,
    fund: (address, amount) => fund(bank, address, amount),
    balanceOf,
    settlements,
    calls,
    faults,
    walletFunds: options.walletFunds ?? 10_000_000n,
    close,
  }
}

async function fund(bank: Bank, address: string, amount: bigint): Promise<void> {
  if (!ADDRESS.test(address)) throw new OptionsError('address', 'expected 0x and 40 hex digits')
  const isAmount = typeof amount === 'bigint' && amount >= 0n
  if (!isAmount) throw new OptionsError('amount', 'expected a bigint, 0n or more')
  await bank.fund(address, amount)
}

const OPTIONS: Readonly<Record<keyof X402Options, true>> = {
  chain: true,
  anvilPath: true,
  walletFunds: true,
}

function check(options: unknown): void {
  record('x402', options)
  refuseUnknown(options, OPTIONS, 'is no option', 'x402.')
  const { chain = false, anvilPath = 'anvil', walletFunds = 0n } = options
  if (typeof chain !== 'boolean' && chain !== 'auto') {
    throw new OptionsError('x402.chain', "expected true, false or 'auto'")
  }
  if (typeof anvilPath !== 'string' || anvilPath === '') {
    throw new OptionsError('x402.anvilPath', 'expected the path of a file')
  }
  if (typeof walletFunds !== 'bigint' || walletFunds < 0n) {
    throw new OptionsError('x402.walletFunds', 'expected a bigint, 0n or more')
  }
}
