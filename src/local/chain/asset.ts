/** A token that is paid with, and its EIP-712 domain. */
export interface X402Asset {
  /** The address of its contract. */
  address: string
  /** The name in the token's EIP-712 domain. */
  name: string
  /** The version in the token's EIP-712 domain. */
  version: string
  /** How many decimals an amount has. One token is 10 to this power of atomic units. */
  decimals: number
  /** The token's symbol, for people. */
  symbol: string
}

export const CHAIN_ID = 84_532
/** Base Sepolia under its name in x402 v2. */
export const NETWORK = `eip155:${CHAIN_ID}`
/** Base Sepolia under its name in x402 v1. */
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

/** The account that settles: the first that every anvil starts with. */
export const FACILITATOR = '0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266'

/**
 * The account that buys: the second that every anvil starts with. Its key is in anvil's documentation. So
 * anybody can take what it holds on a real network.
 *
 * @see https://getfoundry.sh/anvil/overview
 */
export const BUYER = {
  address: '0x70997970C51812dc3A010C7d01b50e0d17dc79C8',
  privateKey: '0x59c6995e998f97a5a0044966f0945389dc9e86dae88c7a8412f4603b6b78690d',
} as const

/** What the buyer starts with: $1000. Unit: atomic units. */
export const BUYER_FUNDS = 1_000_000_000n
