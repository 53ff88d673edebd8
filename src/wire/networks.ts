/** Names of networks. A leaf; it imports nothing of ours. */

/**
 * Names of x402 v1, with their names in CAIP-2.
 *
 * @see https://github.com/coinbase/x402/blob/main/specs/x402-specification-v1.md
 */
const CAIP2: Readonly<Record<string, string>> = {
  base: 'eip155:8453',
  'base-sepolia': 'eip155:84532',
  ethereum: 'eip155:1',
  sepolia: 'eip155:11155111',
  arbitrum: 'eip155:42161',
  optimism: 'eip155:10',
  polygon: 'eip155:137',
  'polygon-amoy': 'eip155:80002',
  avalanche: 'eip155:43114',
  'avalanche-fuji': 'eip155:43113',
  solana: 'solana:5eykt4UsFv8P8NJdTREpY1vzqKqZKvdp',
  'solana-mainnet': 'solana:5eykt4UsFv8P8NJdTREpY1vzqKqZKvdp',
  'solana-devnet': 'solana:EtWTRABZaYq6iMfeYKouRu166VU2xqa1',
  'solana-testnet': 'solana:4uhcVJyU9pJkvQyS88uRDiswHXSCkY3z',
}

/** The names that {@link caip2} knows. */
export const NETWORK_NAMES: readonly string[] = Object.keys(CAIP2)

/**
 * Whether a network is one of AWS Marketplace, e.g. `aws:base`. Nothing can sign for these networks, since
 * their wire format is not known well enough.
 */
export function isAwsNetwork(network: string): boolean {
  return /^\s*aws:/i.test(network)
}

/** The CAIP-2 name of a network, or the given name if there is none. */
export function caip2(network: string): string {
  const name = network.toLowerCase()
  return Object.hasOwn(CAIP2, name) ? (CAIP2[name] as string) : network
}

/** The name of a CAIP-2 network in x402 v1; `undefined` if version 1 has none. */
export function nameInV1(network: string): string | undefined {
  return Object.keys(CAIP2).find((name) => CAIP2[name] === network)
}
