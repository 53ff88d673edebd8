import { refuseAwsNetworks, type SpendLimits } from '../../agentcore/manager/spend-limits.js'
import { optionalAmount, optionalSeconds, texts } from '../../checks.js'
import { OptionsError } from '../../errors/payment-error.js'
import type { PaymentBounds } from './options.js'

/** Limits of each payment, under the names they have there. */
export function spendLimits(options: PaymentBounds): SpendLimits {
  const assets = someTexts('allowedAssets', options.allowedAssets)
  refuseAwsNetworks('allowedAssets', assets)
  return {
    schemes: someTexts('allowedSchemes', options.allowedSchemes),
    assets,
    payees: someTexts('allowedPayees', options.allowedPayees),
    maxAmountPerPayment: optionalAmount('maxAmountPerPayment', options.maxAmountPerPayment),
    maxTimeoutSeconds: optionalSeconds('maxTimeoutSeconds', options.maxTimeoutSeconds),
  }
}

/** Lower case, as `URL` has them. */
export function hosts(value: unknown): readonly string[] | undefined {
  const given = someTexts('allowedHosts', value)?.map((one) => one.toLowerCase())
  const wrong = given?.find((one) => !/^([\w.-]+|\[[\da-f:]+\])(:\d+)?$/.test(one))
  if (wrong === undefined) return given
  throw new OptionsError('allowedHosts', 'expected host or host:port, without scheme or path')
}

function someTexts(name: string, value: unknown): readonly string[] | undefined {
  return value === undefined ? undefined : texts(name, value)
}
