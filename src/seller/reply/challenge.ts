import type { PaymentRefusedError, PaymentRequiredError } from '../../errors/payment-error.js'
import { PAYMENT_REQUIRED_MARKER } from '../../wire/marker.js'
import type { McpResult } from '../../wire/mcp.js'
import {
  PAYMENT_ERROR_META_KEY,
  PAYMENT_REQUIRED_HEADER,
  PAYMENT_RESPONSE_HEADER,
  isPlanRequirement,
  type PaymentRequired,
} from '../../wire/x402.js'
import type { SoldCall, CallTransport } from '../events/call.js'
import type { Reply } from '../events/event-shape.js'
import { toPaymentRequiredV1 } from '../price/x402-v1.js'
import { headerOf } from './receipt.js'
import { whatToSend } from './what-to-send.js'

/**
 * A challenge that all families of clients read:
 * - x402 over MCP: `structuredContent`, and its JSON as first text
 * - Cloudflare's `agents/x402`: `_meta["x402/error"]`
 * - AWS's payments plugin, which reads ordinary tools: the `PAYMENT_REQUIRED: ` marker
 * - plain HTTP: the header of x402 v2 and the body of v1
 */
export function challenge(
  paymentRequired: PaymentRequired,
  forPeople: string,
  transport: CallTransport,
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
 * The result of the MCP extension for payments. Only clients that declare the extension get it.
 *
 * @see https://github.com/coinbase/x402/blob/main/specs/transports-v2/mcp.md
 */
function challengeResult(
  paymentRequired: PaymentRequired,
  forPeople: string,
  { takesPaymentRequired }: CallTransport,
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
    _meta: { x402: true, [PAYMENT_ERROR_META_KEY]: moneyFirst(paymentRequired) },
  }
}

/** Puts money before plans. Cloudflare's client looks at the first way to pay only, and pays only money. */
function moneyFirst(paymentRequired: PaymentRequired): PaymentRequired {
  const accepts = paymentRequired.accepts.toSorted(
    (a, b) => Number(isPlanRequirement(a)) - Number(isPlanRequirement(b)),
  )
  return { ...paymentRequired, accepts }
}

export function settlementRefused(error: PaymentRefusedError, transport: CallTransport): Reply {
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

export function whatToPay(call: SoldCall, error: PaymentRequiredError): string {
  const why = error.code === 'payment_required' ? '' : ` (${error.message})`
  return `Payment required for ${call.label}${why}: ${whatToSend(error.paymentRequired)} and call again.`
}
