/** The USDC of the wallets on one chain. What they sign can be settled there. */
export interface Purse {
  /** Unit: atomic units. */
  balanceOf: (address: string) => Promise<bigint>
  /** Unit: atomic units. */
  fund: (address: string, units: bigint) => Promise<void>
  /** What a new wallet gets. Unit: atomic units. */
  walletFunds: bigint
}

/** The chain of the purse. */
export const PURSE_CHAIN = 'BASE_SEPOLIA'
