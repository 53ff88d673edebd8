import { caip2 } from '../../wire/networks.js'

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
