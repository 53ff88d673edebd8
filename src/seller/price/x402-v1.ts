import { nameInV1 } from '../../wire/networks.js'
import {
  PAYMENT_IDENTIFIER,
  isAssetRequirement,
  type AssetRequirements,
  type PaymentRequired,
} from '../../wire/x402.js'
import { isRecord } from '../../wire/json.js'

/**
 * The same requirements in x402 v1, if the network has a name there. Version 1 has only `exact`. Published
 * buyers refuse a `null` in it, so members without a value are left out.
 *
 * @see https://github.com/coinbase/x402/blob/main/specs/x402-specification-v1.md
 */
export function toRequirementsV1(
  { scheme, network, amount, asset, payTo, maxTimeoutSeconds, extra }: AssetRequirements,
  { url, description = '', mimeType = '' }: PaymentRequired['resource'],
): Record<string, unknown> | undefined {
  const name = nameInV1(network)
  if (name === undefined || scheme !== 'exact') return undefined
  return {
    scheme,
    network: name,
    maxAmountRequired: amount,
    resource: url,
    description,
    mimeType,
    payTo,
    maxTimeoutSeconds,
    asset,
    extra,
  }
}

/** The body of a 402 for buyers of version 1; `undefined` if nothing is sold to them. */
export function toPaymentRequiredV1({
  resource,
  accepts,
  extensions,
}: PaymentRequired): { x402Version: 1; accepts: Record<string, unknown>[] } | undefined {
  // Version 1 has no extensions, so a payment cannot have an id there.
  if (isIdentifierRequired(extensions)) return undefined
  const known = accepts
    .filter(isAssetRequirement)
    .map((one) => toRequirementsV1(one, resource))
    .filter((one) => one !== undefined)
  return known.length === 0 ? undefined : { x402Version: 1, accepts: known }
}

/** Whether a challenge requires an id of the payment. */
function isIdentifierRequired(extensions: Readonly<Record<string, unknown>>): boolean {
  const extension = extensions[PAYMENT_IDENTIFIER]
  const info = isRecord(extension) ? extension['info'] : undefined
  return isRecord(info) && info['required'] === true
}
