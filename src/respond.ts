import type { Answer } from './answer.js'
import {
  PaymentRefusedError,
  PaymentRequiredError,
  SettlementUnknownError,
  type PaymentError,
} from './errors.js'
import type { GatewayEvent, InterceptorOutput, JsonRpcId, McpResult } from './mcp.js'
import type { Call } from './parse.js'
import type { Settlement } from './settle.js'
import {
  PAYMENT_REQUIRED_HEADER,
  PAYMENT_RESPONSE_HEADER,
  PAYMENT_RESPONSE_META_KEY,
  encodeHeader,
  isRecord,
  type PaymentRequired,
  type SettleResponse,
} from './x402.js'

/**
 * Every answer, in the shape the Gateway expects of an interceptor. Refusals are HTTP 200 too, since MCP
 * clients take a non-2xx answer for a broken transport.
 *
 * @see https://docs.aws.amazon.com/bedrock-agentcore/latest/devguide/gateway-interceptors-types.html
 */

/** AgentCore Gateway takes header values up to 4 KB. */
const MAX_HEADER_CHARS = 4_096

/** The handler's answer, with the receipt if something was settled. */
export function respondWith(
  call: Call,
  answer: Answer,
  settlement: Settlement | undefined,
): InterceptorOutput {
  const { statusCode, headers, outcome } = answer
  if (settlement === undefined) return output(call, outcome, headers, statusCode)
  const settleResponse = toSettleResponse(settlement.settled)
  // Nevermined's own receipts name the transaction twice; clients read either name.
  const receipt = { ...settleResponse, transactionHash: settleResponse['transaction'] }
  const withReceipt = { ...headers, ...headerOf(PAYMENT_RESPONSE_HEADER, receipt) }
  if ('error' in outcome) return output(call, outcome, withReceipt, statusCode)
  // A new object: the handler may hand out the same result to every buyer.
  const _meta = {
    ...(isRecord(outcome.result._meta) && outcome.result._meta),
    x402: receipt,
    [PAYMENT_RESPONSE_META_KEY]: settleResponse,
  }
  return output(call, { result: { ...outcome.result, _meta } }, withReceipt, statusCode)
}

/** The one place that turns a payment failure into an answer. */
export function respondToFailure(call: Call, error: PaymentError): InterceptorOutput {
  if (error instanceof PaymentRequiredError) {
    return challenge(
      call,
      { ...error.paymentRequired, error: error.message },
      whatToPay(call, error),
    )
  }
  if (error instanceof PaymentRefusedError) {
    return error.code === 'settlement_refused'
      ? settlementRefused(call, error)
      : challenge(
          call,
          { ...error.paymentRequired, error: `verification failed: ${error.reason}` },
          `The payment was refused (${error.reason}). You were not charged.`,
        )
  }
  if (error instanceof SettlementUnknownError) {
    return failure(
      call,
      'The payment was sent and its outcome is unknown, so the result is withheld. Do not pay again; ' +
        `quote correlation id ${error.correlationId} to the seller.`,
    )
  }
  if (error.code === 'hook_refused') {
    return failure(call, 'The seller refused this call. You were not charged.')
  }
  return failure(
    call,
    'The seller cannot take payments right now. Try again later. You were not charged.',
  )
}

/** For errors of the handler: its message may hold what the buyer must not see. */
export function respondToHandlerFailure(call: Call): InterceptorOutput {
  return failure(call, 'The tool failed. You were not charged.')
}

export function rpcError(id: JsonRpcId, code: number, message: string): InterceptorOutput {
  return envelope(id, { error: { code, message } }, {}, 200)
}

/** To a notification: nothing is said, so nothing was done. */
export function accepted(): InterceptorOutput {
  return {
    interceptorOutputVersion: '1.0',
    mcp: { transformedGatewayResponse: { statusCode: 202 } },
  }
}

/**
 * Sends the call on to its target, without payment. `Authorization` is not echoed: one set by an
 * interceptor overrides the target's own credentials.
 */
export function forward({ event }: Call): InterceptorOutput {
  const { headers, body } = event.mcp.gatewayRequest
  const kept = Object.entries(headers ?? {}).filter(
    ([name, value]) => typeof value === 'string' && !NOT_ECHOED.has(name.toLowerCase()),
  )
  return {
    interceptorOutputVersion: '1.0',
    mcp: {
      transformedGatewayRequest: { ...(headers && { headers: Object.fromEntries(kept) }), body },
    },
  }
}

const NOT_ECHOED = new Set(['authorization', 'content-length', 'host', 'connection'])

/** Lets a RESPONSE-phase event through as it is. Later events of a stream have a body only. */
export function passResponse(event: GatewayEvent): InterceptorOutput {
  const { statusCode, headers, body } = event.mcp.gatewayResponse ?? {}
  return {
    interceptorOutputVersion: '1.0',
    mcp: {
      transformedGatewayResponse: {
        ...(statusCode !== undefined && { statusCode }),
        ...(headers && { headers }),
        ...(body !== undefined && { body }),
      },
    },
  }
}

/** A whole output a hook gave, completed; `undefined` if it gave none. */
export function outputOfHook(given: unknown): InterceptorOutput | undefined {
  if (!isRecord(given) || !isRecord(given['mcp'])) return undefined
  return { ...given, interceptorOutputVersion: '1.0' } as InterceptorOutput
}

/**
 * A challenge both families of clients read: `structuredContent` and its JSON as first text (x402 MCP
 * transport), and the `PAYMENT_REQUIRED: ` marker that AWS's payments plugin looks for in ordinary tools.
 */
function challenge(
  call: Call,
  paymentRequired: PaymentRequired,
  forPeople: string,
  headers: Record<string, string> = {},
): InterceptorOutput {
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
  const header = headerOf(PAYMENT_REQUIRED_HEADER, paymentRequired)
  return output(call, { result }, { ...headers, ...header }, 200)
}

/** The body says the same, so a value the Gateway would not take is left out. */
function headerOf(name: string, value: unknown): Record<string, string> {
  const encoded = encodeHeader(value)
  return encoded.length <= MAX_HEADER_CHARS ? { [name]: encoded } : {}
}

function settlementRefused(call: Call, error: PaymentRefusedError): InterceptorOutput {
  const { paymentRequired, reason } = error
  const { network } = paymentRequired.accepts[0] ?? {}
  const receipt = { success: false, errorReason: reason, transaction: '', network }
  return challenge(
    call,
    { ...paymentRequired, error: 'settlement failed' },
    `The payment could not be settled (${reason}). The result is withheld and you were not charged.`,
    headerOf(PAYMENT_RESPONSE_HEADER, receipt),
  )
}

function whatToPay(call: Call, error: PaymentRequiredError): string {
  const plans = error.paymentRequired.accepts.map(({ planId }) => planId).join(' or ')
  const why = error.code === 'payment_required' ? '' : ` (${error.message})`
  return `Payment required for ${call.label}${why}: send a payment from plan ${plans} and call again.`
}

function failure(call: Call, text: string): InterceptorOutput {
  return output(call, { result: { isError: true, content: [{ type: 'text', text }] } }, {}, 200)
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

/** Notifications get no answer, whatever there would be to say. */
function output(
  call: Call,
  outcome: Answer['outcome'],
  headers: Readonly<Record<string, string>>,
  statusCode: number,
): InterceptorOutput {
  return call.id === undefined ? accepted() : envelope(call.id, outcome, headers, statusCode)
}

function envelope(
  id: JsonRpcId,
  outcome: Answer['outcome'],
  headers: Readonly<Record<string, string>>,
  statusCode: number,
): InterceptorOutput {
  const hasType = Object.keys(headers).some((name) => name.toLowerCase() === 'content-type')
  return {
    interceptorOutputVersion: '1.0',
    mcp: {
      transformedGatewayResponse: {
        statusCode,
        headers: hasType ? { ...headers } : { 'Content-Type': 'application/json', ...headers },
        body: { jsonrpc: '2.0', id, ...outcome },
      },
    },
  }
}
