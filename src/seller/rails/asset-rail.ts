import type {
  FacilitatorPayment,
  FacilitatorRequirements,
} from '../../facilitators/facilitator-client.js'
import type { Facilitators } from '../../facilitators/failover.js'
import { toAmount, toCredits } from '../../wire/amounts.js'
import { knownAsset, toAtomic } from '../options/money/assets.js'
import { isRecord } from '../../wire/json.js'
import { assetPaymentKey, payerOf } from '../../wire/payment-key.js'
import { signedPart } from '../../wire/signed-terms.js'
import { toRequirementsV1 } from '../price/x402-v1.js'
import type { AssetRequirements, PaymentRequired } from '../../wire/x402.js'
import type { Charges } from '../answer/answer.js'
import { requiredFor } from '../price/offer.js'
import { type Override, type Rail, isFinal, wasNotSent } from './rail.js'
import type { Payload } from './payment.js'
import { readAssetSettlement } from './read-asset-settlement.js'
import type { RpcUrls } from '../options/money/asset-options.js'

/** The terms of one call, who verifies and settles it, and which chains can be read. */
interface AssetTerms {
  readonly facilitators: Facilitators
  readonly rpcUrls: RpcUrls | undefined
  readonly requirements: AssetRequirements
  readonly offer: PaymentRequired
}

/** The rail for payments in money, by standard facilitators. */
export function assetRail(terms: AssetTerms): Rail {
  const { facilitators, requirements, offer } = terms
  const { asset, network, scheme } = requirements
  const requestFor = (payload: Payload, amount: bigint): Request =>
    toRequest(payload, { ...requirements, amount: amount.toString() }, offer.resource)
  return {
    name: 'asset',
    paymentRequired: requiredFor(offer, [requirements]),
    planId: undefined,
    isPublic: true,
    keyOf: ({ payload }) => assetPaymentKey(payload ?? {}, { network, asset }),
    async verify({ payload, verifyAmount }, call) {
      const request = requestFor(payload, verifyAmount)
      return facilitators.verify(request.payload, request.requirements, call)
    },
    // The facilitator that verified also settles. `failover.ts` says when another one may be asked.
    async settle({ payload, facilitator }, amount, call) {
      const request = requestFor(payload, amount)
      return facilitators.settle(facilitator, request.payload, request.requirements, call)
    },
    readSettlement: (answer, { payload }, amount) =>
      readAssetSettlement(answer, payload, amount, network),
    mayRepeat: (failure, { payload }) =>
      wasNotSent(failure) ||
      (isGoodOnce(payload) &&
        (failure.retryable || (failure.outcome === 'unknown' && !isFinal(failure)))),
    // Few payments are looked up. Only those load the code for it.
    async statusOf(payment, asked, call) {
      if (asked.settlementId === undefined) return undefined
      return (await import('./asset-outcome.js')).statusOf(terms, payment, asked, call)
    },
    async outcomeOf(payment, asked, call) {
      return (await import('./asset-outcome.js')).outcomeOf(terms, payment, asked, call)
    },
    // A payer can cancel an authorization, which is then called used. Only the chain can say whether it was paid.
    settledBySoleUse: () => undefined,
    overrideFor: (charges, quoted) => overrideFor(charges, quoted, requirements),
    charged: (amount) => ({ amount: amount.toString(), asset }),
    chargedFor: ({ settled }) => ({ amount: String(settled.amount ?? ''), asset }),
    payerOf: (payload) => payerOf(payload ?? {}),
    balanceOf: () => undefined,
    termsOf: ({ amount, paymentId }) => ({ network, scheme, amount, asset, paymentId }),
  }
}

/**
 * Whether a payment cannot be charged twice, since it has a nonce or is a signed transaction. Of other
 * payments this is not known.
 */
function isGoodOnce(payload: Payload): boolean {
  const signed = isRecord(payload?.['payload']) ? payload['payload'] : {}
  return signedPart(signed)?.nonce !== undefined || typeof signed['transaction'] === 'string'
}

interface Request {
  payload: FacilitatorPayment
  requirements: FacilitatorRequirements
}

/** The seller's own terms, in the version that the buyer speaks. */
function toRequest(
  payload: Payload,
  own: AssetRequirements,
  resource: PaymentRequired['resource'],
): Request {
  const inV1 = payload?.['x402Version'] === 1 ? toRequirementsV1(own, resource) : undefined
  return {
    payload: { ...payload } as unknown as FacilitatorPayment,
    requirements: inV1 ?? { ...own },
  }
}

/**
 * The amount that an answer asks for. Only `upto` can be charged in part. Credits say nothing about money,
 * except that 0 charges nothing.
 */
function overrideFor(
  { creditsToCharge, amountToCharge }: Charges,
  quoted: bigint,
  requirements: AssetRequirements,
): Override {
  if (amountToCharge === undefined) return creditsOverride(creditsToCharge, quoted)
  const wanted = toUnits(amountToCharge, requirements)
  if (wanted === undefined) return { amount: quoted, problem: noAmount('amountToCharge') }
  if (wanted === 0n || requirements.scheme === 'upto') return { amount: wanted }
  if (wanted === quoted) return { amount: quoted }
  return { amount: quoted, problem: `amountToCharge needs scheme 'upto'; the quote is charged` }
}

function creditsOverride(creditsToCharge: unknown, quoted: bigint): Override {
  if (creditsToCharge === undefined) return { amount: quoted }
  const wanted = typeof creditsToCharge === 'number' ? toCredits(creditsToCharge) : undefined
  if (wanted === undefined) return { amount: quoted, problem: noAmount('creditsToCharge') }
  return { amount: wanted === 0n ? 0n : quoted }
}

function noAmount(name: string): string {
  return `${name} is no valid amount ≥ 0; the quote is charged`
}

/** Reads atomic units, or dollars if the asset is a known one. */
function toUnits(override: unknown, { network, asset }: AssetRequirements): bigint | undefined {
  if (override === 0) return 0n
  if (typeof override !== 'string' || !override.startsWith('$')) return toAmount(override)
  const known = knownAsset(network, asset)
  return known && toAtomic(override.slice(1), known.decimals)
}
