import { optionalTexts } from '../../checks.js'
import { didYouMean } from '../../errors/did-you-mean.js'
import { OptionsError } from '../../errors/payment-error.js'
import { NETWORK_NAMES, caip2 } from '../../wire/networks.js'

/** What kind of chain a wallet of AgentCore is for. */
export type NetworkFamily = 'ETHEREUM' | 'SOLANA'

/**
 * The order in which networks are preferred, that of AWS's Python SDK: main networks first, and of
 * those the ones with low fees.
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

/** The wallets a network can be paid from: every EVM chain is of Ethereum's kind. */
export function familyOf(network: string): NetworkFamily | undefined {
  const name = caip2(network).toLowerCase()
  if (/^eip155:\d+$/.test(name)) return 'ETHEREUM'
  return /^solana([:-]|$)/.test(name) ? 'SOLANA' : undefined
}

/**
 * Where a network stands in an order, whatever case or notation either is in. Those that are not in
 * it come last, and so do all if the order is empty.
 */
export function preferenceOf(network: string | undefined, order: readonly string[]): number {
  if (network === undefined) return order.length
  // The default order names a chain twice and means it; in one of your own the first mention counts.
  const name = network.toLowerCase()
  const isDefault = order === NETWORK_PREFERENCES
  const exact = isDefault ? order.findIndex((one) => one.toLowerCase() === name) : -1
  if (exact !== -1) return exact
  const canonical = caip2(network).toLowerCase()
  const equal = order.findIndex((one) => caip2(one).toLowerCase() === canonical)
  return equal === -1 ? order.length : equal
}

/** Every name that means something; besides, every EVM chain has one as `eip155:<chain id>`. */
const KNOWN: ReadonlySet<string> = new Set([...NETWORK_PREFERENCES, ...NETWORK_NAMES])

/**
 * An order of networks, which may be empty. A name that nobody knows would never be preferred, without a word.
 *
 * @throws OptionsError naming the entry, and what is known.
 */
export function optionalNetworks(name: string, value: unknown): readonly string[] | undefined {
  const networks = optionalTexts(name, value)
  const at = networks?.findIndex((network) => !isKnown(network)) ?? -1
  if (at === -1) return networks
  const given = networks?.[at] ?? ''
  const known = [...KNOWN].filter((one) => !one.startsWith('eip155:')).join(', ')
  const why = `${JSON.stringify(given.slice(0, MAX_SHOWN_CHARS))} is no network that is known`
  const expected = `expected eip155:<chain id>, or one of ${known}`
  throw new OptionsError(`${name}[${at}]`, `${why}${didYouMean(given, KNOWN)}; ${expected}`)
}

/** No name is longer. Unit: characters. */
const MAX_SHOWN_CHARS = 60

function isKnown(network: string): boolean {
  const canonical = caip2(network).toLowerCase()
  if (/^eip155:[1-9]\d{0,15}$/.test(canonical)) return true
  return [...KNOWN].some((one) => one.toLowerCase() === network.toLowerCase())
}
