import { amountToSettle } from './amount-to-settle.js'
import type { Answer } from '../answer/answer.js'
import type { Chosen, Settleable, Settlement, Terms } from './payment.js'
import type { Charged, RefundDue, RefundReason } from '../options/payment-events.js'
import type { Call } from '../events/call.js'
import type { Settings } from '../options/settings.js'

/** The price was fixed before, so all an answer can say of it is that there is nothing to pay for. */
export function whyRefund(
  answer: Answer | undefined,
  chosen: Pick<Chosen, 'terms' | 'amount'>,
  call: Call,
  settings: Settings,
): RefundReason | undefined {
  if (answer === undefined || answer.failed || answer.unfinished) return 'handler_failed'
  const wanted = amountToSettle(answer, chosen, undefined, call, settings)
  if (wanted === 0n) return 'nothing_charged'
  if (wanted !== chosen.amount) {
    settings.logger.warn(`flow 'upfront': the quote is charged, whatever the handler says`, {
      tool: call.label,
    })
  }
  return undefined
}

/** What is owed after a settlement without a result. */
export function refundOf(
  { terms, correlationId, paymentId }: Settleable,
  settlement: Settlement,
  reason: RefundReason,
): RefundDue {
  const { payer, network, transaction } = settlement.settled
  const accepts = terms.kind === 'plan' ? terms.paymentRequired.accepts : []
  const planId = accepts.length === 1 ? accepts[0]?.planId : undefined
  return {
    reason,
    ...chargedFor({ terms }, settlement),
    ...(payer && { payer }),
    ...(planId !== undefined && { planId }),
    ...(network && { network }),
    ...(transaction && { transaction }),
    correlationId,
    ...(paymentId !== undefined && { paymentId }),
  }
}

/** What a settlement took. */
export function chargedFor(
  { terms }: Pick<Settleable, 'terms'>,
  { settled, creditsUsed }: Settlement,
): Charged {
  return toCharged(terms, terms.kind === 'plan' ? creditsUsed : String(settled.amount ?? ''))
}

/** Credits of a plan, or atomic units of an asset. */
export function toCharged(terms: Terms, amount: bigint | string): Charged {
  const text = amount.toString()
  return terms.kind === 'plan'
    ? { credits: text }
    : { amount: text, asset: terms.requirements.asset }
}
