import { creditsText } from '../../wire/amounts.js'
import { knownAsset, toDecimal } from '../options/money/assets.js'
import {
  CREDITS_EXTENSION,
  isAssetRequirement,
  isPlanRequirement,
  type AssetRequirements,
  type PaymentRequired,
} from '../../wire/x402.js'

/** The price of every way to pay, in words. */
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
  if (maxCredits === credits) return creditsText(credits)
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
