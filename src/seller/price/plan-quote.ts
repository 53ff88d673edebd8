import { computed } from './computed-price.js'
import { toCredits } from '../../wire/amounts.js'
import { remainingMs, withDeadline } from '../../time/deadline.js'
import { PaymentUnavailableError } from '../../errors/payment-error.js'
import type { Sale } from '../options/sale.js'
import { planTerms } from '../../nevermined/plan-terms.js'
import { BY_CARD, isByCard } from '../options/flow-checks.js'
import type { ToolPrice } from '../options/settings.js'
import type { PlanRequirements } from '../../wire/x402.js'

/** @throws PaymentUnavailableError if `credits` gives no valid amount. */
export async function resolveCredits(
  sale: Sale,
  { credits: price, maxCredits }: Pick<ToolPrice, 'credits' | 'maxCredits'>,
): Promise<bigint> {
  const given = typeof price === 'function' ? await computed(sale, 'credits', price) : price
  const credits = toCredits(given)
  if (credits === undefined) {
    throw new PaymentUnavailableError('price_invalid', 'credits must give a whole number ≥ 0')
  }
  if (maxCredits !== undefined && credits > maxCredits) {
    throw new PaymentUnavailableError('price_invalid', 'credits is above maxCredits')
  }
  return credits
}

/** @throws PaymentUnavailableError if a plan cannot be looked up. */
export async function planRequirements(
  { call, settings, context }: Sale,
  { planIds }: Pick<ToolPrice, 'planIds'>,
): Promise<PlanRequirements[]> {
  const { transport, method } = call
  const { scheme, network, agentId, payments, verifyTimeoutMs, settleReserveMs, now } = settings
  // MCP messages are POST requests.
  const httpVerb = transport.protocol === 'http' ? method : 'POST'
  const extra = { version: '1', ...(agentId !== undefined && { agentId }), httpVerb }
  if (scheme !== undefined && network !== undefined) {
    return planIds.map((planId) => ({ scheme, network, planId, extra }))
  }
  // A caller waits as long as its own time allows. The look-up is shared, and goes on without it.
  const limitMs = Math.min(verifyTimeoutMs, remainingMs(context) - settleReserveMs)
  const lookUps = planIds.map((planId) => planTerms(payments, planId, verifyTimeoutMs, now))
  const terms = await withDeadline(limitMs, () => Promise.all(lookUps))
  if (settings.overdraftGuard && terms.some((found) => isByCard(scheme ?? found.scheme))) {
    throw new PaymentUnavailableError('invalid_options', `overdraftGuard: ${BY_CARD}`)
  }
  return terms.map((found, i) => ({
    scheme: scheme ?? found.scheme,
    network: network ?? found.network ?? noNetwork(),
    planId: planIds[i] ?? '',
    extra,
  }))
}

/** Without a network nothing is sold: a guess could send the buyer's payment to the wrong chain. */
function noNetwork(): never {
  throw new PaymentUnavailableError(
    'plan_unavailable',
    'the payments object does not name its environment: set the option network',
  )
}
