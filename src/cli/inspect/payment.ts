import { isRecord } from '../../wire/json.js'
import { signedPart } from '../../wire/signed-terms.js'
import { PAYMENT_IDENTIFIER, PAYMENT_SIGNATURE_HEADER, X_PAYMENT_HEADER } from '../../wire/x402.js'
import { moneyText } from './terms/amounts.js'
import { versionOf } from './challenge.js'
import { checkSigned, isSignedOnEvm } from './terms/check-signed.js'
import { checkTerms } from './terms/check-terms.js'
import { resourceText, shown, termRows } from './terms/describe-terms.js'
import { Findings, objectIn, text, textIn, type Place } from './findings.js'
import { checkPlanToken, isPlanToken, planTokenRows, planTokenTitle } from './plan-token.js'
import { timeWords } from './terms/times.js'
import type { Description, Row, Thing } from './thing.js'

export function describePayment({ value, header }: Thing, nowMs: number): Description {
  const findings = new Findings()
  const whole: Place = { value: isBare(value) ? { payload: value } : value, path: '', findings }
  const version = versionOf(whole)
  checkHeader(whole, version, header)
  const accepted = version === 2 ? acceptedOf(whole) : termsOfV1(whole)
  const payload = objectIn(whole, 'payload', 'Send what the signer made.')
  const isPlan = isPlanToken(accepted)
  if (payload !== undefined) {
    const network = text(accepted['network']) ?? ''
    if (isPlan) checkPlanToken(payload, accepted, nowMs)
    else if (isSignedOnEvm(payload.value, network)) checkSigned(payload, accepted, nowMs)
    else textIn(payload, 'transaction', 'Send the signed transaction.')
  }
  const rows = [
    ...termRows(accepted).filter(([label]) => label !== 'Valid for'),
    ...(payload === undefined
      ? []
      : isPlan
        ? planTokenRows(payload.value, nowMs)
        : signedRows(payload.value, { accepted, nowMs })),
    ...restRows(whole.value),
  ]
  const title = isPlan ? planTokenTitle(payload?.value) : 'payment'
  return { title: `x402 v${version} ${title}`, version, rows, findings: findings.all }
}

/** The signed part alone, as a signer gives it. */
function isBare(value: Readonly<Record<string, unknown>>): boolean {
  return value['payload'] === undefined && signedPart(value) !== undefined
}

function checkHeader({ findings }: Place, version: 1 | 2, header: string | undefined): void {
  if (version === 1 && header === PAYMENT_SIGNATURE_HEADER) {
    const message = 'A payment of x402 v1 is in the header of v2.'
    findings.fail(
      'x402Version',
      message,
      'Send it in the header X-PAYMENT, or make a payment of v2.',
    )
  }
  if (version === 2 && header === X_PAYMENT_HEADER) {
    const message = 'A payment of x402 v2 is in the header of v1.'
    findings.fail('x402Version', message, 'Send it in the header PAYMENT-SIGNATURE.')
  }
}

type Members = Readonly<Record<string, unknown>>

function acceptedOf(whole: Place): Members {
  const accepted = objectIn(whole, 'accepted', 'Copy the entry of accepts that is paid.')
  if (accepted === undefined) return {}
  checkTerms(accepted, 2)
  return accepted.value
}

/** Version 1 names scheme and network only. */
function termsOfV1(whole: Place): Members {
  const scheme = textIn(whole, 'scheme', 'Name the scheme, such as exact.')
  const network = textIn(whole, 'network', 'Name the network, such as base-sepolia.')
  if (network?.includes(':')) {
    const message = 'x402 v1 has names of its own for networks, and this is CAIP-2.'
    whole.findings.fail('network', message, 'Write a name of version 1, such as base-sepolia.')
  }
  return { scheme, network }
}

function signedRows(
  payload: Members,
  { accepted, nowMs }: { accepted: Members; nowMs: number },
): Row[] {
  const part = signedPart(payload)
  if (part === undefined)
    return [['Signed', typeof payload['transaction'] === 'string' ? 'a transaction' : undefined]]
  const isTransfer = isRecord(payload['authorization'])
  const [amount, second, third] = part.terms
  const [asset, to] = isTransfer ? [accepted['asset'], second] : [second, third]
  const isAsked = amount === accepted['amount'] && to === accepted['payTo']
  return [
    ['Signed by', isTransfer ? 'EIP-3009 (a transfer)' : 'Permit2 (a permission)'],
    ['Payer', shown(part.from, 'from')],
    [
      'Signed for',
      isAsked
        ? undefined
        : signedFor(moneyText(amount, asset, accepted['network']), shown(to, 'to')),
    ],
    ['Valid from', timeWords(part.validAfter, nowMs)],
    ['Valid until', timeWords(part.validBefore, nowMs)],
    ['Nonce', shortNonce(part.nonce)],
  ]
}

function signedFor(amount: string | undefined, to: string | undefined): string {
  return `${amount ?? 'no amount'}, to ${to ?? 'nobody'}`
}

/** A nonce is long, and its ends tell it from others. */
function shortNonce(nonce: unknown): string | undefined {
  const words = shown(nonce, 'nonce')
  return words === undefined || words.length <= 20
    ? words
    : `${words.slice(0, 10)}…${words.slice(-8)}`
}

function restRows({ resource, extensions }: Members): Row[] {
  const extension = isRecord(extensions) ? extensions[PAYMENT_IDENTIFIER] : undefined
  const info = isRecord(extension) ? extension['info'] : undefined
  return [
    ['Resource', resourceText(resource)],
    ['Payment id', isRecord(info) ? shown(info['id'], 'id') : undefined],
  ]
}
