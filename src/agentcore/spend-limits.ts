import { OptionsError, PaymentError } from '../errors.js'
import { caip2 } from '../networks.js'
import { sameId, toAmount, type Amount } from './amounts.js'
import { onlyKnown, optionalTexts } from './checks.js'

/** What a single payment may be. How much all of them may be together is for the payment session to say. */
export interface SpendLimits {
  /**
   * Schemes that may be paid, the preferred first; `mpp:charge` is MPP's single payment.
   *
   * @default ['exact', 'upto', 'mpp:charge']
   */
  schemes?: readonly string[] | undefined
  /** Assets that may be paid with, as `<network>/<asset>`, or `<asset>` on any network. Default: any. */
  assets?: readonly string[] | undefined
  /** Who may be paid. Default: anybody. */
  payees?: readonly string[] | undefined
  /**
   * The most one payment may be, in atomic units. They are of whatever asset is asked for: not of
   * much use without `assets`. Default: what is left in the session.
   */
  maxAmountPerPayment?: Amount | undefined
}

export type SpendLimitName = keyof SpendLimits

export interface CheckedSpendLimits {
  schemes: readonly string[]
  assets: readonly string[] | undefined
  payees: readonly string[] | undefined
  maxAmountPerPayment: bigint | undefined
}

/** What is asked for, whatever protocol it is asked in. */
export interface Terms {
  scheme: string
  network: string | undefined
  asset: string | undefined
  payees: readonly string[]
  amount: bigint | undefined
}

const DEFAULT_SCHEMES = ['exact', 'upto', 'mpp:charge']
export const NO_LIMITS: CheckedSpendLimits = Object.freeze({
  schemes: DEFAULT_SCHEMES,
  assets: undefined,
  payees: undefined,
  maxAmountPerPayment: undefined,
})

const NAMES: Record<SpendLimitName, true> = {
  schemes: true,
  assets: true,
  payees: true,
  maxAmountPerPayment: true,
}

/** @throws OptionsError naming the limit that is unknown or not of its kind. */
export function checkSpendLimits(limits: SpendLimits): CheckedSpendLimits {
  onlyKnown('limits', limits, NAMES)
  const { maxAmountPerPayment: most } = limits
  const maxAmountPerPayment = toAmount(most)
  if (most !== undefined && maxAmountPerPayment === undefined) {
    const expected = 'expected a whole amount ≥ 0 as bigint or decimal string'
    throw new OptionsError('limits.maxAmountPerPayment', expected)
  }
  return {
    schemes: list('limits.schemes', limits.schemes) ?? DEFAULT_SCHEMES,
    assets: list('limits.assets', limits.assets),
    payees: list('limits.payees', limits.payees),
    maxAmountPerPayment,
  }
}

function list(name: string, value: unknown): readonly string[] | undefined {
  const items = optionalTexts(name, value)
  if (items?.length !== 0) return items
  throw new OptionsError(name, 'expected a non-empty list of non-empty strings')
}

/** @returns the first limit that forbids it. What is not stated is not within a limit. */
export function missedLimit(terms: Terms, limits: CheckedSpendLimits): SpendLimitName | undefined {
  const { schemes, assets, payees, maxAmountPerPayment } = limits
  if (!schemes.includes(terms.scheme)) return 'schemes'
  if (assets?.some((asset) => isAsset(terms, asset)) === false) return 'assets'
  if (payees !== undefined && !areAll(terms.payees, payees)) return 'payees'
  if (maxAmountPerPayment === undefined) return undefined
  const isLittle = terms.amount !== undefined && terms.amount <= maxAmountPerPayment
  return isLittle ? undefined : 'maxAmountPerPayment'
}

/** Why none of the ways to pay may be taken. */
export function forbidden(limit: SpendLimitName, { schemes }: CheckedSpendLimits): PaymentError {
  if (limit === 'schemes' && schemes === DEFAULT_SCHEMES) {
    const message = `no scheme is known (${schemes.join(', ')}); others need limits.schemes`
    return new PaymentError('payment_unusable', `${message}; nothing was paid`)
  }
  const message = `limits.${limit} forbids every way to pay that is offered; nothing was paid`
  return new PaymentError('limit_exceeded', message)
}

function isAsset({ network, asset }: Terms, allowed: string): boolean {
  const at = allowed.indexOf('/')
  const isThere = at === -1 || sameNetwork(network, allowed.slice(0, at))
  return asset !== undefined && isThere && sameId(asset, allowed.slice(at + 1))
}

function sameNetwork(a: string | undefined, b: string): boolean {
  return a !== undefined && caip2(a).toLowerCase() === caip2(b).toLowerCase()
}

function areAll(asked: readonly string[], allowed: readonly string[]): boolean {
  return asked.length > 0 && asked.every((one) => allowed.some((other) => sameId(one, other)))
}
