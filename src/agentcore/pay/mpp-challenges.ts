import { mppChallenges, type MppChallenge } from '../../wire/mpp.js'
import {
  NETWORK_PREFERENCES,
  optionalNetworks,
  type NetworkFamily,
} from '../manager/network-preference.js'
import { asInput } from '../manager/input-checks.js'
import { checkSignedLimits } from '../../limits/check-limits.js'
import { selectMpp } from './mpp-select.js'
import { mppIn, type PaymentRequiredRequest } from './payment-required-request.js'

/**
 * Functions for code that works with MPP's challenges directly. `generatePaymentHeader` does all of this
 * itself.
 */

/**
 * The well-formed challenges of scheme `Payment` in one or several `WWW-Authenticate` headers, in their
 * order.
 */
export function parseWwwAuthenticate(header: string | readonly string[]): MppChallenge[] {
  return mppChallenges(header)
}

/** The well-formed challenges of scheme `Payment` in a 402. */
export function extractChallenges(request: PaymentRequiredRequest): MppChallenge[] {
  return mppIn(request)
}

/** Whether a 402 asks for a payment of MPP. */
export function isMppPaymentRequired(request: PaymentRequiredRequest): boolean {
  return mppIn(request).length > 0
}

/** How {@link selectChallenge} chooses. */
export interface ChallengeSelection {
  /** The networks that the instrument is for. */
  instrumentNetwork: NetworkFamily
  /**
   * Networks by their names in x402 or CAIP-2, the preferred first. The empty list leaves the choice to the
   * seller.
   *
   * @default NETWORK_PREFERENCES
   */
  networkPreferences?: readonly string[] | undefined
  /** The time, to find challenges that have expired. Unit: ms since the epoch. @default Date.now() */
  nowMs?: number | undefined
}

/**
 * The challenge that `generatePaymentHeader` would pay, without limits of its own.
 *
 * @throws MppChallengeSelectionError if an instrument of that kind can pay none of them.
 */
export function selectChallenge(
  challenges: readonly MppChallenge[],
  { instrumentNetwork, networkPreferences, nowMs = Date.now() }: ChallengeSelection,
): MppChallenge {
  const given = asInput(() => optionalNetworks('networkPreferences', networkPreferences))
  const selection = selectMpp(challenges, {
    family: instrumentNetwork,
    networkPreferences: given ?? NETWORK_PREFERENCES,
    limits: checkSignedLimits({}),
    nowMs,
  })
  if (selection instanceof Error) throw selection
  return selection.challenge
}
