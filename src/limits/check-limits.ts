import { optionalAmount, optionalSeconds, record, refuseUnknown, texts } from '../checks.js'
import { OptionsError } from '../errors/payment-error.js'
import { isRecord } from '../wire/json.js'
import { isAwsNetwork } from '../wire/networks.js'
import { checkHosts } from './hosts.js'
import type { SignedLimitName, SignedPaymentLimits } from './signed-payment-limits.js'

/** Checked limits. A limit that is not given is left open: defaults apply if nobody gives one. */
export interface CheckedSignedLimits {
  schemes: readonly string[] | undefined
  /** A payment has to be in each of these lists. So it is with payees and hosts. */
  assets: readonly (readonly string[])[]
  payees: readonly (readonly string[])[]
  hosts: readonly (readonly string[])[]
  maxTimeoutSeconds: number | undefined
  maxAmountPerPayment: bigint | undefined
}

/** Every limit of a single payment. */
export const SIGNED_LIMITS: Record<SignedLimitName, true> = {
  schemes: true,
  assets: true,
  payees: true,
  hosts: true,
  maxTimeoutSeconds: true,
  maxAmountPerPayment: true,
}

/**
 * Checks limits of single payments.
 *
 * @param names every limit that may be given. A client has more than these.
 * @throws OptionsError naming the limit that is unknown or not of its kind, e.g. `limits.schemes`
 */
export function checkSignedLimits(
  limits: SignedPaymentLimits,
  names: Readonly<Record<string, true>> = SIGNED_LIMITS,
): CheckedSignedLimits {
  record('limits', limits)
  refuseUnknown(limits, names, 'is not a limit', 'limits.')
  const { maxAmountPerPayment: most, maxTimeoutSeconds: longest } = limits
  const hosts = optionalList('hosts', limits.hosts)
  return {
    schemes: optionalList('schemes', limits.schemes),
    assets: listsOf(assetsIn(limits.assets)),
    payees: listsOf(optionalList('payees', limits.payees)),
    hosts: listsOf(hosts && checkHosts('limits.hosts', hosts)),
    maxTimeoutSeconds: optionalSeconds('limits.maxTimeoutSeconds', longest),
    maxAmountPerPayment: optionalAmount('limits.maxAmountPerPayment', most),
  }
}

function optionalList(limit: SignedLimitName, value: unknown): readonly string[] | undefined {
  return value === undefined ? undefined : texts(`limits.${limit}`, value)
}

function listsOf(list: readonly string[] | undefined): readonly (readonly string[])[] {
  return list === undefined ? [] : [list]
}

function assetsIn(value: unknown): readonly string[] | undefined {
  if (isRecord(value)) {
    const expected =
      'expected a list of <network>/<asset>; amounts are told in budgets of a paying client'
    throw new OptionsError('limits.assets', expected)
  }
  const assets = optionalList('assets', value)
  const at = assets?.findIndex(isAwsNetwork) ?? -1
  if (at === -1) return assets
  const expected = `${AWS_NETWORK}; expected <network>/<asset> of another network`
  throw new OptionsError(`limits.assets[${at}]`, expected)
}

/** Why no payment is made on a network of AWS Marketplace. */
export const AWS_NETWORK = 'aws:* is a network of AWS Marketplace, where nothing can sign'
