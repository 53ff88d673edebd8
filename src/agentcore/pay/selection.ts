import type { MppChallenge } from '../../wire/mpp.js'
import type { NetworkFamily } from '../manager/network-preference.js'
import type { CheckedSpendLimits, Terms } from '../manager/spend-limits.js'

/** Who is going to pay, and what they want to. */
export interface Buyer {
  /** The chains on which the payment instrument can sign. */
  family: NetworkFamily
  networkPreferences: readonly string[]
  limits: CheckedSpendLimits
  nowMs: number
}

/** An entry of `accepts` and what to send back with its payment. */
export interface X402Selection {
  protocol: 'x402'
  terms: Terms
  version: 1 | 2
  /** As its seller wrote it. */
  entry: Record<string, unknown>
  resource: unknown
  extensions: unknown
}

export interface MppSelection {
  protocol: 'mpp'
  terms: Terms
  challenge: MppChallenge
}
