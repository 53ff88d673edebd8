import type { PlanQuote } from './price.js'
import { knownAsset, toDecimal } from '../options/assets.js'
import { identifierExtension } from '../../wire/payment-identifier.js'
import {
  CREDITS_EXTENSION,
  isAssetRequirement,
  isPlanRequirement,
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

/** What to send, for people: the price of every way to pay. */
export function whatToSend({ accepts, extensions }: PaymentRequired): string {
  const plans = accepts.filter(isPlanRequirement).map(({ planId }) => planId)
  const costs = priceInCredits(extensions)
  const stated = costs === undefined ? '' : `it costs ${costs}; `
  const byPlan =
    plans.length === 0 ? [] : [`${stated}send a payment from plan ${plans.join(' or ')}`]
  return [...byPlan, ...accepts.filter(isAssetRequirement).map(priceInMoney)].join(', or ')
}

/** E.g. `1 credit` or `2 to 5 credits`; `undefined` if no price is stated. */
function priceInCredits(extensions: PaymentRequired['extensions']): string | undefined {
  const { info } = (extensions[CREDITS_EXTENSION] ?? {}) as { info?: Record<string, string> }
  if (info?.['credits'] === undefined) return undefined
  const { credits, maxCredits = credits } = info
  if (maxCredits === credits) return `${credits} ${credits === '1' ? 'credit' : 'credits'}`
  return `${credits} to ${maxCredits} credits`
}

function priceInMoney({ scheme, network, amount, asset }: AssetRequirements): string {
  const bound = scheme === 'upto' ? 'at most ' : ''
  const known = knownAsset(network, asset)
  const price = known
    ? `$${toDecimal(amount, known.decimals)} in USDC`
    : `${amount} units of ${asset}`
  return `send a payment of ${bound}${price} on ${network}`
}
