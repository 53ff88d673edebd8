import type { PaymentError } from '../../errors/payment-error.js'
import {
  expiryOf,
  isExpired,
  isForAuthorization,
  mppNetwork,
  type MppChallenge,
} from '../../wire/mpp.js'
import { isRecord } from '../../wire/json.js'
import { toAmount } from '../../wire/amounts.js'
import { MppChallengeSelectionError } from '../aws/errors.js'
import type { NetworkFamily } from '../manager/network-preference.js'
import { pick } from './best-offer.js'
import type { Buyer, MppSelection } from './selection.js'
import { forbidden } from './forbidden.js'
import type { Terms } from '../../limits/missed-limit.js'

/**
 * Chooses the challenge to pay: on the preferred network, the one that expires soonest. Challenges that do
 * not expire come after it, in the seller's order.
 */
export function selectMpp(
  challenges: readonly MppChallenge[],
  buyer: Buyer,
): MppSelection | PaymentError {
  const { family, nowMs, limits } = buyer
  const charges = challenges.filter(({ intent }) => intent === 'charge')
  if (charges.length === 0) return none('has intent charge')
  const valid = charges.filter((challenge) => !isExpired(challenge, nowMs))
  if (valid.length === 0) return none('is still valid')
  const sendable = valid.filter(isForAuthorization)
  if (sendable.length === 0) return none('takes its credential in Authorization')
  const payable = sendable.filter(({ method }) => FAMILIES[method] === family)
  if (payable.length === 0) return none(`can be paid from a wallet for ${family}`)
  const offers = payable
    .toSorted((a, b) => lastMoment(a) - lastMoment(b))
    .map((challenge) => ({ challenge, terms: termsOf(challenge, nowMs) }))
  const picked = pick(offers, buyer)
  if (typeof picked === 'string') return forbidden(picked, limits, offers)
  return { protocol: 'mpp', ...picked }
}

const FAMILIES: Readonly<Record<string, NetworkFamily>> = {
  evm: 'ETHEREUM',
  tempo: 'ETHEREUM',
  solana: 'SOLANA',
}

function none(what: string): MppChallengeSelectionError {
  return new MppChallengeSelectionError(`no MPP challenge ${what}; nothing was paid`)
}

function lastMoment(challenge: MppChallenge): number {
  return expiryOf(challenge) ?? Number.MAX_SAFE_INTEGER
}

function termsOf(challenge: MppChallenge, nowMs: number): Terms {
  const { amount, currency, recipient, methodDetails } = challenge.request
  const expiresMs = expiryOf(challenge)
  const splits: unknown = methodDetails?.['splits']
  // Parts of the amount go to others. A part that cannot be read goes to somebody who may not be paid.
  const others = Array.isArray(splits) ? splits.map(recipientOf) : []
  return {
    scheme: 'mpp:charge',
    network: mppNetwork(challenge),
    asset: currency ?? undefined,
    payees: [recipient ?? '', ...others],
    amount: toAmount(amount),
    timeoutSeconds: expiresMs && Math.ceil((expiresMs - nowMs) / 1000),
  }
}

function recipientOf(split: unknown): string {
  const recipient = isRecord(split) ? split['recipient'] : undefined
  return typeof recipient === 'string' ? recipient : ''
}
