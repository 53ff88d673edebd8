import type { Answer } from '../answer/answer.js'
import {
  PaymentRefusedError,
  PaymentRequiredError,
  PaymentUsedError,
  SettlementUnknownError,
  type PaymentError,
} from '../../errors/payment-error.js'
import { MAX_GATEWAY_HEADER_CHARS } from '../../wire/gateway-events.js'
import { PAYMENT_REQUIRED_MARKER } from '../../wire/marker.js'
import type { McpResult } from '../../wire/mcp.js'
import { nameInV1 } from '../../wire/networks.js'
import { whatToSend } from '../price/offer.js'
import type { Call, Transport } from '../events/call.js'
import type { Reply } from '../events/event-shape.js'
import type { RefundDue } from '../options/payment-events.js'
import type { Replay } from '../records/entry.js'
import type { Settlement } from '../options/payment-record.js'
import { toPaymentRequiredV1 } from '../price/x402-v1.js'
import {
  PAYMENT_REQUIRED_HEADER,
  PAYMENT_RESPONSE_HEADER,
  PAYMENT_RESPONSE_META_KEY,
  type PaymentRequired,
  REFUND_DUE_HEADER,
  REFUND_DUE_META_KEY,
  type SettleResponse,
  X_PAYMENT_RESPONSE_HEADER,
  encodeHeader,
} from '../../wire/x402.js'
import { isRecord } from '../../wire/json.js'

/** What every answer says; the shape of the event decides how it looks. */

/** The answer of a handler or target, with the receipt if something was settled. */
export function respondWith(answer: Answer, settlement: Settlement | undefined): Reply {
  const { statusCode, headers, outcome, stream } = answer
  if (settlement === undefined) return { statusCode, headers, outcome, stream }
  const settleResponse = toSettleResponse(settlement.settled)
  // Nevermined's own receipts name the transaction twice; clients read either name.
  const { transaction } = settleResponse
  const receipt = isLong(transaction)
    ? settleResponse
    : { transactionHash: transaction, ...settleResponse }
  const withReceipt = {
    ...headers,
    ...headerOf(PAYMENT_RESPONSE_HEADER, receipt),
    ...(settlement.inV1 && headerOf(X_PAYMENT_RESPONSE_HEADER, toReceiptV1(settleResponse))),
  }
  const caching = 'private'
  if (!('result' in outcome)) return { statusCode, headers: withReceipt, outcome, stream, caching }
  // A new object: the handler may hand out the same result to every buyer.
  const ours = { x402: receipt, [PAYMENT_RESPONSE_META_KEY]: settleResponse }
  const given = outcome.result._meta
  const result = { _meta: {}, ...outcome.result }
  result._meta = isRecord(given) ? { ...given, ...ours } : ours
  return { statusCode, headers: withReceipt, outcome: { result }, stream, caching }
}

/** Hashes are short. Of a longer text two copies in the answer are enough. */
function isLong(value: unknown): boolean {
  return String(value).length > MAX_REPEATED_CHARS
}

/** Unit: characters. */
const MAX_REPEATED_CHARS = 256

function toReceiptV1(response: Record<string, unknown>): Record<string, unknown> {
  const { success, transaction, network, payer } = response
  return { success, transaction, network: nameInV1(String(network)) ?? network, payer }
}

/** Work that failed after it was paid: the failed answer, the receipt, and what is owed. */
export function respondWithRefund(
  answer: Answer | undefined,
  settlement: Settlement,
  refund: RefundDue,
): Reply {
  const reply = respondWith(answer ?? failedAfterPayment(refund), settlement)
  const headers = { ...reply.headers, ...headerOf(REFUND_DUE_HEADER, refund) }
  const status =
    answer === undefined ? { refusedWith: 500, plain: { error: PAID_FOR_NOTHING } } : {}
  return { ...reply, ...status, headers, outcome: withRefund(reply.outcome, refund) }
}

/** What was answered to this payment before. */
export function respondToReplay({ answer, settlement, refund }: Replay): Reply {
  if (refund !== undefined) return respondWithRefund(answer, settlement, refund)
  return respondWith(answer ?? failedAfterPayment(refund), settlement)
}

/** In `_meta` of a result, in `data` of an error; a plain body stays the handler's own. */
function withRefund(outcome: Reply['outcome'], refund: RefundDue): Reply['outcome'] {
  const said = { [REFUND_DUE_META_KEY]: shortened(refund) }
  if (outcome === undefined || 'raw' in outcome) return outcome
  if ('result' in outcome) {
    return { result: { ...outcome.result, _meta: { ...outcome.result._meta, ...said } } }
  }
  const { data } = outcome.error
  return { error: { ...outcome.error, data: { ...(isRecord(data) && data), ...said } } }
}

/** The receipt beside it says the same in full. */
function shortened(refund: RefundDue): Record<string, unknown> {
  return Object.fromEntries(Object.entries(refund).filter(([, value]) => !isLong(value)))
}

const PAID_FOR_NOTHING =
  'The tool failed after it was paid. The seller owes you a refund: quote the receipt of this answer.'

function failedAfterPayment(refund: RefundDue | undefined): Answer {
  const id = refund === undefined ? '' : ` Correlation id ${refund.correlationId}.`
  const text = `${PAID_FOR_NOTHING}${id}`
  return {
    statusCode: 200,
    headers: {},
    outcome: { result: { isError: true, content: [{ type: 'text', text }] } },
    failed: true,
    unfinished: false,
    creditsToCharge: undefined,
    amountToCharge: undefined,
  }
}

/** The one place that turns a payment failure into an answer. */
export function respondToFailure(call: Call, error: PaymentError): Reply {
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
        'A call with this payment is in work. Come back with the same payment when it is answered.',
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
        'This payment, or its payment-identifier, belongs to another call. Send that call again, or pay for ' +
          'this one with a payment and an identifier of its own.',
        409,
      )
    default:
      return retryLater(
        'The seller cannot take payments right now. Try again later. You were not charged.',
        503,
      )
  }
}

/** Without a challenge: it would make a client sign and pay again. */
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

/** Without a challenge, for the same reason. What is known to be settled has its receipt. */
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
      `This payment is used, or may be used (${reason}): perhaps it paid for an earlier call. Whether you were ` +
        `charged is unknown. Look at your balance before you pay again.${ask}`,
      409,
    )
  }
  const reply = failure(
    `This payment is already used (${reason}): it was settled for an earlier call, and its answer is not handed ` +
      `out again. The receipt is attached. Pay again only for a new call.`,
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

function retryLater(text: string, refusedWith: number): Reply {
  return { ...failure(text, refusedWith), headers: { 'Retry-After': '1' } }
}

/** For errors of the handler: its message may hold what the buyer must not see. */
export function respondToHandlerFailure(): Reply {
  return failure('The tool failed. You were not charged.', 500)
}

export function rpcError(code: number, message: string, refusedWith = 200): Reply {
  return { statusCode: 200, refusedWith, headers: {}, outcome: { error: { code, message } } }
}

/** To what is no call. MCP clients look for a 405 and take it well: there is no stream, no session. */
export function respondToInvalid(invalid: {
  code: number
  message: string
  httpStatus: number
}): Reply {
  const { code, message, httpStatus } = invalid
  const reply = rpcError(code, message, httpStatus)
  return httpStatus === 405 ? { ...reply, statusCode: 405, headers: { Allow: 'POST' } } : reply
}

/** To a notification: nothing is said, so nothing was done. */
export function accepted(): Reply {
  return { statusCode: 202, headers: {}, outcome: undefined }
}

/**
 * A challenge all families of clients read: `structuredContent` and its JSON as first text (x402 MCP
 * transport), the `PAYMENT_REQUIRED: ` marker that AWS's payments plugin looks for in ordinary tools, and for
 * clients of plain HTTP the header of x402 v2 and the body of v1.
 */
function challenge(
  paymentRequired: PaymentRequired,
  forPeople: string,
  transport: Transport,
  headers: Record<string, string> = {},
): Reply {
  const header = headerOf(PAYMENT_REQUIRED_HEADER, paymentRequired)
  const v1 = header[PAYMENT_REQUIRED_HEADER] && toPaymentRequiredV1(paymentRequired)
  return {
    statusCode: 200,
    refusedWith: 402,
    headers: { ...headers, ...header },
    outcome: { result: challengeResult(paymentRequired, forPeople, transport) },
    plain: v1 ? { ...v1, error: paymentRequired.error } : paymentRequired,
    ...(v1 && { beside: v1 }),
    caching: 'no-store',
  }
}

/**
 * Clients that declare the extension get its result, and only they.
 *
 * @see https://github.com/coinbase/x402/blob/main/specs/transports-v2/mcp.md
 */
function challengeResult(
  paymentRequired: PaymentRequired,
  forPeople: string,
  { takesPaymentRequired }: Transport,
): McpResult {
  if (takesPaymentRequired === true) return { resultType: 'payment_required', paymentRequired }
  const marker = { statusCode: 402, headers: {}, body: paymentRequired }
  return {
    isError: true,
    structuredContent: { ...paymentRequired },
    content: [
      { type: 'text', text: JSON.stringify(paymentRequired) },
      { type: 'text', text: PAYMENT_REQUIRED_MARKER + JSON.stringify(marker) },
      { type: 'text', text: forPeople },
    ],
    _meta: { x402: true },
  }
}

/** The body says the same, so a value the Gateway would not take is left out. */
function headerOf(name: string, value: unknown): Record<string, string> {
  const encoded = encodeHeader(value)
  return encoded.length <= MAX_GATEWAY_HEADER_CHARS ? { [name]: encoded } : {}
}

function settlementRefused(error: PaymentRefusedError, transport: Transport): Reply {
  const { paymentRequired, reason } = error
  const { network } = paymentRequired.accepts[0] ?? {}
  const receipt = { success: false, errorReason: reason, transaction: '', network }
  return challenge(
    { ...paymentRequired, error: 'settlement failed' },
    `The payment could not be settled (${reason}). The result is withheld and you were not charged.`,
    transport,
    headerOf(PAYMENT_RESPONSE_HEADER, receipt),
  )
}

function whatToPay(call: Call, error: PaymentRequiredError): string {
  const why = error.code === 'payment_required' ? '' : ` (${error.message})`
  return `Payment required for ${call.label}${why}: ${whatToSend(error.paymentRequired)} and call again.`
}

function failure(text: string, refusedWith: number): Reply {
  const result: McpResult = { isError: true, content: [{ type: 'text', text }] }
  return {
    statusCode: 200,
    refusedWith,
    headers: {},
    outcome: { result },
    plain: { error: text },
    caching: 'no-store',
  }
}

/**
 * The x402 SettleResponse with Nevermined's fields, as reported. Picked one by one: a facilitator's
 * internal fields do not go out.
 */
function toSettleResponse(settled: SettleResponse): Record<string, unknown> {
  const { success, transaction, network } = settled
  const response: Record<string, unknown> = {
    success,
    transaction: transaction ?? '',
    network: network ?? '',
  }
  for (const name of REPORTED) {
    const value = settled[name]
    if (value !== undefined && value !== null) response[name] = String(value)
  }
  return response
}

const REPORTED = [
  'payer',
  'amount',
  'creditsRedeemed',
  'remainingBalance',
  'orderTx',
  'billingModel',
] as const
