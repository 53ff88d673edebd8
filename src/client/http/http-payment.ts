import {
  credentialHeaderOf,
  decodeCredential,
  isForChallenge,
  type MppChallenge,
} from '../../wire/mpp.js'
import {
  signedMismatch,
  signedUntil,
  transferMismatch,
  type SignedTerms,
} from '../../wire/signed-terms.js'
import type { Requirement, RequirementV1 } from '../../wire/x402-challenge.js'
import { MAX_TOKEN_CHARS, X_PAYMENT_HEADER, decodeHeader, encodeHeader } from '../../wire/x402.js'
import { isRecord } from '../../wire/json.js'
import {
  headerIn,
  readPayment,
  termsOf,
  unusable,
  type Agreed,
  type PayerCall,
} from '../buying/payer.js'

/** The one header that pays for an HTTP request. */
export interface HttpPayment {
  name: string
  value: string
  /** Until when it can be settled, if it says so. Unit: seconds since the epoch. */
  untilSeconds?: number | undefined
}

/**
 * Reads what a payer returned for an HTTP challenge, in the form that the seller asked for: x402 v2 or v1, or
 * MPP. If the seller speaks v1, a payment of x402 v2 is put into the envelope of v1. What is signed is the
 * same.
 *
 * @throws PaymentError with code `payment_unusable` if it is no payment, or not for what was chosen.
 * @see https://github.com/coinbase/x402/blob/main/specs/transports-v1/http.md
 */
export function readHttpPayment(
  answer: unknown,
  { requirement, v1, mpp }: PayerCall,
  agreed: Agreed,
): HttpPayment {
  const terms = termsOf(requirement, agreed.latestSeconds)
  const payment =
    mpp !== undefined
      ? mppPayment(answer, mpp, terms)
      : v1 !== undefined
        ? v1Payment(answer, v1, requirement, terms)
        : v2Payment(answer, requirement, agreed)
  if (payment.value.length > MAX_TOKEN_CHARS) throw unusable('the payment is too long')
  // A client would refuse to send it, with an error that quotes it.
  if (!/^[\x20-\x7e]+$/.test(payment.value)) throw unusable('the payment does not fit in a header')
  return payment
}

function v2Payment(answer: unknown, requirement: Requirement, agreed: Agreed): HttpPayment {
  const { header, untilSeconds } = readPayment(answer, requirement, agreed)
  return { name: 'PAYMENT-SIGNATURE', value: header, untilSeconds }
}

function v1Payment(
  answer: unknown,
  v1: RequirementV1,
  requirement: Requirement,
  terms: SignedTerms,
): HttpPayment {
  const name = 'X-PAYMENT'
  const { scheme, network } = v1
  const value = isRecord(answer) ? headerIn(answer['headers'], X_PAYMENT_HEADER) : undefined
  if (value === undefined) {
    const read = readPayment(answer, requirement, { latestSeconds: terms.latestSeconds })
    const { payload } = read.payload
    const header = encodeHeader({ x402Version: 1, scheme, network, payload })
    return { name, value: header, untilSeconds: read.untilSeconds }
  }
  const payload = decodeHeader(value)
  if (payload === undefined) throw unusable('the payer returned no x402 payment')
  const asked = Object.entries({ x402Version: 1, scheme, network })
  const wrong = asked.find(([key, wanted]) => payload[key] !== wanted)?.[0]
  const field = wrong ?? signedMismatch(payload['payload'], terms)
  if (field !== undefined) throw unusable(`the payer's ${field} is not what was asked for`)
  return { name, value, untilSeconds: signedUntil(payload['payload']) }
}

function mppPayment(answer: unknown, challenge: MppChallenge, terms: SignedTerms): HttpPayment {
  const name = credentialHeaderOf(challenge) ?? 'Authorization'
  const headers = isRecord(answer) ? answer['headers'] : undefined
  // A payer may not know other headers than these. What it signed is the same.
  const value = headerIn(headers, name.toLowerCase()) ?? headerIn(headers, 'authorization')
  const credential = value === undefined ? undefined : decodeCredential(value)
  if (value === undefined || credential === undefined)
    throw unusable('the payer returned no credential')
  const { challenge: paid, payload } = credential
  if (!isForChallenge(paid, challenge)) {
    throw unusable("the payer's credential is for another challenge")
  }
  const wrong = transferMismatch(payload, terms)
  if (wrong !== undefined) {
    throw unusable(`the payer's payload.${wrong} is not what was asked for`)
  }
  const hasScheme = /^Payment\s/i.test(value)
  const header = hasScheme ? value : `Payment ${value}`
  return { name, value: header, untilSeconds: signedUntil(payload) }
}
