import type { Context } from 'aws-lambda'
import { computed } from './computed-price.js'
import { remainingMs } from '../../time/deadline.js'
import { PaymentUnavailableError } from '../../errors/payment-error.js'
import type { Flow } from '../options/flow-checks.js'
import { withoutProse } from '../../errors/facilitator-failure.js'
import type { GatewayEvent } from '../../wire/gateway-events.js'
import type { AssetRequirements } from '../../wire/x402.js'
import type { AssetTerms } from '../options/asset-terms.js'
import type { Facilitators } from '../../facilitators/failover.js'
import { toAssetAmount, type AssetAmount } from '../options/money.js'

/** What the requirements of a call are made with. */
export interface AssetDesk {
  readonly facilitators: Facilitators
  readonly flow: Flow
  readonly verifyTimeoutMs: number
  readonly settleReserveMs: number
}

/**
 * What one call costs in money.
 *
 * @throws PaymentUnavailableError if the price is none, or the facilitator does not say what its scheme needs.
 */
export async function assetRequirements(
  { price, scheme, network, payTo, maxTimeoutSeconds }: AssetTerms,
  event: GatewayEvent,
  desk: AssetDesk,
  context: Context | undefined,
): Promise<AssetRequirements> {
  const { amount, asset, extra } = await resolvePrice(price, network, event, context)
  const common = { scheme, network, amount: amount.toString(), asset, payTo, maxTimeoutSeconds }
  // What is free needs nobody's address.
  const ofScheme = amount === 0n ? {} : await schemeExtra(scheme, network, extra, desk, context)
  const flow = desk.flow === 'upfront' ? { paymentFlow: 'upfront' } : {}
  return { ...common, extra: { ...extra, ...ofScheme, ...flow } }
}

async function resolvePrice(
  price: AssetTerms['price'],
  network: string,
  event: GatewayEvent,
  context: Context | undefined,
): Promise<AssetAmount> {
  if (typeof price !== 'function') return price
  const amount = toAssetAmount(await computed('price', price, event, context), network)
  if (typeof amount !== 'string') return amount
  throw new PaymentUnavailableError('price_invalid', `price: ${amount}`)
}

/**
 * `upto` is signed for one facilitator, and on Solana it pays the fee: buyers need its address. Of `exact` on
 * EVM nothing has to be asked, so that a cold start asks nothing.
 *
 * @see https://github.com/coinbase/x402/blob/main/specs/schemes/upto/scheme_upto_evm.md
 */
async function schemeExtra(
  scheme: AssetTerms['scheme'],
  network: string,
  given: AssetAmount['extra'],
  { facilitators, verifyTimeoutMs, settleReserveMs }: AssetDesk,
  context: Context | undefined,
): Promise<Record<string, unknown>> {
  const permit2 = scheme === 'upto' && network.startsWith('eip155:')
  const needed = permit2 ? 'facilitatorAddress' : 'feePayer'
  const method = permit2 ? { assetTransferMethod: 'permit2' } : {}
  if ((scheme === 'exact' && network.startsWith('eip155:')) || given[needed] !== undefined) {
    return method
  }
  const limitMs = Math.min(verifyTimeoutMs, remainingMs(context) - settleReserveMs)
  const kind = { x402Version: 2, scheme, network }
  const extra = await facilitators.extraOf(kind, limitMs).catch((cause: unknown) => {
    throw unavailable(needed, withoutProse(cause))
  })
  if (typeof extra?.[needed] !== 'string') throw unavailable(needed)
  return { ...method, [needed]: extra[needed] }
}

function unavailable(needed: string, cause?: unknown): PaymentUnavailableError {
  const why = `no facilitator says its ${needed}: give it in price.extra`
  return new PaymentUnavailableError('facilitator_unavailable', why, { cause })
}
