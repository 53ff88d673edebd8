/** What a payer signed, whatever the scheme. Addresses are in lower case. */
export interface Claim {
  scheme: 'exact' | 'upto'
  payer: `0x${string}`
  payTo: `0x${string}`
  /** As signed: all of it for `exact`, at most this for `upto`. Atomic units. */
  units: bigint
  /** Unit: seconds since the epoch. */
  validAfter: bigint
  /** Unit: seconds since the epoch. */
  validBefore: bigint
  /** 32 bytes for `exact`, a decimal number for `upto`. */
  nonce: string
  signature: `0x${string}`
}

/** What came of moving money. */
export interface Moved {
  /** Empty if nothing was sent. */
  transaction: string
  /** The machine name of what went wrong. If it is set, nothing has moved. */
  failure?: string
}

/** Where the money is. */
export interface Bank {
  settlesOn: 'chain' | 'ledger'
  /** RPC URL of the chain. */
  rpcUrl?: string
  schemes: readonly Claim['scheme'][]
  /** Atomic units. */
  balanceOf: (address: string) => Promise<bigint>
  /** Makes money. Atomic units. */
  fund: (address: string, units: bigint) => Promise<void>
  isUsed: (claim: Claim) => Promise<boolean>
  /** Moves `units` of a claim that was found to be good, and uses it up. One at a time. */
  move: (claim: Claim, units: bigint) => Promise<Moved>
  close: () => Promise<void>
}
