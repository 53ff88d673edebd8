import { CREDITS_EXTENSION, type PaymentRequired } from './x402.js'

/**
 * What a buyer is shown: what the facilitator is asked about, and the price, which Nevermined's
 * requirements have no field for. `maxCredits` is the most a call may cost, where that is not `credits`.
 * Decimal strings.
 */
export function offerOf(
  paymentRequired: PaymentRequired,
  credits: bigint,
  maxCredits: bigint | undefined,
): PaymentRequired {
  const info = {
    credits: credits.toString(),
    ...(maxCredits !== undefined && { maxCredits: maxCredits.toString() }),
  }
  return {
    ...paymentRequired,
    extensions: { ...paymentRequired.extensions, [CREDITS_EXTENSION]: { info } },
  }
}

/** The stated price for people, e.g. `1 credit` or `2 to 5 credits`; `undefined` if none is stated. */
export function priceText({ extensions }: PaymentRequired): string | undefined {
  const { info } = (extensions[CREDITS_EXTENSION] ?? {}) as { info?: Record<string, string> }
  if (info?.['credits'] === undefined) return undefined
  const { credits, maxCredits = credits } = info
  if (maxCredits === credits) return `${credits} ${credits === '1' ? 'credit' : 'credits'}`
  return `${credits} to ${maxCredits} credits`
}
