import type { RefusalReason } from '../../errors/reasons.js'
import { sameId, toAmount } from '../../wire/amounts.js'
import { caip2 } from '../../wire/networks.js'
import {
  CLOCK_SKEW_SECONDS,
  type SignedPart,
  signedMismatch,
  signedPart,
} from '../../wire/signed-terms.js'
import { isRecord } from '../../wire/json.js'
import type { AssetRequirements } from '../../wire/x402.js'

/** The seller's terms that a payment has to fit. */
export interface Own {
  readonly requirements: AssetRequirements
  /** `resource.url` of the challenge. */
  readonly resourceUrl: string
  /** Unit: s since the epoch. */
  readonly nowSeconds: number
}

/** Whether a decoded payment is one in money, by its scheme in either version of x402. */
export function isAssetPayment(payload: Readonly<Record<string, unknown>>): boolean {
  const scheme = schemeOf(payload)
  return scheme === 'exact' || scheme === 'upto'
}

/**
 * What is wrong with a payment, as far as the seller can tell: another version, other terms, another
 * resource, or a signature for something else. Only the facilitator can tell whether the signature is good
 * and the money is there.
 *
 * Every member of our terms has to come back. Buyers may add members to `extra`. Version 1 repeats only
 * scheme and network.
 *
 * @returns a reason, or `undefined` if nothing is wrong.
 */
export function mismatchOf(
  payload: Readonly<Record<string, unknown>>,
  own: Own,
): RefusalReason | undefined {
  const { x402Version } = payload
  if (x402Version !== 1 && x402Version !== 2) return 'invalid_x402_version'
  if (!isRecord(payload['payload'])) return 'invalid_payload'
  const inTerms =
    x402Version === 2 ? termsMismatch(payload, own) : termsMismatchV1(payload, own.requirements)
  return inTerms ?? signedProblem(payload['payload'], own)
}

function termsMismatch(
  { accepted, resource }: Readonly<Record<string, unknown>>,
  { requirements, resourceUrl }: Own,
): RefusalReason | undefined {
  if (!isRecord(accepted)) return 'invalid_payload'
  const wrong = Object.entries(requirements).find(
    ([name, value]) => !isSame(accepted[name], value as unknown),
  )
  if (wrong !== undefined) return `${snake(wrong[0])}_mismatch`
  // Two resources may have the same price. A payment for one of them is no payment for the other.
  const url = isRecord(resource) ? resource['url'] : undefined
  return url === undefined || url === resourceUrl ? undefined : 'resource_mismatch'
}

function termsMismatchV1(
  { scheme, network }: Readonly<Record<string, unknown>>,
  requirements: AssetRequirements,
): RefusalReason | undefined {
  if (requirements.scheme !== 'exact') return 'invalid_x402_version'
  if (scheme !== requirements.scheme) return 'scheme_mismatch'
  const isOurs = typeof network === 'string' && caip2(network) === requirements.network
  return isOurs ? undefined : 'network_mismatch'
}

function isSame(theirs: unknown, ours: unknown): boolean {
  if (typeof ours === 'string' && typeof theirs === 'string') return sameId(theirs, ours)
  if (!isRecord(ours)) return theirs === ours
  return (
    isRecord(theirs) && Object.entries(ours).every(([name, value]) => isSame(theirs[name], value))
  )
}

function signedProblem(
  signed: Readonly<Record<string, unknown>>,
  { requirements, nowSeconds }: Own,
): RefusalReason | undefined {
  const { amount, asset, payTo, maxTimeoutSeconds, network } = requirements
  // A facilitator may take either of two signatures. We cannot know which one.
  if (isRecord(signed['authorization']) && isRecord(signed['permit2Authorization'])) {
    return 'invalid_payload'
  }
  const part = signedPart(signed)
  const [validAfter, validBefore] = [seconds(part?.validAfter), seconds(part?.validBefore)]
  const form = isRecord(signed['authorization']) ? BYTES32 : UINT256
  // What is signed on other chains cannot be read here.
  const isReadable = validBefore !== undefined && part !== undefined && isWhole(part, form)
  if (network.startsWith('eip155:') && !isReadable) return 'invalid_payload'
  const wrong = signedMismatch(signed, {
    amount: toAmount(amount),
    asset,
    payTo,
    latestSeconds: Number.POSITIVE_INFINITY,
  })
  if (wrong !== undefined) return `${snake(wrong.replace(/^.*\./, ''))}_mismatch`
  if (validAfter !== undefined && validAfter > nowSeconds + CLOCK_SKEW_SECONDS) {
    return 'payment_not_yet_valid'
  }
  // The payment must still be valid when the handler is done.
  const neededUntil = nowSeconds + maxTimeoutSeconds / 2
  return validBefore !== undefined && validBefore < neededUntil
    ? 'payment_expires_too_soon'
    : undefined
}

/**
 * Whether payer, nonce and terms are all there and in the form of the standard. A missing member was not
 * signed, and cannot be compared. A payment is recognised by payer and nonce. Lenient facilitators also read
 * an address without `0x` or with leading zeros, and a nonce with something after it.
 */
function isWhole({ from, nonce, terms }: SignedPart, form: RegExp): boolean {
  const isNonce = (typeof nonce === 'string' || typeof nonce === 'number') && form.test(`${nonce}`)
  const isPayer = typeof from === 'string' && ADDRESS.test(from)
  return isPayer && isNonce && terms.every((term) => term !== undefined && term !== null)
}

const ADDRESS = /^0x[\da-f]{40}$/i
/** A nonce of EIP-3009. */
const BYTES32 = /^0x[\da-f]{64}$/i
/** A nonce of Permit2. */
const UINT256 = /^(0x[\da-f]{1,64}|\d{1,78})$/i

function seconds(value: unknown): number | undefined {
  const whole = typeof value === 'number' ? value : toAmount(value)
  return whole === undefined ? undefined : Number(whole)
}

function schemeOf({ accepted, scheme }: Readonly<Record<string, unknown>>): unknown {
  return isRecord(accepted) ? accepted['scheme'] : scheme
}

function snake(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
}
