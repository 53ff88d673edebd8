import { receiptOf } from '../../client/buying/receipt.js'
import {
  PAYMENT_RESPONSE_HEADER,
  PAYMENT_RESPONSE_META_KEY,
  X_PAYMENT_RESPONSE_HEADER,
} from '../../wire/x402.js'
import { creditsWords, networkWords } from './terms/amounts.js'
import { shown } from './terms/describe-terms.js'
import { Findings, isAbsent, text, type Place } from './findings.js'
import { meaningOfReason } from './reasons.js'
import { safeText } from './secrets.js'
import type { Description, Thing } from './thing.js'

export function describeReceipt({ value, header }: Thing): Description {
  const findings = new Findings()
  const place: Place = { value, path: '', findings }
  const { network, success } = value
  const isV1 = header === X_PAYMENT_RESPONSE_HEADER
  checkOutcome(place)
  checkNetwork(place, header)
  const receipt = receiptOf({ _meta: { [PAYMENT_RESPONSE_META_KEY]: value } })
  const version = isV1 ? 1 : header === PAYMENT_RESPONSE_HEADER ? 2 : undefined
  return {
    title: `${version === undefined ? 'x402' : `x402 v${version}`} receipt (answer to settle)`,
    version,
    rows: [
      ['Paid', PAID[success === true ? 'yes' : receipt.paid]],
      ['Reason', shown(value['errorReason'])],
      ['Transaction', shown(value['transaction'] ?? value['transactionHash'], 'transaction')],
      ['Network', networkWords(network)],
      ['Payer', shown(value['payer'], 'payer')],
      ['Charged', amountText(value['amount'])],
      ['Credits', creditsWords(value['creditsRedeemed'])],
      ['Left', creditsWords(value['remainingBalance'])],
      ['Order', shown(value['orderTx'], 'orderTx')],
      ['Billing', shown(value['billingModel'])],
    ],
    findings: findings.all,
  }
}

const PAID = {
  yes: 'yes, as it says itself. The chain was not asked',
  no: 'no',
  unknown: 'not known: do not pay again before you know',
} as const

function amountText(amount: unknown): string | undefined {
  const words = typeof amount === 'number' ? String(amount) : text(amount)
  return words === undefined ? undefined : `${safeText(words)} in the smallest unit of the asset`
}

function checkOutcome(place: Place): void {
  const { value, findings } = place
  const { success } = value
  if (success === false) return checkFailure(place)
  if (success !== true) {
    return findings.fail(
      'success',
      'success is neither true nor false.',
      'Count it as unknown: ask the seller.',
    )
  }
  const transaction = value['transaction'] ?? value['transactionHash']
  const credits = value['creditsRedeemed']
  const isPlan = !isAbsent(credits) || !isAbsent(value['billingModel'])
  if (isAbsent(value['transaction']) && typeof value['transactionHash'] === 'string') {
    const message = 'The transaction is named transactionHash, as payments-py writes it.'
    findings.warn('transactionHash', message, 'Name it transaction: other clients read that only.')
  } else if (text(transaction) === undefined && text(value['orderTx']) === undefined && !isPlan) {
    const message =
      'It says success and names no transaction, so nothing proves that it was settled.'
    findings.fail('transaction', message, 'Look for the transfer on the chain, or ask the seller.')
  }
  if (isPlan && value['billingModel'] !== 'pay-as-you-go' && Number(credits) === 0) {
    const { cause, cure } = meaningOfReason('nothing was redeemed') ?? { cause: '', cure: '' }
    findings.warn('creditsRedeemed', cause, cure)
  }
}

function checkFailure({ value, findings }: Place): void {
  const reason = text(value['errorReason'])
  if (reason === undefined) {
    const message = 'It was not settled, and it does not say why.'
    return findings.fail('errorReason', message, 'Ask the seller or the facilitator.')
  }
  if (/pending/i.test(reason)) {
    const message = 'The settlement was sent, and is not confirmed yet.'
    return findings.warn(
      'errorReason',
      message,
      'Do not pay again. Look the transaction up, or send the same payment again later.',
    )
  }
  sayReason(findings, 'errorReason', { reason, what: 'It was not settled' })
}

/** Says what a reason of a refusal means. */
export function sayReason(
  findings: Findings,
  path: string,
  { reason, what }: { reason: string; what: string },
): void {
  const known = meaningOfReason(reason)
  const shownReason = safeText(reason).slice(0, 200)
  if (known !== undefined)
    return findings.fail(path, `${what} (${shownReason}). ${known.cause}`, known.cure)
  const cure = 'The reason is of the facilitator, and no table here has it. Ask whoever runs it.'
  findings.fail(path, `${what} (${shownReason}).`, cure)
}

function checkNetwork({ value, findings }: Place, header: string | undefined): void {
  const network = text(value['network'])
  if (network === undefined) {
    if (value['success'] === true)
      findings.warn('network', 'It names no network.', 'Ask on which chain it was settled.')
    return
  }
  const isCaip2 = network.includes(':')
  if (header === X_PAYMENT_RESPONSE_HEADER && isCaip2) {
    findings.warn(
      'network',
      'A receipt of v1 names its network in CAIP-2.',
      'Write the name of version 1, such as base.',
    )
  }
}
