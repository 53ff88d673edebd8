import type { LocalToken } from '../world/tokens.js'
import type { Signer } from '../world/wallets.js'

/** A payment that was read and can be made. */
export interface Purchase {
  token: LocalToken
  /** What is paid. Unit: atomic units of the token. */
  units: bigint
  /** Signs the payment, and gives the member of the output that proves it. */
  prove: (signer: Signer, nowMs: number) => Promise<Record<string, unknown>>
}
/** A whole number as text that fits into a uint256. */
export const ATOMIC_UNITS = /^\d{1,77}$/
