import * as z from 'zod/mini'
import { withoutProse } from '../../errors/facilitator-failure.js'
import { PaymentUnavailableError } from '../../errors/payment-error.js'
import { planTerms } from '../../nevermined/plan-terms.js'
import { withDeadline } from '../../time/deadline.js'
import { wholeIn } from '../rails/rail.js'
import type { Sale } from '../options/sale.js'

/** How many credits one settlement takes, whatever it is asked for. Unit: credits. */
export interface Bounds {
  readonly min: bigint
  readonly max: bigint
}

const Amount = z.union([z.string(), z.number()])
const CreditsSchema = z.looseObject({ minAmount: Amount, maxAmount: Amount })
const BalanceSchema = z.looseObject({ balance: Amount })

/**
 * The bounds of a plan's settlements. The look-up is the one that challenges use.
 *
 * @returns `undefined` if the plan names no bounds.
 * @throws PaymentUnavailableError if the look-up fails.
 */
export async function boundsOf(
  { settings }: Sale,
  planId: string,
  timeoutMs: number,
): Promise<Bounds | undefined> {
  const { payments, verifyTimeoutMs, now } = settings
  const lookUp = planTerms(payments, planId, verifyTimeoutMs, now)
  const { credits } = await withDeadline(timeoutMs, () => lookUp)
  const parsed = CreditsSchema.safeParse(credits)
  if (!parsed.success) return undefined
  const [min, max] = [wholeIn(parsed.data.minAmount), wholeIn(parsed.data.maxAmount)]
  return min === undefined || max === undefined || max === 0n ? undefined : { min, max }
}

/** What a settlement of `amount` takes. */
export function taken(amount: bigint, bounds: Bounds | undefined): bigint {
  if (bounds === undefined) return amount
  if (amount > bounds.max) return bounds.max
  return amount < bounds.min ? bounds.min : amount
}

/**
 * How many credits a payer has of a plan.
 *
 * @throws PaymentUnavailableError if the client gives no answer.
 */
export async function creditsOf(
  { settings }: Sale,
  { payer, planId }: { readonly payer: string; readonly planId: string },
  timeoutMs: number,
): Promise<bigint> {
  const plans = settings.payments?.plans
  try {
    // Options make sure that the client has this method.
    const answer = await withDeadline(timeoutMs, async () => plans?.getPlanBalance?.(planId, payer))
    const credits = wholeIn(BalanceSchema.parse(answer).balance)
    if (credits !== undefined) return credits
  } catch (thrown) {
    const cause = withoutProse(thrown)
    throw new PaymentUnavailableError('facilitator_unavailable', 'no balance', { cause })
  }
  throw new PaymentUnavailableError('facilitator_unavailable', 'unreadable_answer')
}
