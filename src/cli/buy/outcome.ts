import { PaidCallError, PaymentLimitError } from '../../client/buying/errors.js'
import type { Receipt } from '../../client/buying/receipt.js'
import { knownAsset, toDecimal } from '../../seller/options/money/assets.js'
import { creditsText } from '../../wire/amounts.js'
import { EXIT, Ended } from '../ended.js'
import { shortPlan } from '../output/short-plan.js'
import { plainText } from '../output/plain-text.js'

/** A payment was sent. Nobody can say what became of it, or it was charged and brought nothing. */
export class PerhapsPaid extends Ended {
  override readonly exitCode = EXIT.perhapsPaid
}

/** The limits forbade it. */
class Forbidden extends Ended {
  override readonly exitCode = EXIT.unpaid
}

/** What a purchase that failed means. */
export function failedPurchase(error: unknown): unknown {
  if (error instanceof PaidCallError) return endingOf(error.receipt, error.message)
  if (error instanceof PaymentLimitError) return new Forbidden(error.message)
  if (!(error instanceof Error)) return error
  const message = plainText(error.message)
  // AgentCore payments may have taken the money before the proof was lost.
  return /may have been charged/.test(message) ? new PerhapsPaid(message) : new Ended(message)
}

/** How the command ends if its payment was sent and brought nothing. */
export function endingOf(receipt: Receipt, why: string): Ended {
  const facts = [receipt.reason, receipt.transaction && `transaction ${receipt.transaction}`]
  const known = facts.filter((one) => one !== undefined && one !== '').join(', ')
  const told = known === '' ? why : `${why} (${known})`
  if (receipt.paid === 'no') return new Ended(`${told}. The seller says that it took nothing`)
  if (receipt.paid === 'yes') {
    return new PerhapsPaid(`${told}. It was charged: ask the seller, and do not pay again`)
  }
  return new PerhapsPaid(
    `${told}. The outcome of the payment is unknown: do not pay again before you know it`,
  )
}

/** A receipt in words, one fact a line. */
export function receiptText(receipt: Receipt): string[] {
  const { paid, transaction, network, payer, remainingBalance } = receipt
  const lines: [string, string | undefined][] = [
    ['paid', paid === 'yes' ? amountText(receipt) : paid],
    ['network', network],
    ['payer', payer],
    ['transaction', transaction],
    ['left', remainingBalance && creditsText(remainingBalance)],
    ['reason', receipt.reason],
  ]
  return lines.flatMap(([name, text]) => (text === undefined ? [] : [`${name.padEnd(12)}${text}`]))
}

function amountText({ amount = '', unit }: Receipt): string {
  if (unit === undefined) return amount
  if ('planId' in unit) return `${creditsText(amount)} of the plan ${shortPlan(unit.planId)}`
  const known = knownAsset(unit.network, unit.asset)
  if (known === undefined) return `${amount} units of ${unit.asset}`
  return `$${toDecimal(amount, known.decimals)}`
}
