/** The token that is paid with, and its EIP-712 domain. */
export interface X402Asset {
  /** Its contract. */
  address: string
  name: string
  version: string
  decimals: number
  symbol: string
}

export const CHAIN_ID = 84_532
/** Base Sepolia, as x402 v2 names it. */
export const NETWORK = `eip155:${CHAIN_ID}`
/** Base Sepolia, as x402 v1 names it. */
export const NETWORK_V1 = 'base-sepolia'

/**
 * USDC on Base Sepolia.
 *
 * @see https://developers.circle.com/stablecoins/usdc-contract-addresses
 */
export const USDC = {
  address: '0x036CbD53842c5426634e7929541eC2318f3dCF7e',
  name: 'USDC',
  version: '2',
  decimals: 6,
  symbol: 'USDC',
} as const satisfies X402Asset

/** Settles: the first of the accounts that every anvil starts with. */
export const FACILITATOR = '0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266'

/**
 * Buys: the second of those accounts. Its key is in anvil's documentation, so whatever it holds on a real
 * network is anybody's.
 *
 * @see https://getfoundry.sh/anvil/overview
 */
export const BUYER = {
  address: '0x70997970C51812dc3A010C7d01b50e0d17dc79C8',
  privateKey: '0x59c6995e998f97a5a0044966f0945389dc9e86dae88c7a8412f4603b6b78690d',
} as const

/** What the buyer starts with: $1000. Atomic units. */
export const BUYER_FUNDS = 1_000_000_000n
