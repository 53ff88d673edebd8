import { PaymentError } from '../../errors/payment-error.js'
import type { MppChallenge } from '../../wire/mpp.js'
import { selectMpp } from './mpp-select.js'
import type { NetworkFamily } from '../manager/network-preference.js'
import type { Offer } from './payment-required-request.js'
import type { CheckedSpendLimits, Terms } from '../manager/spend-limits.js'
import { selectX402 } from './x402-select.js'

/** Who is going to pay, and what they want to. */
export interface Buyer {
  /** Of the instrument. */
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

/**
 * What of an offer to pay: a challenge of MPP, or, if none can be paid, an entry of x402.
 *
 * @throws PaymentError why there is none. Nothing was paid.
 */
export function select({ x402, mpp }: Offer, buyer: Buyer): X402Selection | MppSelection {
  const first = mpp.length > 0 ? selectMpp(mpp, buyer) : undefined
  const found = first === undefined || first instanceof PaymentError ? undefined : first
  const selection = found ?? (x402 ? selectX402(x402, buyer) : first)
  if (selection === undefined || selection instanceof PaymentError) {
    throw selection ?? new PaymentError('challenge_unreadable', 'nothing is asked for')
  }
  return selection
}
