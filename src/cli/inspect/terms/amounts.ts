import { amountText, unitOfAsset } from '../../output/amounts.js'
import { knownAsset } from '../../../seller/options/money/assets.js'
import { creditsText, toAmount } from '../../../wire/amounts.js'
import { caip2, nameInV1 } from '../../../wire/networks.js'
import { safeText } from '../secrets.js'

/** An amount in atomic units and in money: `10000 = 0.01 USDC`. */
export function moneyText(amount: unknown, asset: unknown, network: unknown): string | undefined {
  if (amount === undefined || amount === null) return undefined
  const shown = safeText(typeof amount === 'string' ? amount : JSON.stringify(amount))
  const units = toAmount(amount)
  if (units === undefined) return shown
  const on = typeof network === 'string' ? caip2(network) : ''
  const known = typeof asset === 'string' && knownAsset(on, asset)
  if (!known) return `${shown} in the smallest unit of the asset`
  return `${shown} = ${amountText({ units, unit: unitOfAsset(asset, on) })}`
}

/** A token in words: `0x036C… (USDC, 6 decimals)`. */
export function assetText(asset: unknown, network: unknown): string | undefined {
  if (typeof asset !== 'string') return undefined
  const known = typeof network === 'string' && knownAsset(caip2(network), asset)
  const shown = safeText(asset, 'asset')
  return known ? `${shown} (USDC, ${known.decimals} decimals)` : `${shown} (not known here)`
}

/** A network with its name: `eip155:84532 (base-sepolia)`. */
export function networkWords(network: unknown): string | undefined {
  if (typeof network !== 'string') return undefined
  const shown = safeText(network, 'network')
  const inCaip2 = caip2(network)
  if (inCaip2 !== network) return `${shown} (${inCaip2})`
  const name = nameInV1(network)
  return name === undefined ? shown : `${shown} (${name})`
}

/** An amount of credits: `2 credits`. */
export function creditsWords(credits: unknown): string | undefined {
  if (typeof credits !== 'string' && typeof credits !== 'number') return undefined
  return creditsText(safeText(String(credits)))
}
