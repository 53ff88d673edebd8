import {
  PaymentRefusedError,
  PaymentRequiredError,
  PaymentUsedError,
  SettlementUnknownError,
  type PaymentError,
} from '../../errors/payment-error.js'
import { PAYMENT_RESPONSE_HEADER, PAYMENT_RESPONSE_META_KEY } from '../../wire/x402.js'
import type { SoldCall } from '../events/call.js'
import type { Reply } from '../events/event-shape.js'
import { challenge, settlementRefused, whatToPay } from './challenge.js'
import { headerOf, toSettleResponse } from './receipt.js'
import { failure } from './respond.js'

/** Turns a payment failure into an answer. This is the only place that does. */
export function respondToFailure(call: SoldCall, error: PaymentError): Reply {
  if (error instanceof PaymentRequiredError) {
    const paymentRequired = { ...error.paymentRequired, error: error.message }
    const reply = challenge(paymentRequired, whatToPay(call, error), call.transport)
    return error.code === 'payment_identifier_invalid' ? { ...reply, refusedWith: 400 } : reply
  }
  if (error instanceof PaymentRefusedError) {
    return error.code === 'settlement_refused'
      ? settlementRefused(error, call.transport)
      : challenge(
          { ...error.paymentRequired, error: `verification failed: ${error.reason}` },
          `The payment was refused (${error.reason}). You were not charged.`,
          call.transport,
        )
  }
  if (error instanceof SettlementUnknownError) return settlementUnknown(error)
  if (error instanceof PaymentUsedError) return used(error)
  switch (error.code) {
    case 'hook_refused':
      return failure('The seller refused this call. You were not charged.', 403)
    case 'payment_in_use':
      return retryLater(
        'Another call with this payment is in work. Do not pay again. Come back with the same payment later.',
        503,
      )
    case 'balance_in_use':
      return retryLater(
        'Your other calls in work may need all the credits that you have left. So this call did not start, and you ' +
          'were not charged for it. Come back later with the same payment.',
        503,
      )
    case 'store_unavailable':
      return retryLater(
        'The seller cannot look up this payment right now. This call charged nothing. Come back later with the ' +
          'same payment.',
        503,
      )
    case 'payment_conflict':
      return failure(
        'This payment, or its payment-identifier, belongs to another call. This call charged nothing. Send the other ' +
          'call again, or pay for this one with a payment and an identifier of its own.',
        409,
      )
    default:
      return retryLater(
        'The seller cannot take payments right now. Try again later, with the same payment if you sent one. You were not charged for this call.',
        503,
      )
  }
}

/**
 * The answer after an unknown settlement. It has no challenge, since that would make a client sign and pay
 * again.
 */
function settlementUnknown(error: SettlementUnknownError): Reply {
  const { correlationId, transaction, settlementId, state } = error
  if (state === 'used') return used(new PaymentUsedError('already_used'), error)
  const found = [
    `correlation id ${correlationId}`,
    ...(transaction === undefined ? [] : [`transaction ${transaction}`]),
    ...(settlementId === undefined ? [] : [`settlement ${settlementId}`]),
  ].join(', ')
  const outcome = state === 'pending' ? 'pending' : 'unknown'
  return retryLater(
    `The payment was sent and its outcome is ${outcome}, so the result is withheld. Do not pay again: come back ` +
      `with the same payment, or ask the seller about ${found}.`,
    503,
  )
}

/**
 * The answer to a used payment. It has no challenge either. If the payment is known to be settled, it has the
 * receipt.
 */
function used(
  { settled, reason }: PaymentUsedError,
  { correlationId, transaction }: Partial<SettlementUnknownError> = {},
): Reply {
  const where = [
    ...(correlationId === undefined ? [] : [`correlation id ${correlationId}`]),
    ...(transaction === undefined ? [] : [`transaction ${transaction}`]),
  ].join(', ')
  const ask = where === '' ? '' : ` The seller can look for ${where}.`
  if (settled === undefined) {
    return failure(
      `This payment is used, or may be used (${reason}): perhaps it paid for an earlier call. It is not known whether ` +
        `you were charged. Look at your balance before you pay again.${ask}`,
      409,
    )
  }
  const reply = failure(
    `This payment is already used (${reason}): it was settled for an earlier call, and the answer of that call is not ` +
      `sent again. The receipt is attached. Pay again only for a new call.`,
    409,
  )
  const settleResponse = toSettleResponse(settled)
  const receipt = { transactionHash: settleResponse['transaction'], ...settleResponse }
  const { outcome } = reply
  const _meta = { x402: receipt, [PAYMENT_RESPONSE_META_KEY]: settleResponse }
  return {
    ...reply,
    headers: headerOf(PAYMENT_RESPONSE_HEADER, receipt),
    ...(outcome && 'result' in outcome && { outcome: { result: { ...outcome.result, _meta } } }),
  }
}

/** An answer that asks the buyer to come back. */
export function retryLater(text: string, refusedWith: number): Reply {
  return { ...failure(text, refusedWith), headers: { 'Retry-After': '1' } }
}
