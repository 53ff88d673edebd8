import type { Answer } from '../answer/answer.js'
import type { McpResult } from '../../wire/mcp.js'
import { isRecord } from '../../wire/json.js'
import {
  PAYMENT_RESPONSE_HEADER,
  PAYMENT_RESPONSE_META_KEY,
  REFUND_DUE_HEADER,
  REFUND_DUE_META_KEY,
  X_PAYMENT_RESPONSE_HEADER,
} from '../../wire/x402.js'
import type { Reply } from '../events/event-shape.js'
import type { RefundDue } from '../options/payment-events.js'
import type { Settlement } from '../options/payment-record.js'
import type { Replay } from '../records/entry.js'
import { headerOf, isLong, toReceiptV1, toSettleResponse } from './receipt.js'

/** The answer of a handler or target, with the receipt if something was settled. */
export function respondWith(answer: Answer, settlement: Settlement | undefined): Reply {
  const { statusCode, headers, outcome, stream, original } = answer
  const came = { statusCode, stream, original }
  if (settlement === undefined) return { ...came, headers, outcome }
  const settleResponse = toSettleResponse(settlement.settled)
  // Nevermined's own receipts have the transaction under two names. Clients read either one.
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
  if (!('result' in outcome)) return { ...came, headers: withReceipt, outcome, caching }
  // This is a new object: the handler may return the same result to every buyer.
  const ours = { x402: receipt, [PAYMENT_RESPONSE_META_KEY]: settleResponse }
  const given = outcome.result._meta
  const result = { _meta: {}, ...outcome.result }
  result._meta = isRecord(given) ? { ...given, ...ours } : ours
  return { ...came, headers: withReceipt, outcome: { result }, caching }
}

/** The answer if paid work failed: the failed answer, the receipt, and the refund that is owed. */
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

/** The answer that this payment got before. */
export function respondToReplay({ answer, settlement, refund }: Replay): Reply {
  if (refund !== undefined) return respondWithRefund(answer, settlement, refund)
  return respondWith(answer ?? failedAfterPayment(refund), settlement)
}

/** Adds the refund to `_meta` of a result, or to `data` of an error. A plain body stays the handler's own. */
function withRefund(outcome: Reply['outcome'], refund: RefundDue): Reply['outcome'] {
  const said = { [REFUND_DUE_META_KEY]: shortened(refund) }
  if (outcome === undefined || 'raw' in outcome) return outcome
  if ('result' in outcome) {
    return { result: { ...outcome.result, _meta: { ...outcome.result._meta, ...said } } }
  }
  const { data } = outcome.error
  return { error: { ...outcome.error, data: { ...(isRecord(data) && data), ...said } } }
}

/** The refund in short. The receipt beside it has the rest. */
function shortened(refund: RefundDue): Record<string, unknown> {
  return Object.fromEntries(Object.entries(refund).filter(([, value]) => !isLong(value)))
}

const PAID_FOR_NOTHING =
  'The tool failed after it was paid. The seller owes you a refund. Quote the receipt of this answer to get it.'

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

/** The answer if the handler threw. The error's message may hold what the buyer must not see. */
export function respondToHandlerFailure(): Reply {
  return failure('The tool failed. You were not charged.', 500)
}

/** A failed answer with this text, in a result and in the body for plain HTTP. */
export function failure(text: string, refusedWith: number): Reply {
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

export function rpcError(code: number, message: string, refusedWith = 200): Reply {
  return { statusCode: 200, refusedWith, headers: {}, outcome: { error: { code, message } } }
}

/** Answers an event that is no call. MCP clients read 405 as: there is no stream and no session. */
export function respondToInvalid(invalid: {
  code: number
  message: string
  httpStatus: number
}): Reply {
  const { code, message, httpStatus } = invalid
  const reply = rpcError(code, message, httpStatus)
  return httpStatus === 405 ? { ...reply, statusCode: 405, headers: { Allow: 'POST' } } : reply
}

/** The answer to a notification. It is empty, since nothing was done. */
export function accepted(): Reply {
  return { statusCode: 202, headers: {}, outcome: undefined }
}
