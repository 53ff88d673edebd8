import type { MppChallenge } from '../../wire/mpp.js'
import type { NetworkFamily } from '../manager/network-preference.js'
import type { CheckedSignedLimits } from '../../limits/check-limits.js'
import type { Terms } from '../../limits/missed-limit.js'

/** The buyer's instrument and settings. */
export interface Buyer {
  /** The chains on which the payment instrument can sign. */
  family: NetworkFamily
  networkPreferences: readonly string[]
  limits: CheckedSignedLimits
  nowMs: number
}

/** An entry of `accepts`, and what to send back with its payment. */
export interface X402Selection {
  protocol: 'x402'
  terms: Terms
  version: 1 | 2
  /** The entry as its seller wrote it. */
  entry: Record<string, unknown>
  resource: unknown
  extensions: unknown
}

export interface MppSelection {
  protocol: 'mpp'
  terms: Terms
  challenge: MppChallenge
}
