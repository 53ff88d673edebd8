import { isRecord } from '../../../wire/json.js'
import { sameId, toAmount } from '../../../wire/amounts.js'
import { caip2 } from '../../../wire/networks.js'
import { DEFAULT_VALID_SECONDS, signedPart } from '../../../wire/signed-terms.js'
import { checkAddress, checkAmountForm } from './check-terms.js'
import { isAbsent, objectIn, pathOf, text, type Place } from '../findings.js'
import { safeText } from '../secrets.js'
import { distance, isInMilliseconds, timeOf } from './times.js'

/** What a payment has to be signed for. */
export interface Accepted {
  readonly scheme?: string | undefined
  readonly network?: string | undefined
  readonly amount?: unknown
  readonly asset?: unknown
  readonly payTo?: unknown
  readonly maxTimeoutSeconds?: unknown
}

const SIGN_AGAIN = 'Sign a new payment, with one of the official clients.'

/** Checks what was signed on an EVM chain: by EIP-3009 or by Permit2. */
export function checkSigned(place: Place, accepted: Accepted, nowMs: number): void {
  const { value, findings } = place
  checkSignature(place)
  const isTwice = !isAbsent(value['authorization']) && !isAbsent(value['permit2Authorization'])
  if (isTwice) {
    findings.fail(
      place.path,
      'It has two kinds of signed terms, and nobody knows which one counts.',
      SIGN_AGAIN,
    )
  }
  const isPermit = isAbsent(value['authorization']) && !isAbsent(value['permit2Authorization'])
  const signed = objectIn(place, isPermit ? 'permit2Authorization' : 'authorization', SIGN_AGAIN)
  if (signed === undefined) return
  if (isPermit) checkPermit(signed, accepted)
  else checkTransfer(signed, accepted)
  const part = signedPart(value)
  const names = isPermit ? ['witness.validAfter', 'deadline'] : ['validAfter', 'validBefore']
  checkTimes(signed, { part, names, accepted }, nowMs)
}

/** A signature of a wallet has 65 bytes. */
const SIGNATURE_CHARS = 132

function checkSignature(place: Place): void {
  const { value, findings } = place
  const { signature } = value
  const at = pathOf(place, 'signature')
  if (typeof signature !== 'string' || signature === '') {
    return findings.fail(at, 'The signature is missing.', SIGN_AGAIN)
  }
  const { length } = signature
  if (!/^0x[\da-f]*$/i.test(signature)) {
    findings.fail(
      at,
      `The signature (${length} characters) is no hexadecimal text that begins with 0x.`,
      SIGN_AGAIN,
    )
  } else if (length < SIGNATURE_CHARS || length % 2 === 1) {
    const message = `The signature has ${length} characters, and one of a wallet has ${SIGNATURE_CHARS}: a part is missing.`
    findings.fail(at, message, 'Copy the payment again, or sign a new one.')
  } else if (length > SIGNATURE_CHARS) {
    const message = `The signature has ${length} characters, more than the ${SIGNATURE_CHARS} of a wallet.`
    findings.warn(at, message, 'That is right for smart accounts only, whose contract checks it.')
  }
}

/** @see https://eips.ethereum.org/EIPS/eip-3009 */
function checkTransfer(signed: Place, accepted: Accepted): void {
  const { network = '', scheme } = accepted
  for (const name of ['from', 'to', 'value', 'validAfter', 'validBefore', 'nonce'])
    require(signed, name)
  checkAddresses(signed, ['from', 'to'], network)
  checkAmountOf(signed, 'value', { accepted, isMost: scheme === 'upto' })
  checkPayee(signed, 'to', accepted)
  const { nonce } = signed.value
  if (!isAbsent(nonce) && !(typeof nonce === 'string' && /^0x[\da-f]{64}$/i.test(nonce))) {
    const message = `The nonce is no 0x with 64 hexadecimal digits.`
    signed.findings.fail(pathOf(signed, 'nonce'), message, SIGN_AGAIN)
  }
}

function checkPermit(signed: Place, accepted: Accepted): void {
  const { network = '', asset } = accepted
  for (const name of ['from', 'spender', 'nonce', 'deadline']) require(signed, name)
  checkAddresses(signed, ['from', 'spender'], network)
  const permitted = objectIn(signed, 'permitted', SIGN_AGAIN)
  if (permitted !== undefined) {
    for (const name of ['token', 'amount']) require(permitted, name)
    checkAmountOf(permitted, 'amount', { accepted, isMost: accepted.scheme === 'upto' })
    const token = text(permitted.value['token'])
    if (token !== undefined && typeof asset === 'string' && !sameId(token, asset)) {
      const message = `The payment is signed for the token ${safeText(token)}, and ${safeText(asset, 'asset')} is asked.`
      permitted.findings.fail(pathOf(permitted, 'token'), message, SIGN_AGAIN)
    }
  }
  const witness = objectIn(signed, 'witness', SIGN_AGAIN)
  if (witness === undefined) return
  require(witness, 'to')
  checkAddresses(witness, ['to'], network)
  checkPayee(witness, 'to', accepted)
}

function require(place: Place, name: string): void {
  if (!isAbsent(place.value[name])) return
  place.findings.fail(pathOf(place, name), `The member ${name} is missing.`, SIGN_AGAIN)
}

function checkAddresses(place: Place, names: readonly string[], network: string): void {
  for (const name of names) {
    if (!isAbsent(place.value[name])) checkAddress(place, name, caip2(network))
  }
}

function checkPayee(place: Place, name: string, { payTo }: Accepted): void {
  const to = place.value[name]
  if (typeof to !== 'string' || typeof payTo !== 'string' || sameId(to, payTo)) return
  const message = `The payment is signed for ${safeText(to, 'to')}, and payTo is ${safeText(payTo, 'payTo')}.`
  place.findings.fail(pathOf(place, name), message, SIGN_AGAIN)
}

function checkAmountOf(
  place: Place,
  name: string,
  { accepted, isMost }: { accepted: Accepted; isMost: boolean },
): void {
  const signed = place.value[name]
  if (isAbsent(signed)) return
  const at = pathOf(place, name)
  checkAmountForm(at, signed, place.findings)
  const [has, asked] = [toAmount(signed), toAmount(accepted.amount)]
  if (has === undefined || asked === undefined || has === asked) return
  const how = has < asked ? 'less' : 'more'
  const what = isMost ? 'the most that may be charged' : 'the amount that was accepted'
  place.findings.fail(
    at,
    `The payment is signed for ${has}, ${how} than ${what}: ${asked}.`,
    SIGN_AGAIN,
  )
}

interface Times {
  readonly part: ReturnType<typeof signedPart>
  /** The members that say from when, and until when. */
  readonly names: readonly string[]
  readonly accepted: Accepted
}

function checkTimes(signed: Place, { part, names, accepted }: Times, nowMs: number): void {
  const { findings } = signed
  const [fromName = '', untilName = ''] = names
  const [fromAt, untilAt] = [pathOf(signed, fromName), pathOf(signed, untilName)]
  for (const [at, value] of [
    [fromAt, part?.validAfter],
    [untilAt, part?.validBefore],
  ] as const) {
    if (isInMilliseconds(value)) {
      findings.fail(
        at,
        'The time is in milliseconds, and seconds are expected.',
        'Divide it by 1000, and sign again.',
      )
    } else if (!isAbsent(value) && timeOf(value) === undefined) {
      findings.fail(at, 'The time is no whole number of seconds since 1970.', SIGN_AGAIN)
    }
  }
  const [from, until] = [timeOf(part?.validAfter), timeOf(part?.validBefore)]
  if (from !== undefined && from > nowMs) {
    const message = `The payment becomes valid in ${distance(from, nowMs)}.`
    findings.fail(fromAt, message, 'Compare the clocks of buyer and seller, or wait.')
  }
  if (until === undefined) return
  if (until <= nowMs) {
    findings.fail(
      untilAt,
      `The payment expired ${distance(until, nowMs)} ago.`,
      'Sign a new payment.',
    )
  } else checkLong(untilAt, { findings, until, accepted }, nowMs)
}

function checkLong(
  at: string,
  { findings, until, accepted }: { findings: Place['findings']; until: number; accepted: Accepted },
  nowMs: number,
): void {
  const asked = accepted.maxTimeoutSeconds
  const most = Math.max(typeof asked === 'number' ? asked : 0, DEFAULT_VALID_SECONDS)
  if (until - nowMs <= most * 1000) return
  const message = `The payment is valid for another ${distance(until, nowMs)}. Whoever has it can settle it until then.`
  findings.warn(at, message, 'Sign for a shorter time.')
}

/** Whether it is signed on an EVM chain. */
export function isSignedOnEvm(payload: unknown, network: string): boolean {
  const isNamed = caip2(network).startsWith('eip155:')
  return isNamed || (isRecord(payload) && signedPart(payload) !== undefined)
}
