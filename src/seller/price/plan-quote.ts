import type { Context } from 'aws-lambda'
import { computed } from './computed-price.js'
import { toCredits } from '../../wire/amounts.js'
import { remainingMs, withDeadline } from '../../time/deadline.js'
import { PaymentUnavailableError } from '../../errors/payment-error.js'
import type { Price } from '../options/options.js'
import type { Call } from '../events/call.js'
import { planTerms } from '../../nevermined/plan-terms.js'
import type { Settings, ToolPrice } from '../options/settings.js'
import type { PlanRequirements } from '../../wire/x402.js'

/** @throws PaymentUnavailableError if `credits` gives no valid amount. */
export async function resolveCredits(
  { credits: price, maxCredits }: { credits: Price; maxCredits: bigint | undefined },
  { event }: Call,
  context: Context | undefined,
): Promise<bigint> {
  const given =
    typeof price === 'function' ? await computed('credits', price, event, context) : price
  const credits = toCredits(given)
  if (credits === undefined) {
    throw new PaymentUnavailableError('price_invalid', 'credits gave no whole number ≥ 0')
  }
  if (maxCredits !== undefined && credits > maxCredits) {
    throw new PaymentUnavailableError('price_invalid', 'credits is above maxCredits')
  }
  return credits
}

/** @throws PaymentUnavailableError if a plan cannot be looked up. */
export async function planRequirements(
  { transport, method }: Call,
  { planIds }: ToolPrice,
  { scheme, network, agentId, payments, verifyTimeoutMs, settleReserveMs, now }: Settings,
  context: Context | undefined,
): Promise<PlanRequirements[]> {
  // MCP is spoken in POST requests.
  const httpVerb = transport.protocol === 'http' ? method : 'POST'
  const extra = { version: '1', ...(agentId !== undefined && { agentId }), httpVerb }
  if (scheme !== undefined && network !== undefined) {
    return planIds.map((planId) => ({ scheme, network, planId, extra }))
  }
  // Each caller waits as long as it can itself; the look-up is shared and goes on.
  const limitMs = Math.min(verifyTimeoutMs, remainingMs(context) - settleReserveMs)
  const lookUps = planIds.map((planId) => planTerms(payments, planId, verifyTimeoutMs, now))
  const terms = await withDeadline(limitMs, () => Promise.all(lookUps))
  return terms.map((found, i) => ({
    scheme: scheme ?? found.scheme,
    network: network ?? found.network ?? noNetwork(),
    planId: planIds[i] ?? '',
    extra,
  }))
}

/** A guess could send the buyer's payment to the wrong chain. */
function noNetwork(): never {
  throw new PaymentUnavailableError(
    'plan_unavailable',
    'payments does not say its environment: give the option network',
  )
}
