import type { PlanQuote } from './price.js'
import {
  CREDITS_EXTENSION,
  PAYMENT_IDENTIFIER,
  type AssetRequirements,
  type PaymentRequired,
  type PaymentRequirements,
} from '../../wire/x402.js'

/** What is asked of buyers beside a payment. */
export interface OfferSettings {
  readonly paymentIdentifier: 'optional' | 'required' | 'off'
}

/**
 * What a buyer is shown: plans and money side by side, and the price in credits, which Nevermined's
 * requirements have no field for. `maxCredits` is the most a call may cost, where that is not `credits`.
 * Decimal strings.
 */
export function offerOf(
  resource: PaymentRequired['resource'],
  plan: Pick<PlanQuote, 'accepts' | 'credits' | 'maxCredits'> | undefined,
  asset: AssetRequirements | undefined,
  { paymentIdentifier }: OfferSettings,
): PaymentRequired {
  return {
    x402Version: 2,
    resource,
    accepts: [...(plan?.accepts ?? []), ...(asset === undefined ? [] : [asset])],
    extensions: {
      ...(plan !== undefined && { [CREDITS_EXTENSION]: { info: creditsInfo(plan) } }),
      ...(asset !== undefined && identifierExtension(paymentIdentifier)),
    },
  }
}

/** What is asked about some ways to pay, without what buyers are told beside them. */
export function requiredFor<T extends PaymentRequirements>(
  { resource }: PaymentRequired,
  accepts: T[],
): PaymentRequired<T> {
  return { x402Version: 2, resource, accepts, extensions: {} }
}

function creditsInfo({
  credits,
  maxCredits,
}: Pick<PlanQuote, 'credits' | 'maxCredits'>): Record<string, string> {
  return {
    credits: credits.toString(),
    ...(maxCredits !== undefined && { maxCredits: maxCredits.toString() }),
  }
}

/** What a challenge says of the extension `payment-identifier`. */
function identifierExtension(mode: 'optional' | 'required' | 'off'): Record<string, unknown> {
  if (mode === 'off') return {}
  return { [PAYMENT_IDENTIFIER]: { info: { required: mode === 'required' }, schema: SCHEMA } }
}

/** As `@x402/extensions` advertises it. */
const SCHEMA = {
  type: 'object',
  properties: {
    required: { type: 'boolean' },
    id: { type: 'string', minLength: 16, maxLength: 128, pattern: '^[a-zA-Z0-9_-]+$' },
  },
  required: ['required'],
} as const
