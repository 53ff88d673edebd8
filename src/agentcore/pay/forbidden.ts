import { PaymentError } from '../../errors/payment-error.js'
import type { CheckedSignedLimits } from '../../limits/check-limits.js'
import {
  DEFAULT_SCHEMES,
  missedLimit,
  type Terms,
  type TermsLimitName,
} from '../../limits/missed-limit.js'
import { whyForbidden, whyHostForbidden } from '../../limits/why-forbidden.js'

/** The error if no way to pay is allowed. */
export function forbidden(
  limit: TermsLimitName,
  limits: CheckedSignedLimits,
  offers: readonly { readonly terms: Terms }[],
): PaymentError {
  if (limit === 'schemes' && limits.schemes === undefined) {
    const message = `the seller asks for none of the schemes ${DEFAULT_SCHEMES.join(', ')}; others need limits.schemes`
    return new PaymentError('payment_unusable', `${message}; nothing was paid`)
  }
  const terms = offers.map((offer) => offer.terms)
  const missed = terms.filter((one) => missedLimit(one, limits) === limit)
  return exceeded(whyForbidden(limit, limits, missed))
}

/** @throws PaymentError with code `limit_exceeded` if the host that asks may not be paid. */
export function requireAllowedHost(url: string | undefined, limits: CheckedSignedLimits): void {
  const why = whyHostForbidden(url, limits)
  if (why !== undefined) throw exceeded(why)
}

function exceeded(why: string): PaymentError {
  return new PaymentError('limit_exceeded', `${why}; nothing was paid`)
}
