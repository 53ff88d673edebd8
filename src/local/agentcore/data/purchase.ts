import type { LocalToken } from '../world/tokens.js'
import type { Signer } from '../world/wallets.js'

/** What a payment is about, once it was read and found to be payable. */
export interface Purchase {
  token: LocalToken
  /** Atomic units of the token. */
  units: bigint
  /** Signs it: the member of the output that proves it. */
  prove: (signer: Signer, nowMs: number) => Promise<Record<string, unknown>>
}
/** Fits a uint256. */
export const ATOMIC_UNITS = /^\d{1,77}$/
