import { knownAsset, toDecimal } from '../../seller/options/money/assets.js'
import type { RefundDue } from '../../seller/options/payment-events.js'
import type { PaymentRecord } from '../../seller/options/payment-record.js'
import { toAmount } from '../../wire/amounts.js'
import type { SettleResponse } from '../../wire/x402.js'
import { nameInV1 } from '../../wire/networks.js'

/** What an amount is counted in. Amounts of different units are never added. */
export interface Unit {
  readonly id: string
  /** What follows the number: `USDC`, `credits`, or atomic units of an asset. */
  readonly name: string
  /** Where it counts: a plan, or a network. */
  readonly of: string
  readonly decimals: number
  readonly planId?: string | undefined
  readonly network?: string | undefined
  readonly asset?: string | undefined
}

/** An amount with its unit. */
export interface Amount {
  readonly units: bigint
  readonly unit: Unit
}

type Charged = Pick<PaymentRecord, 'sold' | 'asked' | 'settlement' | 'refund'>

/** What was taken, or is asked for if nothing was taken. `undefined` in records that do not say it. */
export function amountOf(record: Charged): Amount | undefined {
  const { sold, refund } = record
  const isCredits = sold === undefined ? refund?.credits !== undefined : sold.rail === 'plan'
  return isCredits ? inCredits(record) : inMoney(record)
}

function inCredits(record: Charged): Amount | undefined {
  const { asked, settlement } = record
  const [sold, refund]: Named[] = [record.sold ?? {}, record.refund ?? {}]
  const named = toAmount(first(refund?.credits, asked?.amount, sold?.credits))
  const units = settlement === undefined ? named : settlement.creditsUsed
  const unit = creditsOf(first(sold?.planId, refund?.planId))
  return units === undefined ? undefined : { units, unit }
}

function inMoney(record: Charged): Amount | undefined {
  const [sold, refund]: Named[] = [record.sold ?? {}, record.refund ?? {}]
  const settled: Partial<SettleResponse> = record.settlement?.settled ?? {}
  const amounts = [settled['amount'], refund?.amount, record.asked?.amount, sold?.amount]
  const units = toAmount(first(...amounts))
  if (units === undefined) return undefined
  const network = first(settled.network, sold?.network, refund?.network) ?? ''
  return { units, unit: unitOfAsset(first(sold?.asset, refund?.asset), network) }
}

/** What a quote and a refund have in common. */
type Named = Partial<Pick<RefundDue, 'credits' | 'amount' | 'asset' | 'planId' | 'network'>>

/** The first of several values that is there. */
export function first<T>(...values: readonly (T | null | undefined)[]): T | undefined {
  return values.find((value) => value !== undefined && value !== null && value !== '') ?? undefined
}

/** The amount of a refund. */
export function refundAmount({ sold, refund }: Charged): Amount | undefined {
  if (refund === undefined) return undefined
  const { credits, amount, asset, network, planId } = refund
  const units = toAmount(credits ?? amount)
  if (units === undefined) return undefined
  if (credits !== undefined) return { units, unit: creditsOf(planId ?? sold?.planId) }
  return { units, unit: unitOfAsset(asset ?? sold?.asset, network ?? sold?.network ?? '') }
}

/** `0.01 USDC`, `5 credits`, or `10000 of 0x036C…`. */
export function amountText({ units, unit }: Amount): string {
  const number = decimalText(units, unit)
  if (unit.name === 'credits' && units === 1n) return `${number} credit`
  return `${number} ${unit.name}`
}

/** The number of an amount, such as `0.01`. */
export function decimalText(units: bigint, { decimals }: Pick<Unit, 'decimals'>): string {
  return decimals === 0 ? units.toString() : toDecimal(units.toString(), decimals)
}

/** The name of a network in words, if it has one. */
export function networkText(network: string): string {
  return nameInV1(network) ?? network
}

function creditsOf(planId: string | undefined): Unit {
  return {
    id: `credits|${planId ?? ''}`,
    name: 'credits',
    of: planId === undefined ? 'an unknown plan' : `plan ${planId}`,
    decimals: 0,
    planId,
  }
}

/** The unit of an asset. Tokens that are not known here have no decimals. */
export function unitOfAsset(asset: string | undefined, network: string): Unit {
  const known = asset === undefined ? undefined : knownAsset(network, asset)
  return {
    id: `${network}|${asset?.toLowerCase() ?? ''}`,
    name: known === undefined ? `atomic units of ${asset ?? 'an unknown asset'}` : 'USDC',
    of: networkText(network),
    decimals: known?.decimals ?? 0,
    network: network === '' ? undefined : network,
    asset,
  }
}
