import { isRecord } from '../../wire/json.js'
import {
  type MppChallenge,
  credentialHeaderOf,
  expiryOf,
  isExpired,
  mppNetwork,
} from '../../wire/mpp.js'
import { decodeHeader } from '../../wire/x402.js'
import { toAmount } from '../../wire/amounts.js'
import { timeAway } from '../output/times.js'
import { assetText, moneyText, networkWords } from './terms/amounts.js'
import { checkAddress, checkAmountForm } from './terms/check-terms.js'
import { shown } from './terms/describe-terms.js'
import { Findings, isAbsent, text, type Place } from './findings.js'
import { distance } from './terms/times.js'
import type { Description, Row, Thing } from './thing.js'

const ASK_AGAIN = 'Call again without a payment, to get a new challenge.'
const TELL_SELLER = 'Tell the seller: clients leave out such a challenge.'
/** The methods that payers here can pay. */
const METHODS = ['evm', 'tempo', 'solana']

export function describeMppChallenge({ value }: Thing, nowMs: number): Description {
  const findings = new Findings()
  const place: Place = { value, path: '', findings }
  for (const name of ['id', 'realm', 'method', 'intent', 'request']) {
    if (isAbsent(value[name]) || value[name] === '') {
      findings.fail(name, `The parameter ${name} is missing.`, TELL_SELLER)
    }
  }
  checkMethod(place)
  checkRequest(place)
  checkExpiry(place, nowMs)
  checkCredentialHeader(place)
  return {
    title: 'MPP challenge: what to pay',
    rows: mppRows(value, nowMs),
    findings: findings.all,
  }
}

function checkMethod({ value, findings }: Place): void {
  const { method, intent } = value
  if (typeof method === 'string' && !/^[a-z]+$/.test(method)) {
    findings.fail('method', 'The method is not made of small letters only.', TELL_SELLER)
  } else if (typeof method === 'string' && !METHODS.includes(method)) {
    const message = `The method ${method.slice(0, 40)} is not known here.`
    findings.warn('method', message, `Payers here pay by ${METHODS.join(', ')}.`)
  }
  if (typeof intent === 'string' && intent !== 'charge') {
    findings.warn(
      'intent',
      'The intent is not charge, and payers here pay single charges only.',
      'Ask the seller for a charge.',
    )
  }
}

function checkRequest({ value, findings }: Place): void {
  const request = requestOf(value)
  if (request === undefined) {
    if (typeof value['request'] === 'string' && value['request'] !== '') {
      findings.fail('request', 'The request is no base64url of a JSON object.', TELL_SELLER)
    }
    return
  }
  const place: Place = { value: request, path: 'request', findings }
  if (isAbsent(request['amount'])) {
    findings.fail('request.amount', 'The member amount is missing.', TELL_SELLER)
  } else checkAmountForm('request.amount', request['amount'], findings)
  const network = networkOf(value) ?? ''
  if (!isAbsent(request['recipient'])) checkAddress(place, 'recipient', network)
  if (value['method'] === 'evm' && network === '') {
    findings.warn('request.methodDetails.chainId', 'It names no chain.', TELL_SELLER)
  }
}

function checkExpiry({ value, findings }: Place, nowMs: number): void {
  const { expires } = value
  if (isAbsent(expires)) return
  const challenge = { expires: text(expires) ?? '' } as MppChallenge
  const until = expiryOf(challenge)
  if (until === undefined) {
    findings.warn(
      'expires',
      'The time is not written as RFC 3339, so clients ignore it.',
      'Write 2026-11-30T17:05:00Z.',
    )
  } else if (isExpired(challenge, nowMs)) {
    findings.fail('expires', `The challenge expired ${distance(until, nowMs)} ago.`, ASK_AGAIN)
  }
}

function checkCredentialHeader({ value, findings }: Place): void {
  const header = text(value['header'])
  if (header === undefined) return
  const raw = `Payment id="x", header="${header}"`
  if (credentialHeaderOf({ header, raw } as MppChallenge) !== undefined) return
  const message =
    'The credential is wanted in a header that means something else to servers and proxies.'
  findings.fail('header', message, TELL_SELLER)
}

/** The request of a challenge: decoded already, or base64url as a credential repeats it. */
export function requestOf({
  request,
}: Readonly<Record<string, unknown>>): Record<string, unknown> | undefined {
  return isRecord(request)
    ? request
    : typeof request === 'string'
      ? decodeHeader(request)
      : undefined
}

/** The network in CAIP-2, if the challenge names it. */
export function networkOf(value: Readonly<Record<string, unknown>>): string | undefined {
  const request = requestOf(value)
  const details = isRecord(request?.['methodDetails']) ? request['methodDetails'] : {}
  const method = text(value['method']) ?? ''
  const network = text(details['network'])
  const chainId = typeof details['chainId'] === 'number' ? details['chainId'] : undefined
  return mppNetwork({ method, request: { methodDetails: { chainId, network } } } as MppChallenge)
}

/** What a challenge of MPP says, in words. */
export function mppRows(value: Readonly<Record<string, unknown>>, nowMs: number): Row[] {
  const request = requestOf(value) ?? {}
  const network = networkOf(value)
  const until = expiryOf({ expires: text(value['expires']) ?? '' } as MppChallenge)
  const isToken = typeof request['currency'] === 'string' && request['currency'].length > 20
  const { amount, currency } = request
  const plain =
    toAmount(amount) === undefined ? shown(amount) : `${String(amount)} of the smallest unit`
  return [
    ['Id', shown(value['id'], 'id')],
    ['Realm', shown(value['realm'])],
    ['Method', shown(value['method'])],
    ['Intent', shown(value['intent'])],
    ['Network', networkWords(network)],
    ['Amount', isToken ? moneyText(amount, currency, network) : plain],
    ['Currency', isToken ? assetText(currency, network) : shown(currency)],
    ['Pay to', shown(request['recipient'], 'recipient')],
    ['About', shown(value['description'] ?? request['description'])],
    ['Expires', until === undefined ? undefined : timeAway(until, nowMs)],
    ['Send it in', shown(value['header'])],
  ]
}
