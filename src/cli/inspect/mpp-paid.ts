import { decodeCredential, decodeReceipt, encodeCredential } from '../../wire/mpp.js'
import { isRecord } from '../../wire/json.js'
import { signedUntil, transferMismatch } from '../../wire/signed-terms.js'
import { toAmount } from '../../wire/amounts.js'
import { shown } from './terms/describe-terms.js'
import { Findings, isAbsent, text, type Place } from './findings.js'
import { describeMppChallenge, mppRows, requestOf } from './mpp-challenge.js'
import { meaningOfReason } from './reasons.js'
import { safeText } from './secrets.js'
import { distance, timeWords } from './terms/times.js'
import type { Description, Thing } from './thing.js'

/** A payment of MPP: the challenge that it pays, and its proof. */
export function describeCredential(thing: Thing, nowMs: number): Description {
  const { value } = thing
  const challenge = isRecord(value['challenge']) ? value['challenge'] : {}
  const payload = isRecord(value['payload']) ? value['payload'] : {}
  const asked = describeMppChallenge({ ...thing, value: challenge }, nowMs)
  const findings = new Findings()
  if (decodeCredential(encodeCredential(value)) === undefined) {
    findings.fail(
      'challenge',
      'It repeats no challenge with id and realm.',
      'Send what the payer made.',
    )
  }
  checkTransfer({ value: payload, path: 'payload', findings }, challenge, nowMs)
  return {
    title: 'MPP credential: a payment',
    rows: [
      ...mppRows(challenge, nowMs),
      ['Payer', shown(value['source'], 'source') ?? shown(payload['from'], 'from')],
      ['Proof', shown(payload['type'])],
      ['Valid until', timeWords(payload['validBefore'], nowMs)],
    ],
    findings: [
      ...asked.findings.map((one) => ({ ...one, path: `challenge.${one.path}` })),
      ...findings.all,
    ],
  }
}

/** A transfer by EIP-3009. Other proofs cannot be read here. */
function checkTransfer(
  place: Place,
  challenge: Readonly<Record<string, unknown>>,
  nowMs: number,
): void {
  const { value, findings } = place
  const request = requestOf(challenge)
  if (request === undefined || isAbsent(value['validBefore'])) return
  const wrong = transferMismatch(value, {
    amount: toAmount(request['amount']),
    asset: undefined,
    payTo: text(request['recipient']),
    latestSeconds: Number.MAX_SAFE_INTEGER,
  })
  if (wrong !== undefined) {
    const [name, wanted] =
      wrong === 'to' ? ['recipient', request['recipient']] : ['amount', request['amount']]
    const message = `The transfer is signed for ${safeText(String(value[wrong]), wrong)}, and the ${name} is ${safeText(String(wanted), name)}.`
    findings.fail(`payload.${wrong}`, message, 'Sign a new payment for the challenge.')
  }
  const until = signedUntil(value)
  if (until !== undefined && until * 1000 <= nowMs) {
    const message = `The payment expired ${distance(until * 1000, nowMs)} ago.`
    findings.fail('payload.validBefore', message, 'Sign a new payment.')
  }
}

export function describeMppReceipt({ value }: Thing): Description {
  const findings = new Findings()
  const base64 = Buffer.from(JSON.stringify(value)).toString('base64url')
  const receipt = decodeReceipt(base64)
  if (receipt === undefined) {
    findings.fail('', 'A member is of the wrong kind.', 'Count it as unknown: ask the seller.')
  } else if (receipt.status !== 'success') {
    const known = meaningOfReason(receipt.status)
    findings.fail(
      'status',
      `The status is ${safeText(receipt.status)}, and not success.`,
      known?.cure ?? 'Ask the seller what became of the payment.',
    )
  } else if (isAbsent(receipt.reference) || receipt.reference === '') {
    findings.warn('reference', 'It names no transaction.', 'Ask the seller for the transaction.')
  }
  return {
    title: 'MPP receipt',
    rows: [
      ['Status', shown(value['status'])],
      ['Method', shown(value['method'])],
      ['Reference', shown(value['reference'], 'reference')],
      ['Challenge', shown(value['challengeId'], 'challengeId')],
      ['Time', shown(value['timestamp'])],
    ],
    findings: findings.all,
  }
}
