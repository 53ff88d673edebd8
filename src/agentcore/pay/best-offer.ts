import { preferenceOf } from '../manager/network-preference.js'
import type { Buyer } from './selection.js'
import {
  missedLimit,
  schemesOf,
  type Terms,
  type TermsLimitName,
} from '../../limits/missed-limit.js'

/** The order in which limits are checked. The later a way to pay fails, the closer it came. */
const ORDER: readonly TermsLimitName[] = [
  'schemes',
  'assets',
  'payees',
  'maxTimeoutSeconds',
  'maxAmountPerPayment',
]

/**
 * The best way to pay that the limits allow. The preferred network comes first, on it the preferred scheme,
 * and else the seller's order.
 *
 * @returns the limit that forbids the closest way to pay, if all are forbidden.
 */
export function pick<T extends { terms: Terms }>(
  offers: readonly T[],
  { networkPreferences, limits }: Pick<Buyer, 'networkPreferences' | 'limits'>,
): T | TermsLimitName {
  const misses = offers.map(({ terms }) => missedLimit(terms, limits))
  const schemes = schemesOf(limits)
  const rank = ({ terms }: T) => preferenceOf(terms.network, networkPreferences)
  const [best] = offers
    .filter((_, i) => misses[i] === undefined)
    .sort(
      (a, b) =>
        rank(a) - rank(b) || schemes.indexOf(a.terms.scheme) - schemes.indexOf(b.terms.scheme),
    )
  return best ?? ORDER.findLast((limit) => misses.includes(limit)) ?? 'schemes'
}
