import { sameId } from '../wire/amounts.js'
import { caip2 } from '../wire/networks.js'
import { DEFAULT_VALID_SECONDS, isValidFor } from '../wire/signed-terms.js'
import type { CheckedSignedLimits } from './check-limits.js'
import type { SignedLimitName } from './signed-payment-limits.js'

/** What a seller asks for, in any protocol. */
export interface Terms {
  scheme: string
  network: string | undefined
  asset: string | undefined
  payees: readonly string[]
  amount: bigint | undefined
  /** How long a payment would be valid; `undefined` if its seller does not say. Unit: seconds. */
  timeoutSeconds: unknown
  /**
   * The Nevermined plan that pays, as the buyer listed it. Limits of assets and payees do not count for a
   * plan.
   */
  planId?: string | undefined
}

/** The schemes that may be paid if none are listed, the preferred first. */
export const DEFAULT_SCHEMES: readonly string[] = ['exact', 'upto', 'mpp:charge']

/** A limit of what a seller asks for. The host that asks is not part of that. */
export type TermsLimitName = Exclude<SignedLimitName, 'hosts'>

/** The schemes that may be paid, the preferred first. */
export function schemesOf({ schemes = DEFAULT_SCHEMES }: CheckedSignedLimits): readonly string[] {
  return schemes
}

/** The longest that a payment may be valid. Unit: seconds. */
export function longestOf({ maxTimeoutSeconds }: CheckedSignedLimits): number {
  return maxTimeoutSeconds ?? DEFAULT_VALID_SECONDS
}

/**
 * Checks in this order: scheme, asset, payee, how long the payment is valid, and the amount.
 *
 * @returns the first limit that forbids the payment. If the seller does not state a value, it is outside that
 * limit.
 */
export function missedLimit(terms: Terms, limits: CheckedSignedLimits): TermsLimitName | undefined {
  if (!schemesOf(limits).includes(terms.scheme)) return 'schemes'
  const inMoney = terms.planId === undefined ? missedInMoney(terms, limits) : undefined
  if (inMoney !== undefined) return inMoney
  if (!isValidFor(terms.timeoutSeconds, longestOf(limits))) return 'maxTimeoutSeconds'
  const { maxAmountPerPayment } = limits
  if (maxAmountPerPayment === undefined) return undefined
  const isLittle = terms.amount !== undefined && terms.amount <= maxAmountPerPayment
  return isLittle ? undefined : 'maxAmountPerPayment'
}

function missedInMoney(
  terms: Terms,
  { assets, payees }: CheckedSignedLimits,
): TermsLimitName | undefined {
  if (!assets.every((list) => list.some((asset) => isAsset(terms, asset)))) return 'assets'
  return payees.every((list) => areAll(terms.payees, list)) ? undefined : 'payees'
}

function isAsset({ network, asset }: Terms, allowed: string): boolean {
  const at = allowed.indexOf('/')
  const isThere = at === -1 || sameNetwork(network, allowed.slice(0, at))
  return asset !== undefined && isThere && sameId(asset, allowed.slice(at + 1))
}

function sameNetwork(a: string | undefined, b: string): boolean {
  return a !== undefined && caip2(a).toLowerCase() === caip2(b).toLowerCase()
}

function areAll(asked: readonly string[], allowed: readonly string[]): boolean {
  return asked.length > 0 && asked.every((one) => allowed.some((other) => sameId(one, other)))
}
