import type { PlanQuote } from './price.js'
import {
  CREDITS_EXTENSION,
  PAYMENT_IDENTIFIER,
  type AssetRequirements,
  type PaymentRequired,
  type PaymentRequirements,
} from '../../wire/x402.js'

/** What sellers ask of buyers besides a payment. */
export interface OfferSettings {
  readonly paymentIdentifier: 'optional' | 'required' | 'off'
}

/**
 * What a buyer is offered: plans and money side by side, and the price in credits. Nevermined's requirements
 * have no field for that price. `maxCredits` is the most that a call may cost, if that differs from
 * `credits`. Amounts are decimal strings.
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

/** The challenge for some of the ways to pay, without the text for people. */
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

/** The entry of the extension `payment-identifier` in a challenge. */
function identifierExtension(mode: 'optional' | 'required' | 'off'): Record<string, unknown> {
  if (mode === 'off') return {}
  return { [PAYMENT_IDENTIFIER]: { info: { required: mode === 'required' }, schema: SCHEMA } }
}

/** The schema with which `@x402/extensions` advertises the extension. */
const SCHEMA = {
  type: 'object',
  properties: {
    required: { type: 'boolean' },
    id: { type: 'string', minLength: 16, maxLength: 128, pattern: '^[a-zA-Z0-9_-]+$' },
  },
  required: ['required'],
} as const
