import type { Receipt } from '../../client/buying/receipt.js'
import { knownAsset, toDecimal } from '../../seller/options/money/assets.js'
import { creditsText } from '../../wire/amounts.js'
import { shortPlan } from '../output/short-plan.js'

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
