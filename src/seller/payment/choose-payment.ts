import type { FoundPayment } from '../events/payment-carriers.js'
import { PaymentRefusedError, PaymentRequiredError } from '../../errors/payment-error.js'
import { requiredFor } from '../price/offer.js'
import type { PlanQuote, Quote } from '../price/price.js'
import type { Settings } from '../options/settings.js'
import { isAssetPayment, mismatchOf } from './match-terms.js'
import { readIdentifier } from '../../wire/payment-identifier.js'
import { type AssetRequirements, type PaymentRequired, decodeHeader } from '../../wire/x402.js'
import type { Chosen } from './payment.js'

/**
 * The payment that came decides by which of the offered ways it is taken: one in money by its scheme, any
 * other is relayed to the facilitator of the plans.
 *
 * @throws PaymentRequiredError if there is none, or none that can be read.
 * @throws PaymentRefusedError if it is for something else than is sold here.
 */
export function choosePayment(quoted: Quote, found: FoundPayment, settings: Settings): Chosen {
  const { offer, plan, asset } = quoted
  const token = requireToken(found, offer)
  const payload = asset === undefined ? undefined : readPayload(token)
  if (asset !== undefined && payload !== undefined && isAssetPayment(payload)) {
    return chooseAsset(offer, asset, token, payload, settings)
  }
  if (plan !== undefined) return choosePlan(offer, plan, token)
  if (payload === undefined) throw malformed(offer)
  throw new PaymentRefusedError('verification_refused', 'unsupported_scheme', offer)
}

/** Decoders of base64 skip what is none; a payment that says more than it seems to is refused. */
function readPayload(token: string): Record<string, unknown> | undefined {
  const payload = /^[\w+/-]+={0,2}$/.test(token) ? decodeHeader(token) : undefined
  return isWithin(MAX_LEVELS, payload) ? payload : undefined
}

/** Nothing that is paid with nests so deep, and what nests deeper than the stack cannot be sent on. */
const MAX_LEVELS = 64

function isWithin(levels: number, value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return true
  return levels > 0 && Object.values(value).every((one) => isWithin(levels - 1, one))
}

function requireToken(payment: FoundPayment, offer: PaymentRequired): string {
  switch (payment.kind) {
    case 'token':
      return payment.token
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

function choosePlan(offer: PaymentRequired, plan: PlanQuote, token: string): Chosen {
  const { accepts, credits, maxCredits } = plan
  return {
    offer,
    terms: { kind: 'plan', paymentRequired: requiredFor(offer, accepts) },
    amount: credits,
    verifyAmount: maxCredits ?? credits,
    maxAmount: maxCredits,
    token,
    paymentId: undefined,
  }
}

function chooseAsset(
  offer: PaymentRequired,
  requirements: AssetRequirements,
  token: string,
  payload: Record<string, unknown>,
  { paymentIdentifier, now }: Settings,
): Chosen {
  const identifier = readIdentifier(payload, paymentIdentifier)
  if ('problem' in identifier) {
    throw new PaymentRequiredError('payment_identifier_invalid', identifier.problem, offer)
  }
  const own = { requirements, resourceUrl: offer.resource.url, nowSeconds: now() / 1000 }
  const problem = mismatchOf(payload, own)
  if (problem !== undefined) throw new PaymentRefusedError('verification_refused', problem, offer)
  const amount = BigInt(requirements.amount)
  return {
    offer,
    terms: { kind: 'asset', requirements },
    amount,
    verifyAmount: amount,
    maxAmount: amount,
    token,
    paymentId: identifier.id,
  }
}
