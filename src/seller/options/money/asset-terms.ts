import { OptionsError } from '../../../errors/payment-error.js'
import { sameId } from '../../../wire/amounts.js'
import { addressProblem } from './addresses.js'
import type { AssetOptions, AssetPrice, ToolAssetOptions } from './asset-options.js'
import { toAssetAmount, type AssetAmount } from './money.js'

/** How a tool is sold for money, every default filled in. */
export interface AssetTerms {
  /** A fixed price is parsed once, when the wrapper is made. */
  readonly price: AssetAmount | Extract<AssetPrice, (...args: never) => unknown>
  readonly scheme: 'exact' | 'upto'
  readonly network: string
  readonly payTo: string
  readonly maxTimeoutSeconds: number
}

/** Top-level options that every row shares. */
export interface AssetDefaults extends AssetOptions {
  scheme?: string | undefined
  network?: string | undefined
}

/**
 * @returns `undefined` if no price is given, neither in the row nor at the top.
 * @throws OptionsError naming the option at fault.
 */
export function assetTerms(
  path: string,
  row: ToolAssetOptions,
  defaults: AssetDefaults,
): AssetTerms | undefined {
  const given = row.price === undefined ? defaults.price : row.price
  const { maxTimeoutSeconds = 300 } = defaults
  if (given === undefined) {
    if (row.payTo === undefined || path === '') return undefined
    throw new OptionsError(`${path}price`, 'required together with payTo')
  }
  const scheme = requireScheme(defaults)
  const network = requireNetwork(defaults)
  const payTo = requirePayee(
    `${path}payTo`,
    row.payTo === undefined ? defaults.payTo : row.payTo,
    network,
  )
  if (defaults.facilitators === undefined) {
    throw new OptionsError('facilitators', 'required together with price')
  }
  const price = typeof given === 'function' ? given : fixed(`${path}price`, given, network)
  if (typeof price === 'object' && sameId(price.asset, payTo)) {
    throw new OptionsError(`${path}payTo`, `expected your own address, got that of the token`)
  }
  return Object.freeze({ price, scheme, network, payTo, maxTimeoutSeconds })
}

function requireScheme({ scheme = 'exact' }: AssetDefaults): AssetTerms['scheme'] {
  if (scheme === 'exact' || scheme === 'upto') return scheme
  throw new OptionsError('scheme', `expected 'exact' or 'upto' together with price`)
}

function requireNetwork({ network }: AssetDefaults): string {
  if (network !== undefined && /^[-a-z0-9]{3,8}:[-\w]{1,32}$/.test(network)) return network
  const given = network === undefined ? '' : `, got ${JSON.stringify(network)}`
  const expected = 'expected a CAIP-2 network together with price, e.g. eip155:84532'
  throw new OptionsError('network', expected + given)
}

function requirePayee(option: string, payTo: unknown, network: string): string {
  const problem = addressProblem(payTo, network)
  if (problem === undefined && typeof payTo === 'string') return payTo
  const needed = payTo === undefined ? ', required with price' : ''
  throw new OptionsError(option, `${problem}${needed}`)
}

function fixed(path: string, price: unknown, network: string): AssetAmount {
  const amount = toAssetAmount(price, network)
  if (typeof amount === 'string') throw new OptionsError(path, amount)
  return Object.freeze(amount)
}
