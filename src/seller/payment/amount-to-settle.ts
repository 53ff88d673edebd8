import type { Answer } from '../answer/answer.js'
import type { RefundReason } from '../options/payment-events.js'
import type { Sale } from '../options/sale.js'
import type { Chosen } from './chosen.js'

/**
 * The amount to settle: nothing for a failed answer, else the answer's own valid price, else the quote. An
 * invalid price charges the quote, so that work is never lost to a bad price.
 *
 * @param cap the most that is settled; `undefined` if there is no bound
 */
export function amountToSettle(
  { call, settings }: Sale,
  answer: Answer,
  { rail, amount: quoted }: Pick<Chosen, 'rail' | 'amount'>,
  cap: bigint | undefined,
): bigint {
  const { chargeOnError, logger } = settings
  if (answer.unfinished || (answer.failed && !chargeOnError)) return 0n
  const { amount, problem } = rail.overrideFor(answer, quoted)
  if (problem !== undefined) logger.warn(problem, { tool: call.label })
  return cap !== undefined && amount > cap ? cap : amount
}

/**
 * Why a payment in advance is to be paid back, if it is. The price was fixed, so an answer cannot change it.
 */
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
