import { isAssetRequirement, isPlanRequirement, type PaymentRequired } from '../../wire/x402.js'
import type { Settings } from '../options/settings.js'
import { requiredFor } from '../price/offer.js'
import { assetRail } from './asset-rail.js'
import { planRail } from './plan-rail.js'
import type { Rail } from './rail.js'

/**
 * The rail of a payment that another container chose, made from the challenge of that container.
 *
 * @returns `undefined` if this container's options have no such rail.
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
