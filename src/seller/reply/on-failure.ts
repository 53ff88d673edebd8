import { type SellerOutput, toOutput } from '../events/output.js'
import { isRecord } from '../../wire/json.js'
import type { Reply } from '../events/event-shape.js'
import { findPrice } from '../price/quote.js'
import type { Sale } from '../options/sale.js'
import { asPaymentError, notify } from '../payment/notify-failure.js'
import { warnOnce } from '../options/warn-once.js'
import { answerOfHook } from './answer-of-hook.js'
import { respondToFailure } from './respond-to-failure.js'

/** Logs a payment failure, calls the hook, and answers with the hook's answer or the default one. */
export async function onFailure(sale: Sale, thrown: unknown): Promise<SellerOutput> {
  const { call } = sale
  const error = asPaymentError(thrown)
  if (error.code === 'payment_required' && lacksHeaders(sale)) warnOnce(sale, NO_HEADERS, {})
  const given = await notify(sale, error)
  const standard = fitting(respondToFailure(call, error), sale)
  if (given === undefined || given === null) return toOutput(call.id, call.transport, standard)
  const answer = await answerOfHook(given, call, standard)
  if (answer !== undefined) return answer
  warnOnce(sale, `${NOT_SENDABLE} ${EXPECTED[call.transport.protocol]}`, {
    code: error.code,
    tool: call.label,
    returned: Array.isArray(given) ? 'array' : typeof given,
  })
  return toOutput(call.id, call.transport, standard)
}

/** Whether the Gateway shows no headers. A payment in a header is never seen then. */
function lacksHeaders({ call }: Sale): boolean {
  const { mcp, http } = call.event as unknown as Record<string, { gatewayRequest?: unknown }>
  const request = (mcp ?? http)?.gatewayRequest
  return isRecord(request) && request['headers'] === undefined
}

const NO_HEADERS =
  'A call came without payment, and its event has no headers. Payments in headers cannot be seen: set ' +
  'passRequestHeaders: true at the interceptor of the Gateway.'

/** The reply without `structuredContent`, if the seller wants none. The text holds the same challenge. */
function fitting(reply: Reply, { call, settings }: Sale): Reply {
  const { outcome } = reply
  if (outcome === undefined || !('result' in outcome)) return reply
  if (call.transport.refusesByError === true) return reply
  const price = findPrice(call, settings)
  if (typeof price !== 'object' || price.structuredChallenge) return reply
  const result = { ...outcome.result }
  delete result.structuredContent
  return { ...reply, outcome: { result } }
}

const NOT_SENDABLE =
  'onPaymentError returned something that cannot be sent, so the default answer goes out. Return'
const EXPECTED = {
  mcp: 'undefined, an MCP result, a JSON-RPC message, or a whole output in the shape of the event.',
  http: 'undefined, or a whole output in the shape of the event.',
}
