import type { FoundPayment, Payment } from '../events/payment-carriers.js'
import { PaymentRefusedError, PaymentRequiredError } from '../../errors/payment-error.js'
import { lazy } from '../../lazy.js'
import { requiredFor } from '../price/offer.js'
import type { PlanQuote, Quote } from '../price/price.js'
import type { Settings } from '../options/settings.js'
import type { PaymentRequired } from '../../wire/x402.js'
import type { Chosen } from './chosen.js'
import { planRail } from '../rails/plan-rail.js'

/**
 * Chooses the offered way to pay that fits the payment. A payment in money is known by its scheme. Any other
 * payment is relayed to the facilitator of the plans.
 *
 * @throws PaymentRequiredError if there is no payment, or none that can be read.
 * @throws PaymentRefusedError if it pays for nothing that is sold here. Other problems are noted in
 * `mismatch`.
 */
export async function choosePayment(
  quoted: Quote,
  found: FoundPayment,
  settings: Settings,
): Promise<Chosen> {
  const { offer, plan, asset } = quoted
  const payment = requirePayment(found, offer)
  const inMoney =
    asset === undefined
      ? 'unreadable'
      : (await money()).chooseAsset({ offer, asset }, payment, settings)
  if (typeof inMoney === 'object') return inMoney
  if (plan !== undefined) return choosePlan(offer, plan, payment)
  if (inMoney === 'unreadable') throw malformed(offer)
  throw new PaymentRefusedError('verification_refused', 'unsupported_scheme', offer)
}

/** Handles payments in money. It is loaded by the first call of a tool that has a price in money. */
const money = lazy(() => import('../rails/choose-asset.js'))

function requirePayment(payment: FoundPayment, offer: PaymentRequired): Payment {
  switch (payment.kind) {
    case 'token':
      return payment
    case 'none':
      throw new PaymentRequiredError('payment_required', 'payment required', offer)
    case 'malformed':
      throw malformed(offer)
    case 'ambiguous':
      throw new PaymentRequiredError(
        'payment_ambiguous',
        'two different payments in one call',
        offer,
      )
  }
}

function malformed(offer: PaymentRequired): PaymentRequiredError {
  return new PaymentRequiredError('payment_malformed', 'payment malformed', offer)
}

function choosePlan(offer: PaymentRequired, plan: PlanQuote, payment: Payment): Chosen {
  const { facilitator, accepts, credits, maxCredits } = plan
  return {
    offer,
    rail: planRail({ facilitator, paymentRequired: requiredFor(offer, accepts) }),
    amount: credits,
    verifyAmount: maxCredits ?? credits,
    maxAmount: maxCredits,
    token: payment.token,
    payload: payment.payload,
    paymentId: undefined,
    mismatch: undefined,
  }
}
