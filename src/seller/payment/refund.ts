import type { Answer } from '../answer/answer.js'
import type { RefundDue, RefundReason } from '../options/payment-events.js'
import type { Sale } from '../options/sale.js'
import { amountToSettle } from './amount-to-settle.js'
import type { Chosen, Settleable } from './chosen.js'
import type { Settlement } from '../options/payment-record.js'

/** The price was fixed before, so all an answer can say of it is that there is nothing to pay for. */
export function whyRefund(
  sale: Sale,
  answer: Answer | undefined,
  chosen: Pick<Chosen, 'rail' | 'amount'>,
): RefundReason | undefined {
  if (answer === undefined || answer.failed || answer.unfinished) return 'handler_failed'
  const wanted = amountToSettle(sale, answer, chosen, undefined)
  if (wanted === 0n) return 'nothing_charged'
  if (wanted !== chosen.amount) {
    const what = `flow 'upfront': the quote is charged, whatever the handler says`
    sale.settings.logger.warn(what, { tool: sale.call.label })
  }
  return undefined
}

/** What is owed after a settlement without a result. */
export function refundOf(
  { rail, correlationId, paymentId }: Settleable,
  settlement: Settlement,
  reason: RefundReason,
): RefundDue {
  const { payer, network, transaction } = settlement.settled
  const { planId } = rail
  return {
    reason,
    ...rail.chargedFor(settlement),
    ...(payer && { payer }),
    ...(planId !== undefined && { planId }),
    ...(network && { network }),
    ...(transaction && { transaction }),
    correlationId,
    ...(paymentId !== undefined && { paymentId }),
  }
}
