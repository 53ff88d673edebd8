import { PaymentError } from '../../errors/payment-error.js'
import { decodeCredential, isForChallenge } from '../../wire/mpp.js'
import { signedMismatch, transferMismatch, type SignedTerms } from '../../wire/signed-terms.js'
import { withIdentifier } from '../../wire/payment-identifier.js'
import { MAX_TOKEN_CHARS, encodeHeader } from '../../wire/x402.js'
import { isRecord } from '../../wire/json.js'
import { MAY_BE_CHARGED } from '../aws/outcome.js'
import type { ProcessedPayment } from '../manager/process-payment.js'
import type { MppSelection, X402Selection } from './selection.js'

/** A payment in the form that its seller takes. */
export interface ReadyPayment {
  /** Name of the HTTP header. */
  name: 'X-PAYMENT' | 'PAYMENT-SIGNATURE' | 'Authorization'
  value: string
  /** The payment of x402 that `value` encodes. */
  payload?: Record<string, unknown>
}

/**
 * Puts what AWS signed into the form that the seller asked for.
 *
 * @param latestSeconds until when it may be valid. Unit: seconds since the epoch.
 * @throws PaymentError with code `payment_unusable` if it is not what was to be paid. It is then not sent.
 * @see https://github.com/coinbase/x402/blob/main/specs/transports-v2/http.md
 */
export function readyPayment(
  processed: ProcessedPayment,
  selection: X402Selection | MppSelection,
  latestSeconds: number,
): ReadyPayment {
  const { status, paymentOutput: output }: { status?: unknown; paymentOutput?: unknown } = processed
  if (status !== 'PROOF_GENERATED') throw unusable('status', 'is not PROOF_GENERATED')
  const member = selection.protocol === 'mpp' ? 'mpp' : 'cryptoX402'
  const found = isRecord(output) ? output[member] : undefined
  if (!isRecord(found)) throw unusable(`paymentOutput.${member}`, 'is missing')
  const payment =
    selection.protocol === 'mpp'
      ? mppPayment(found, selection, latestSeconds)
      : x402Payment(found, selection, latestSeconds)
  if (payment.value.length <= MAX_TOKEN_CHARS) return payment
  throw unusable(`paymentOutput.${member}`, 'is too long for a header')
}

function x402Payment(
  { payload: proof, version: signed }: Record<string, unknown>,
  { version, entry, terms, resource, extensions }: X402Selection,
  latestSeconds: number,
): ReadyPayment {
  const at = 'paymentOutput.cryptoX402'
  if (typeof signed === 'string' && signed !== String(version)) throw unusable(`${at}.version`)
  if (!isRecord(proof)) throw unusable(`${at}.payload`, 'is missing')
  const wrong = signedMismatch(proof, termsOf(terms, latestSeconds))
  if (wrong !== undefined) throw unusable(`${at}.payload.${wrong}`)
  if (version === 1) {
    const { scheme, network } = entry
    const payload = { x402Version: 1, scheme, network, payload: proof }
    return { name: 'X-PAYMENT', value: encodeHeader(payload), payload }
  }
  const written = {
    x402Version: 2,
    resource: resource ?? null,
    accepted: entry,
    extensions: extensions ?? {},
    payload: proof,
  }
  const payload = withIdentifier(written, extensions)
  return { name: 'PAYMENT-SIGNATURE', value: encodeHeader(payload), payload }
}

/** The terms that may be signed for what was selected. */
function termsOf(
  { amount, asset, payees: [payTo] }: X402Selection['terms'],
  latestSeconds: number,
): SignedTerms {
  return { amount, asset, payTo, latestSeconds }
}

function mppPayment(
  { paymentCredential, selectedPaymentId }: Record<string, unknown>,
  { challenge, terms }: MppSelection,
  latestSeconds: number,
): ReadyPayment {
  const at = 'paymentOutput.mpp'
  if (typeof selectedPaymentId === 'string' && selectedPaymentId !== challenge.id) {
    throw unusable(`${at}.selectedPaymentId`)
  }
  const given = typeof paymentCredential === 'string' ? paymentCredential.trim() : ''
  const token = given.replace(/^Payment( +|$)/i, '')
  // Any other text would be another header, or more than one.
  if (!/^[\w~+/.-]+=*$/.test(token)) throw unusable(`${at}.paymentCredential`, 'is no credential')
  const { challenge: paid, payload } = decodeCredential(token) ?? {}
  const isOther = paid !== undefined && !isForChallenge(paid, challenge)
  const wrong = payload && transferMismatch(payload, termsOf(terms, latestSeconds))
  if (isOther || wrong !== undefined) throw unusable(`${at}.paymentCredential`)
  return { name: 'Authorization', value: `Payment ${token}` }
}

function unusable(field: string, what = 'is not what was to be paid'): PaymentError {
  return new PaymentError('payment_unusable', `ProcessPayment: ${field} ${what}; ${MAY_BE_CHARGED}`)
}
