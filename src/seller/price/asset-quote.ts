import { computed } from './computed-price.js'
import { remainingMs } from '../../time/deadline.js'
import { PaymentUnavailableError } from '../../errors/payment-error.js'
import { withoutProse } from '../../errors/facilitator-failure.js'
import type { Sale } from '../options/sale.js'
import type { AssetRequirements } from '../../wire/x402.js'
import type { AssetTerms } from '../options/money/asset-terms.js'
import type { Facilitators } from '../../facilitators/failover.js'
import { toAssetAmount, type AssetAmount } from '../options/money/money.js'

/**
 * The price of one call in money.
 *
 * @throws PaymentUnavailableError if the price is invalid, or no facilitator gives what the scheme needs.
 */
export async function assetRequirements(
  sale: Sale,
  terms: AssetTerms,
  facilitators: Facilitators,
): Promise<AssetRequirements> {
  const { scheme, network, payTo, maxTimeoutSeconds } = terms
  const { amount, asset, extra } = await resolvePrice(sale, terms)
  const common = { scheme, network, amount: amount.toString(), asset, payTo, maxTimeoutSeconds }
  const needed = amount === 0n ? undefined : missingExtra(terms, extra)
  const found =
    needed === undefined ? {} : { [needed]: await askExtra(sale, terms, needed, facilitators) }
  const method = amount !== 0n && isPermit2(terms) ? { assetTransferMethod: 'permit2' } : {}
  const flow = sale.settings.flow === 'upfront' ? { paymentFlow: 'upfront' } : {}
  return { ...common, extra: { ...extra, ...method, ...found, ...flow } }
}

async function resolvePrice(sale: Sale, { price, network }: AssetTerms): Promise<AssetAmount> {
  if (typeof price !== 'function') return price
  const amount = toAssetAmount(await computed(sale, 'price', price), network)
  if (typeof amount !== 'string') return amount
  throw new PaymentUnavailableError('price_invalid', `price: ${amount}`)
}

function isPermit2({ scheme, network }: AssetTerms): boolean {
  return scheme === 'upto' && network.startsWith('eip155:')
}

/**
 * What is still missing in `extra`. A payment by `upto` is signed for one facilitator, and on Solana the
 * facilitator pays the fee: in both cases buyers need its address. `exact` on EVM needs nothing, so a cold
 * start asks nothing. A free call needs no address.
 *
 * @see https://github.com/coinbase/x402/blob/main/specs/schemes/upto/scheme_upto_evm.md
 */
function missingExtra(terms: AssetTerms, given: AssetAmount['extra']): string | undefined {
  if (terms.scheme === 'exact' && terms.network.startsWith('eip155:')) return undefined
  const needed = isPermit2(terms) ? 'facilitatorAddress' : 'feePayer'
  return given[needed] === undefined ? needed : undefined
}

async function askExtra(
  { settings, context }: Sale,
  { scheme, network }: AssetTerms,
  needed: string,
  facilitators: Facilitators,
): Promise<string> {
  const { verifyTimeoutMs, settleReserveMs } = settings
  const limitMs = Math.min(verifyTimeoutMs, remainingMs(context) - settleReserveMs)
  const kind = { x402Version: 2, scheme, network }
  const extra = await facilitators.extraOf(kind, limitMs).catch((cause: unknown) => {
    throw unavailable(needed, withoutProse(cause))
  })
  const found = extra?.[needed]
  if (typeof found !== 'string' || found.length > MAX_ADDRESS_CHARS) throw unavailable(needed)
  return found
}

/** A challenge has the address several times. Unit: characters. */
const MAX_ADDRESS_CHARS = 256

function unavailable(needed: string, cause?: unknown): PaymentUnavailableError {
  const why = `no facilitator gives its ${needed}: set it in price.extra`
  return new PaymentUnavailableError('facilitator_unavailable', why, { cause })
}
