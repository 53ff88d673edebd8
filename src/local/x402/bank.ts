/** What a payer signed, whatever the scheme. Addresses are in lower case. */
export interface Claim {
  scheme: 'exact' | 'upto'
  payer: `0x${string}`
  payTo: `0x${string}`
  /** The amount as signed. `exact` moves all of it, `upto` at most this. Unit: atomic units. */
  units: bigint
  /** Unit: seconds since the epoch. */
  validAfter: bigint
  /** Unit: seconds since the epoch. */
  validBefore: bigint
  /** The nonce: 32 bytes for `exact`, a decimal number for `upto`. */
  nonce: string
  signature: `0x${string}`
}

/** The result of moving money. */
export interface Moved {
  /** The transaction's hash. It is empty if nothing was sent. */
  transaction: string
  /** The machine name of what went wrong. If it is set, nothing has moved. */
  failure?: string
}

/** Keeps the money: a chain, or a ledger in memory. */
export interface Bank {
  settlesOn: 'chain' | 'ledger'
  /** The RPC URL of the chain. */
  rpcUrl?: string
  schemes: readonly Claim['scheme'][]
  /** What an address holds. Unit: atomic units. */
  balanceOf: (address: string) => Promise<bigint>
  /** Makes money for an address. Unit: atomic units. */
  fund: (address: string, units: bigint) => Promise<void>
  isUsed: (claim: Claim) => Promise<boolean>
  /** Moves `units` of a claim that was found to be good. The claim is then used. One move at a time. */
  move: (claim: Claim, units: bigint) => Promise<Moved>
  close: () => Promise<void>
}
