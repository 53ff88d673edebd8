import { PaymentRefusedError, PaymentRequiredError } from '../../errors/payment-error.js'
import { readIdentifier } from '../../wire/payment-identifier.js'
import type { PaymentRequired } from '../../wire/x402.js'
import type { Payment } from '../events/payment-carriers.js'
import type { Settings } from '../options/settings.js'
import type { AssetQuote } from '../price/price.js'
import { assetRail } from './asset-rail.js'
import { isAssetPayment, mismatchOf } from './match-terms.js'
import type { OfferedPayment } from './payment.js'
import type { Rail } from './rail.js'

/** A call that is sold for money. */
interface InMoney {
  readonly offer: PaymentRequired
  readonly asset: AssetQuote
}

/** A payment in money, with its rail. */
type ChosenAsset = OfferedPayment & { readonly rail: Rail }

/**
 * Accepts a payment in money. Such a payment is known by its scheme.
 *
 * @returns `'unreadable'` if it is no base64 of a JSON object.
 * @throws PaymentRequiredError if the buyer's id of the payment is invalid.
 */
export function chooseAsset(
  { offer, asset }: InMoney,
  payment: Payment,
  { paymentIdentifier, rpcUrls, now }: Settings,
): ChosenAsset | 'unreadable' | 'other scheme' {
  const payload = readPayload(payment)
  if (payload === undefined) return 'unreadable'
  if (!isAssetPayment(payload)) return 'other scheme'
  const { facilitators, requirements } = asset
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
    token: payment.token,
    payload,
    paymentId: identifier.id,
    mismatch:
      problem === undefined
        ? undefined
        : new PaymentRefusedError('verification_refused', problem, offer),
  }
}

/**
 * The decoded payment. Decoders of base64 skip other characters: a payment that says more than it seems to is
 * refused.
 */
function readPayload({ token, payload }: Payment): Record<string, unknown> | undefined {
  const isBase64 = /^[\w+/-]+={0,2}$/.test(token)
  return isBase64 && isWithin(MAX_LEVELS, payload) ? payload : undefined
}

/** No payment is nested this deep. A payment nested deeper than the stack cannot be sent on. */
const MAX_LEVELS = 64

function isWithin(levels: number, value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return true
  return levels > 0 && Object.values(value).every((one) => isWithin(levels - 1, one))
}
