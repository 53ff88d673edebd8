import { addressProblem } from './addresses.js'
import { toAmount } from '../../../wire/amounts.js'
import { isRecord } from '../../../wire/json.js'
import { dollarOf, knownAsset, toAtomic } from './assets.js'

/**
 * An amount of money: dollars of the network's USDC (`'$0.01'`), or atomic units of any asset in the form of
 * `AssetAmount` of `@x402/core`.
 */
export type Money =
  | `$${string}`
  | {
      /** Atomic units. */
      amount: bigint | string
      /** Address of the token's contract. */
      asset: string
      /**
       * What buyers need in order to sign:
       * - `name` and `version` of the token's EIP-712 domain. They are known for USDC.
       * - `facilitatorAddress` for `upto`, and `feePayer` on Solana. If they are left out, the facilitator is
       *   asked.
       */
      extra?: Readonly<Record<string, unknown>> | undefined
    }

/** Money as the wire states it. */
export interface AssetAmount {
  readonly amount: bigint
  readonly asset: string
  readonly extra: Readonly<Record<string, unknown>>
}

/** @returns the amount, or a text that says what was expected. */
export function toAssetAmount(price: unknown, network: string): AssetAmount | string {
  if (typeof price === 'string') return dollars(price, network)
  if (!isRecord(price)) return `expected '$0.01', { amount, asset }, or a function that gives one`
  const { asset, extra } = price
  const amount = toAmount(price['amount'])
  if (amount === undefined) {
    return 'expected amount in atomic units, as a bigint or a decimal string'
  }
  const problem = addressProblem(asset, network)
  if (problem !== undefined || typeof asset !== 'string') return `asset: ${problem}`
  if (extra !== undefined && !isRecord(extra)) return 'expected extra to be an object'
  const domain = domainOf(network, asset)
  const all = { ...domain, ...extra }
  if (network.startsWith('eip155:') && !isDomain(all)) {
    return 'expected extra with name and version, the EIP-712 domain of the token'
  }
  return { amount, asset, extra: all }
}

function dollars(price: string, network: string): AssetAmount | string {
  const known = dollarOf(network)
  if (known === undefined) return `the USDC of ${network} is not known: give { amount, asset }`
  const amount = price.startsWith('$') ? toAtomic(price.slice(1), known.decimals) : undefined
  if (amount === undefined) {
    return `expected dollars with at most ${known.decimals} decimal places, e.g. '$0.01'`
  }
  return { amount, asset: known.asset, extra: domainOf(network, known.asset) }
}

function domainOf(network: string, asset: string): Record<string, unknown> {
  const { name, version } = knownAsset(network, asset) ?? {}
  return name === undefined ? {} : { name, version }
}

function isDomain({ name, version }: Record<string, unknown>): boolean {
  return typeof name === 'string' && name !== '' && typeof version === 'string' && version !== ''
}
