import { knownAsset, toDecimal } from '../../seller/options/money/assets.js'
import { creditsText } from '../../wire/amounts.js'
import { isRecord } from '../../wire/json.js'
import { CREDITS_EXTENSION } from '../../wire/x402.js'

/** What a challenge asks for, e.g. `1 credit or $0.01`. */
export function priceIn({ accepts, extensions }: Record<string, unknown>): string | undefined {
  const ways = Array.isArray(accepts) ? accepts.filter(isRecord) : []
  const credits = ways.some(({ planId }) => planId !== undefined) && creditsIn(extensions)
  const money = ways.filter(({ payTo }) => payTo !== undefined).map(priceOf)
  const all = [...(credits === false ? [] : [credits]), ...money]
  return all.length === 0 ? undefined : [...new Set(all)].join(' or ')
}

function creditsIn(extensions: unknown): string {
  const stated = isRecord(extensions) ? extensions[CREDITS_EXTENSION] : undefined
  const info = isRecord(stated) && isRecord(stated['info']) ? stated['info'] : {}
  const { credits, maxCredits = credits } = info
  if (typeof credits !== 'string') return 'credits'
  return maxCredits === credits
    ? creditsText(credits)
    : `${credits} to ${String(maxCredits)} credits`
}

function priceOf({ scheme, amount, asset, network }: Record<string, unknown>): string {
  const price = moneyText(String(amount), asset, network)
  return scheme === 'upto' ? `up to ${price}` : price
}

/** An amount in words: `$0.01`, or `5 units of 0x…`. */
export function moneyText(amount: string, asset: unknown, network: unknown): string {
  const known =
    typeof asset === 'string' && typeof network === 'string'
      ? knownAsset(network, asset)
      : undefined
  if (known !== undefined) return `$${toDecimal(amount, known.decimals)}`
  return `${amount} units of ${typeof asset === 'string' ? asset : 'an asset'}`
}
