import { onlyKnown, optionalAmount, optionalSeconds, texts } from '../../checks.js'
import { OptionsError } from '../../errors/payment-error.js'
import { caip2, isAwsNetwork } from '../../wire/networks.js'
import { sameId, type Amount } from '../../wire/amounts.js'
import { DEFAULT_VALID_SECONDS, isValidFor } from '../../wire/signed-terms.js'

/**
 * What a single payment may be. How much all payments together may be is for the payment session to say.
 *
 * Limits of a payer or of one payment hold beside the limits of the manager, limit by limit, and never widen them. What
 * is paid is in every list that is given, and no more than any amount that is given.
 */
export interface SpendLimits {
  /**
   * The schemes that may be paid, the preferred first. `mpp:charge` is MPP's single payment.
   *
   * @default ['exact', 'upto', 'mpp:charge']
   */
  schemes?: readonly string[] | undefined
  /**
   * The assets that may be paid with, as `<network>/<asset>`, or as `<asset>` on any network.
   *
   * @default any
   */
  assets?: readonly string[] | undefined
  /**
   * The addresses that may be paid.
   *
   * @default any
   */
  payees?: readonly string[] | undefined
  /**
   * The most that one payment may be, of whatever asset is asked for. Give `assets` too, since atomic units differ
   * between assets. Unit: atomic units of the asset.
   *
   * @default what is left in the session
   */
  maxAmountPerPayment?: Amount | undefined
  /**
   * The longest that a signed payment may be valid: nobody can take back what is signed. It holds for what a seller
   * asks for, and again for what AWS signed. Unit: s, 1 or more.
   *
   * @default 3600
   */
  maxTimeoutSeconds?: number | undefined
}

export type SpendLimitName = keyof SpendLimits

/** What is not given is no limit yet: defaults hold where nobody gives one. */
export interface CheckedSpendLimits {
  schemes: readonly string[] | undefined
  /** Each of these lists has to allow what is paid. */
  assets: readonly (readonly string[])[]
  payees: readonly (readonly string[])[]
  maxAmountPerPayment: bigint | undefined
  maxTimeoutSeconds: number | undefined
}

/** What is asked for, whatever protocol it is asked in. */
export interface Terms {
  scheme: string
  network: string | undefined
  asset: string | undefined
  payees: readonly string[]
  amount: bigint | undefined
  /** How long a payment would be valid, `undefined` where its seller does not say. Unit: seconds. */
  timeoutSeconds: unknown
}

export const DEFAULT_SCHEMES = ['exact', 'upto', 'mpp:charge']

const NAMES: Record<SpendLimitName, true> = {
  schemes: true,
  assets: true,
  payees: true,
  maxAmountPerPayment: true,
  maxTimeoutSeconds: true,
}

/** @throws OptionsError naming the limit that is unknown or not of its kind. */
export function checkSpendLimits(limits: SpendLimits = {}): CheckedSpendLimits {
  onlyKnown('limits', limits, NAMES)
  const { maxAmountPerPayment: most, maxTimeoutSeconds: longest } = limits
  const maxAmountPerPayment = optionalAmount('limits.maxAmountPerPayment', most)
  const [assets, payees] = [list('assets', limits.assets), list('payees', limits.payees)]
  refuseAwsNetworks('limits.assets', assets)
  return {
    schemes: list('schemes', limits.schemes),
    assets: assets === undefined ? [] : [assets],
    payees: payees === undefined ? [] : [payees],
    maxAmountPerPayment,
    maxTimeoutSeconds: optionalSeconds('limits.maxTimeoutSeconds', longest),
  }
}

/** @throws OptionsError naming the list, if one of its assets is where nothing can be signed. */
export function refuseAwsNetworks(name: string, assets: readonly string[] = []): void {
  const at = assets.findIndex(isAwsNetwork)
  if (at === -1) return
  const why = 'aws:* is of AWS Marketplace, where nothing can sign'
  throw new OptionsError(`${name}[${at}]`, `${why}; expected <network>/<asset> of another network`)
}

function list(limit: SpendLimitName, value: unknown): readonly string[] | undefined {
  return value === undefined ? undefined : texts(`limits.${limit}`, value)
}

/** Both limits together. Of the schemes, the order of the first counts. */
export function narrowed(one: CheckedSpendLimits, other: CheckedSpendLimits): CheckedSpendLimits {
  return {
    schemes: both(one.schemes, other.schemes, (a, b) => a.filter((name) => b.includes(name))),
    assets: [...one.assets, ...other.assets],
    payees: [...one.payees, ...other.payees],
    maxAmountPerPayment: both(one.maxAmountPerPayment, other.maxAmountPerPayment, smaller),
    maxTimeoutSeconds: both(one.maxTimeoutSeconds, other.maxTimeoutSeconds, smaller),
  }
}

function both<T>(a: T | undefined, b: T | undefined, join: (a: T, b: T) => T): T | undefined {
  return a === undefined ? b : b === undefined ? a : join(a, b)
}

function smaller<T extends bigint | number>(a: T, b: T): T {
  return a < b ? a : b
}

/** The preferred first. */
export function schemesOf({ schemes = DEFAULT_SCHEMES }: CheckedSpendLimits): readonly string[] {
  return schemes
}

/** The longest a payment may be valid. Unit: seconds. */
export function longestOf({ maxTimeoutSeconds }: CheckedSpendLimits): number {
  return maxTimeoutSeconds ?? DEFAULT_VALID_SECONDS
}

/** @returns the first limit that forbids it. What is not stated is not within a limit of what is paid. */
export function missedLimit(terms: Terms, limits: CheckedSpendLimits): SpendLimitName | undefined {
  const { assets, payees, maxAmountPerPayment } = limits
  if (!schemesOf(limits).includes(terms.scheme)) return 'schemes'
  if (!assets.every((list) => list.some((asset) => isAsset(terms, asset)))) return 'assets'
  if (!payees.every((list) => areAll(terms.payees, list))) return 'payees'
  if (!isValidFor(terms.timeoutSeconds, longestOf(limits))) return 'maxTimeoutSeconds'
  if (maxAmountPerPayment === undefined) return undefined
  const isLittle = terms.amount !== undefined && terms.amount <= maxAmountPerPayment
  return isLittle ? undefined : 'maxAmountPerPayment'
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
