import type { Answer } from './answer.js'
import {
  PaymentRefusedError,
  PaymentRequiredError,
  SettlementUnknownError,
  type PaymentError,
} from './errors.js'
import type { McpResult } from './mcp.js'
import { priceText } from './offer.js'
import type { Call } from './parse.js'
import type { Settlement } from './settle.js'
import type { Reply } from './shape.js'
import {
  PAYMENT_REQUIRED_HEADER,
  PAYMENT_RESPONSE_HEADER,
  PAYMENT_RESPONSE_META_KEY,
  encodeHeader,
  isRecord,
  type PaymentRequired,
  type SettleResponse,
} from './x402.js'

/** What every answer says; the shape of the event decides how it looks. */

/** AgentCore Gateway takes header values up to 4 KB. */
const MAX_HEADER_CHARS = 4_096

/** The answer of a handler or target, with the receipt if something was settled. */
export function respondWith(answer: Answer, settlement: Settlement | undefined): Reply {
  const { statusCode, headers, outcome } = answer
  if (settlement === undefined) return { statusCode, headers, outcome }
  const settleResponse = toSettleResponse(settlement.settled)
  // Nevermined's own receipts name the transaction twice; clients read either name.
  const receipt = { ...settleResponse, transactionHash: settleResponse['transaction'] }
  const withReceipt = { ...headers, ...headerOf(PAYMENT_RESPONSE_HEADER, receipt) }
  if (!('result' in outcome)) return { statusCode, headers: withReceipt, outcome }
  // A new object: the handler may hand out the same result to every buyer.
  const _meta = {
    ...(isRecord(outcome.result._meta) && outcome.result._meta),
    x402: receipt,
    [PAYMENT_RESPONSE_META_KEY]: settleResponse,
  }
  return { statusCode, headers: withReceipt, outcome: { result: { ...outcome.result, _meta } } }
}

/** The one place that turns a payment failure into an answer. */
export function respondToFailure(call: Call, error: PaymentError): Reply {
  if (error instanceof PaymentRequiredError) {
    return challenge({ ...error.paymentRequired, error: error.message }, whatToPay(call, error))
  }
  if (error instanceof PaymentRefusedError) {
    return error.code === 'settlement_refused'
      ? settlementRefused(error)
      : challenge(
          { ...error.paymentRequired, error: `verification failed: ${error.reason}` },
          `The payment was refused (${error.reason}). You were not charged.`,
        )
  }
  if (error instanceof SettlementUnknownError) {
    return failure(
      'The payment was sent and its outcome is unknown, so the result is withheld. Do not pay again; ' +
        `quote correlation id ${error.correlationId} to the seller.`,
      502,
    )
  }
  if (error.code === 'hook_refused') {
    return failure('The seller refused this call. You were not charged.', 403)
  }
  return failure(
    'The seller cannot take payments right now. Try again later. You were not charged.',
    503,
  )
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
 * A challenge both families of clients read: `structuredContent` and its JSON as first text (x402 MCP
 * transport), and the `PAYMENT_REQUIRED: ` marker that AWS's payments plugin looks for in ordinary tools.
 */
function challenge(
  paymentRequired: PaymentRequired,
  forPeople: string,
  headers: Record<string, string> = {},
): Reply {
  const marker = { statusCode: 402, headers: {}, body: paymentRequired }
  const result: McpResult = {
    isError: true,
    structuredContent: { ...paymentRequired },
    content: [
      { type: 'text', text: JSON.stringify(paymentRequired) },
      { type: 'text', text: `PAYMENT_REQUIRED: ${JSON.stringify(marker)}` },
      { type: 'text', text: forPeople },
    ],
    _meta: { x402: true },
  }
  return {
    statusCode: 200,
    refusedWith: 402,
    headers: { ...headers, ...headerOf(PAYMENT_REQUIRED_HEADER, paymentRequired) },
    outcome: { result },
    plain: paymentRequired,
  }
}

/** The body says the same, so a value the Gateway would not take is left out. */
function headerOf(name: string, value: unknown): Record<string, string> {
  const encoded = encodeHeader(value)
  return encoded.length <= MAX_HEADER_CHARS ? { [name]: encoded } : {}
}

function settlementRefused(error: PaymentRefusedError): Reply {
  const { paymentRequired, reason } = error
  const { network } = paymentRequired.accepts[0] ?? {}
  const receipt = { success: false, errorReason: reason, transaction: '', network }
  return challenge(
    { ...paymentRequired, error: 'settlement failed' },
    reason === ALREADY_SPENT
      ? `The payment is spent (${reason}), perhaps by an earlier attempt of this very call: look at your ` +
          'balance before you pay again. The result is withheld; nothing more was charged.'
      : `The payment could not be settled (${reason}). The result is withheld and you were not charged.`,
    headerOf(PAYMENT_RESPONSE_HEADER, receipt),
  )
}

/** Nevermined: the single-use token is spent. */
const ALREADY_SPENT = 'BCK.X402.0059'

function whatToPay(call: Call, error: PaymentRequiredError): string {
  const plans = error.paymentRequired.accepts.map(({ planId }) => planId).join(' or ')
  const why = error.code === 'payment_required' ? '' : ` (${error.message})`
  const price = priceText(error.paymentRequired)
  const costs = price === undefined ? '' : `it costs ${price}; `
  return `Payment required for ${call.label}${why}: ${costs}send a payment from plan ${plans} and call again.`
}

function failure(text: string, refusedWith: number): Reply {
  const result: McpResult = { isError: true, content: [{ type: 'text', text }] }
  return { statusCode: 200, refusedWith, headers: {}, outcome: { result }, plain: { error: text } }
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
  'creditsRedeemed',
  'remainingBalance',
  'orderTx',
  'billingModel',
] as const
