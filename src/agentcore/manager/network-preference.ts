import { optionalTexts } from '../../checks.js'
import { didYouMean } from '../../errors/did-you-mean.js'
import { OptionsError } from '../../errors/payment-error.js'
import { NETWORK_NAMES, caip2 } from '../../wire/networks.js'

/** The kinds of chains that a wallet of AgentCore can be for. */
export type NetworkFamily = 'ETHEREUM' | 'SOLANA'

/**
 * The default order of networks, which is that of AWS's Python SDK. Main networks come first, and among them
 * those with low fees.
 *
 * @see https://github.com/aws/bedrock-agentcore-sdk-python/tree/main/src/bedrock_agentcore/payments
 */
export const NETWORK_PREFERENCES: readonly string[] = Object.freeze([
  'solana-mainnet',
  'solana:5eykt4UsFv8P8NJdTREpY1vzqKqZKvdp',
  'solana:5eykt4UsFv8P8NJdTREpY1vzqKqZKvdpKuc147dw2N9d',
  'eip155:8453',
  'eip155:1',
  'base',
  'eip155:42161',
  'eip155:10',
  'ethereum',
  'solana-devnet',
  'solana:EtWTRABZaYq6iMfeYKouRu166VU2xqa1',
  'solana:EtWTRABZaYq6iMfeYKouRu166VU2xqa1wcaWoxPkrZBG',
  'solana-testnet',
  'solana:4uhcVJyU9pJkvQyS88uRDiswHXSCkY3z',
  'solana:4uhcVJyU9pJkvQyS88uRDiswHXSCkY3zQawwpjk2NsNY',
  'sepolia',
  'base-sepolia',
  'eip155:84532',
  'eip155:11155111',
])

/** The kind of wallet that can pay on a network. Every EVM chain is of Ethereum's kind. */
export function familyOf(network: string): NetworkFamily | undefined {
  const name = caip2(network).toLowerCase()
  if (/^eip155:\d+$/.test(name)) return 'ETHEREUM'
  return /^solana([:-]|$)/.test(name) ? 'SOLANA' : undefined
}

/**
 * The position of a network in an order, in any case or notation. Networks that are not in the order come
 * last. If the order is empty, all are equal.
 */
export function preferenceOf(network: string | undefined, order: readonly string[]): number {
  if (network === undefined) return order.length
  // The default order names a chain twice, and the second counts too. In an order of your own the first
  // mention counts.
  const name = network.toLowerCase()
  const isDefault = order === NETWORK_PREFERENCES
  const exact = isDefault ? order.findIndex((one) => one.toLowerCase() === name) : -1
  if (exact !== -1) return exact
  const canonical = caip2(network).toLowerCase()
  const equal = order.findIndex((one) => caip2(one).toLowerCase() === canonical)
  return equal === -1 ? order.length : equal
}

/** Every name that has a meaning. Besides these, every EVM chain has a name `eip155:<chain id>`. */
const KNOWN: ReadonlySet<string> = new Set([...NETWORK_PREFERENCES, ...NETWORK_NAMES])

/**
 * An order of networks, which may be empty. An unknown name would never be preferred, and nobody would
 * notice. So it is refused.
 *
 * @throws OptionsError naming the entry, and what is known.
 */
export function optionalNetworks(name: string, value: unknown): readonly string[] | undefined {
  const networks = optionalTexts(name, value)
  const at = networks?.findIndex((network) => !isKnown(network)) ?? -1
  if (at === -1) return networks
  const given = networks?.[at] ?? ''
  const known = [...KNOWN].filter((one) => !one.startsWith('eip155:')).join(', ')
  const why = `${JSON.stringify(given.slice(0, MAX_SHOWN_CHARS))} is no known network`
  const expected = `expected eip155:<chain id>, or one of ${known}`
  throw new OptionsError(`${name}[${at}]`, `${why}${didYouMean(given, KNOWN)}; ${expected}`)
}

/** How much of a wrong name is shown. No name is longer. Unit: characters. */
const MAX_SHOWN_CHARS = 60

function isKnown(network: string): boolean {
  const canonical = caip2(network).toLowerCase()
  if (/^eip155:[1-9]\d{0,15}$/.test(canonical)) return true
  return [...KNOWN].some((one) => one.toLowerCase() === network.toLowerCase())
}
