import type { FoundPayment, Payment } from '../events/payment-carriers.js'
import { PaymentRefusedError, PaymentRequiredError } from '../../errors/payment-error.js'
import { requiredFor } from '../price/offer.js'
import type { AssetQuote, PlanQuote, Quote } from '../price/price.js'
import type { Settings } from '../options/settings.js'
import { isAssetPayment, mismatchOf } from '../rails/match-terms.js'
import { readIdentifier } from '../../wire/payment-identifier.js'
import { isAssetRequirement, isPlanRequirement, type PaymentRequired } from '../../wire/x402.js'
import { assetRail } from '../rails/asset-rail.js'
import type { Chosen } from './chosen.js'
import { planRail } from '../rails/plan-rail.js'
import type { Rail } from '../rails/rail.js'

/**
 * The payment that came decides by which of the offered ways it is taken: one in money by its scheme, any
 * other is relayed to the facilitator of the plans.
 *
 * @throws PaymentRequiredError if there is none, or none that can be read.
 * @throws PaymentRefusedError if it is for nothing that is sold here; of other problems it says so in `mismatch`.
 */
export function choosePayment(quoted: Quote, found: FoundPayment, settings: Settings): Chosen {
  const { offer, plan, asset } = quoted
  const payment = requirePayment(found, offer)
  const payload = asset === undefined ? undefined : readPayload(payment)
  if (asset !== undefined && payload !== undefined && isAssetPayment(payload)) {
    return chooseAsset(quoted, asset, { ...payment, payload }, settings)
  }
  if (plan !== undefined) return choosePlan(offer, plan, payment)
  if (payload === undefined) throw malformed(offer)
  throw new PaymentRefusedError('verification_refused', 'unsupported_scheme', offer)
}

/** Decoders of base64 skip what is none; a payment that says more than it seems to is refused. */
function readPayload({ token, payload }: Payment): Record<string, unknown> | undefined {
  const isBase64 = /^[\w+/-]+={0,2}$/.test(token)
  return isBase64 && isWithin(MAX_LEVELS, payload) ? payload : undefined
}

/** Nothing that is paid with nests so deep, and what nests deeper than the stack cannot be sent on. */
const MAX_LEVELS = 64

function isWithin(levels: number, value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return true
  return levels > 0 && Object.values(value).every((one) => isWithin(levels - 1, one))
}

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

/**
 * The rail of a payment that another container chose, made from what that container offered.
 *
 * @returns `undefined` where the options of this container sell by no such rail.
 */
export function railNamed(
  name: string,
  offer: PaymentRequired,
  {
    facilitator,
    facilitators,
    rpcUrls,
  }: Pick<Settings, 'facilitator' | 'facilitators' | 'rpcUrls'>,
): Rail | undefined {
  if (name === 'asset') {
    const requirements = offer.accepts.find(isAssetRequirement)
    if (facilitators === undefined || requirements === undefined) return undefined
    return assetRail({ facilitators, requirements, offer, rpcUrls })
  }
  if (facilitator === undefined) return undefined
  const plans = offer.accepts.filter(isPlanRequirement)
  return planRail({ facilitator, paymentRequired: requiredFor(offer, plans) })
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

function chooseAsset(
  { offer }: Quote,
  { facilitators, requirements }: AssetQuote,
  { token, payload }: Payment & { payload: Record<string, unknown> },
  { paymentIdentifier, rpcUrls, now }: Settings,
): Chosen {
  const identifier = readIdentifier(payload, paymentIdentifier)
  if ('problem' in identifier) {
    throw new PaymentRequiredError('payment_identifier_invalid', identifier.problem, offer)
  }
  const own = { requirements, resourceUrl: offer.resource.url, nowSeconds: now() / 1000 }
  const problem = mismatchOf(payload, own)
  const amount = BigInt(requirements.amount)
  return {
    offer,
    rail: assetRail({ facilitators, requirements, offer, rpcUrls }),
    amount,
    verifyAmount: amount,
    maxAmount: amount,
    token,
    payload,
    paymentId: identifier.id,
    mismatch:
      problem === undefined
        ? undefined
        : new PaymentRefusedError('verification_refused', problem, offer),
  }
}
