/** Where the USDC of wallets is kept on one chain, so that what they sign can be redeemed. */
export interface Purse {
  /** Atomic units. */
  balanceOf: (address: string) => Promise<bigint>
  /** Atomic units. */
  fund: (address: string, units: bigint) => Promise<void>
  /** What a new wallet is funded with. Atomic units. */
  walletFunds: bigint
}

/** The chain a purse is on. */
export const PURSE_CHAIN = 'BASE_SEPOLIA'
