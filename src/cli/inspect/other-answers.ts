import { moneyText, networkWords } from './terms/amounts.js'
import { shown } from './terms/describe-terms.js'
import { Findings, text } from './findings.js'
import { sayReason } from './receipt.js'
import { safeText } from './secrets.js'
import type { Description, Thing } from './thing.js'

/** The answer of a facilitator to verify. */
export function describeVerified({ value }: Thing): Description {
  const findings = new Findings()
  const { isValid } = value
  const reason = text(value['invalidReason'])
  if (isValid === false && reason !== undefined) {
    sayReason(findings, 'invalidReason', { reason, what: 'The payment was refused' })
  } else if (isValid === false) {
    const message = 'The payment was refused, and the answer does not say why.'
    findings.fail('invalidReason', message, 'Ask the facilitator.')
  } else if (isValid !== true) {
    findings.fail(
      'isValid',
      'isValid is neither true nor false.',
      'This is no answer of a facilitator.',
    )
  }
  return {
    title: 'x402 answer to verify',
    rows: [
      ['Valid', isValid === true ? 'yes. Nothing was charged by that' : 'no'],
      ['Reason', shown(value['invalidReason'])],
      ['Payer', shown(value['payer'], 'payer')],
      ['Network', networkWords(value['network'])],
      ['Request id', shown(value['agentRequestId'], 'id')],
    ],
    findings: findings.all,
  }
}

/** What a seller of this package owes for work that failed. */
export function describeRefund({ value }: Thing): Description {
  const findings = new Findings()
  const { credits, amount, asset, network } = value
  findings.fail(
    '',
    'The work was paid in advance and failed. The seller owes a refund.',
    'Ask the seller, and quote the id.',
  )
  return {
    title: 'refund that is due, of agentcore-x402',
    rows: [
      ['Refund', shown(value['id'], 'id')],
      ['Reason', shown(value['reason'])],
      ['Credits', typeof credits === 'string' ? safeText(credits) : undefined],
      ['Amount', moneyText(amount, asset, network)],
      ['Network', networkWords(network)],
      ['Pay back to', shown(value['payer'], 'payer')],
      ['Transaction', shown(value['transaction'], 'transaction')],
      ['Correlation', shown(value['correlationId'])],
    ],
    findings: findings.all,
  }
}

/** An error of Nevermined's API. */
export function describeError({ value }: Thing): Description {
  const findings = new Findings()
  const code = text(value['code']) ?? ''
  sayReason(findings, 'code', { reason: code, what: 'Nevermined refused' })
  return {
    title: 'error of Nevermined',
    rows: [
      ['Code', safeText(code)],
      ['Message', shown(value['message'])],
      ['Hint', shown(value['hint'])],
      ['Correlation', shown(value['correlationId'])],
    ],
    findings: findings.all,
  }
}

/** The refusal of a seller of this package. Its words say whether money moved. */
export function describeSellerAnswer({ value }: Thing): Description {
  const findings = new Findings()
  const said = text(value['error']) ?? text(value['text']) ?? ''
  const [charged, message, cure] = chargedBy(said)
  findings.fail('', message, cure)
  return {
    title: 'refusal of a seller, in the words of agentcore-x402',
    rows: [
      ['Says', safeText(said)],
      ['Charged', charged],
    ],
    findings: findings.all,
  }
}

function chargedBy(said: string): readonly [charged: string, message: string, cure: string] {
  if (/owes you a refund/i.test(said)) {
    return ['yes', 'The work failed after it was paid.', 'Ask the seller, and quote the receipt.']
  }
  if (/outcome is|may have charged/i.test(said)) {
    const cure = 'Do not pay again. Come back with the same payment, or ask the seller.'
    return ['not known', 'Nobody knows yet whether the payment was settled.', cure]
  }
  if (/do not pay again/i.test(said)) {
    const cure = 'Do not pay again. Come back later with the same payment.'
    return ['not by this call', 'The payment is used, or in work elsewhere.', cure]
  }
  return ['no', 'The call was refused or failed, and charged nothing.', 'Do what the answer says.']
}

/** Something whose place or beginning says what it should be, and that cannot be read. */
export function describeUnreadable({ value, header, carrier }: Thing): Description {
  const names = Object.keys(value)
    .slice(0, 8)
    .map((name) => safeText(name))
    .join(', ')
  return {
    title:
      header === undefined ? 'something that cannot be read' : `${carrier}, which cannot be read`,
    rows: [['Members', names === '' ? undefined : names]],
    findings: [],
  }
}
