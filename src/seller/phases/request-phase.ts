import type { Context } from 'aws-lambda'
import { readAnswer } from '../answer/read-answer.js'
import type { FoundPayment, Payment } from '../events/payment-carriers.js'
import { choosePayment } from '../payment/choose-payment.js'
import type { Chosen } from '../payment/payment.js'
import type { Desk } from './phase-state.js'
import { PaymentUnavailableError, asError } from '../../errors/payment-error.js'
import { onFailure } from '../reply/on-failure.js'
import type { Handoff } from './handoff.js'
import { settleUpfront, verifyPayment } from '../payment/with-hooks.js'
import { claim, dispute } from '../payment/in-flight.js'
import type { InterceptorOutput } from '../../wire/gateway-events.js'
import { forward, toOutput, type Output } from '../events/output.js'
import type { Call, ParsedEvent } from '../events/call.js'
import { findPrice, quote } from '../price/quote.js'
import { accepted, respondToInvalid, rpcError } from '../reply/respond.js'
import type { HandedOver } from './handoff-content.js'
import type { ToolPrice } from '../options/settings.js'
import { gatewayRequestId } from '../events/gateway-http.js'

/** Before the target: refuses what is not paid and forwards the rest without payment. */
export async function onRequest(
  parsed: ParsedEvent,
  desk: Desk,
  context: Context | undefined,
): Promise<Output> {
  const output = await forwardOrAnswer(parsed, desk, context)
  if (parsed.kind !== 'call') return output
  return markAnswer(parsed.call, parsed.payment, output, desk)
}

async function forwardOrAnswer(
  parsed: ParsedEvent,
  desk: Desk,
  context: Context | undefined,
): Promise<Output> {
  const { transport } = parsed
  const { settings, handoff } = desk
  if (parsed.kind === 'invalid') {
    return toOutput(parsed.id, transport, respondToInvalid(parsed))
  }
  if (parsed.kind === 'requestless') throw new Error('a request phase without request')
  if (parsed.kind === 'client-answer') {
    const { event } = parsed
    const answered = { id: null, method: 'answer', tool: undefined, label: 'answer' }
    return forwardFree({ ...answered, event, transport }, desk, context)
  }
  const { call, payment, seals } = parsed
  const price = findPrice(call, settings)
  if (call.id === undefined && (call.tool !== undefined || price !== 'unbilled')) {
    return toOutput(undefined, transport, accepted())
  }
  if (price === 'unknown tool') {
    return toOutput(call.id, transport, rpcError(-32602, 'Unknown tool', 404))
  }
  // A task's result is fetched by another request, past the payment.
  if (price !== 'unbilled' && price !== 'free' && parsed.isTask) {
    return toOutput(call.id, transport, rpcError(-32602, 'Tasks are not sold', 400))
  }
  // One of ours in a client's hands would settle under the request id of a call that is paid already.
  if (await handoff.wrote(seals)) {
    return toOutput(call.id, transport, rpcError(-32600, 'a header of the interceptor was sent'))
  }
  try {
    if (price === 'unbilled' || price === 'free') return await forwardFree(call, desk, context)
    return await admit(call, payment, price, desk, context)
  } catch (error) {
    return onFailure(call, error, settings, context)
  }
}

/**
 * On MCP targets the response phase is handed our own answer like a target's. Where it could take it for
 * something that was sold, or for the end of the work on a payment, the answer says under a seal whose it is.
 */
async function markAnswer(
  call: Call,
  payment: FoundPayment,
  output: Output,
  { settings, handoff }: Desk,
): Promise<Output> {
  const { mcp } = output as Partial<InterceptorOutput>
  const response = mcp?.transformedGatewayResponse
  if (response?.body === undefined) return output
  const { creditsFrom, chargeOnError } = settings
  const isFree = readAnswer(output, creditsFrom)?.failed === true && !chargeOnError
  if (isFree && payment.kind !== 'token') return output
  const mark = await handoff.mark(call)
  if (payment.kind === 'token' && mark === undefined) dispute(payment.token, call)
  const headers = { ...response.headers, ...mark }
  return { ...output, mcp: { ...mcp, transformedGatewayResponse: { ...response, headers } } }
}

/** The main line. */
async function admit(
  call: Call,
  found: FoundPayment,
  price: ToolPrice,
  desk: Desk,
  context: Context | undefined,
): Promise<Output> {
  const { settings } = desk
  const payment = found.kind === 'token' ? found : undefined
  const quoted = await quote(call, price, settings, context)
  if (quoted === 'free') {
    if (payment !== undefined) dispute(payment.token, call)
    // The response phase might quote otherwise, so it is told.
    return forwardKnown(call, { kind: 'free' }, payment, desk, context)
  }
  const chosen = choosePayment(quoted, found, settings)
  const done = claim(chosen, call, settings.now(), CLAIM_MS)
  try {
    if (settings.flow === 'upfront') {
      const output = await settleFirst(chosen, call, payment, desk, context)
      done()
      return output
    }
    const verified = await verifyPayment(chosen, call, settings, context)
    return await forwardKnown(call, { kind: 'verified', verified }, payment, desk, context)
  } catch (error) {
    done()
    throw error
  }
}

/**
 * How long a payment counts as in work, unless its response phase comes by in this container before. Unit: ms.
 */
const CLAIM_MS = 60_000

/** Paid and forwarded. What cannot be handed over costs the receipt, not what was paid for. */
async function settleFirst(
  chosen: Chosen,
  call: Call,
  payment: Payment | undefined,
  desk: Desk,
  context: Context | undefined,
): Promise<Output> {
  // Of an HTTP target only what is kept can be delivered: found out before money moves.
  if (call.transport.shape === 'gateway-http') await forwardFree(call, desk, context)
  const settled = await settleUpfront(chosen, call, desk.settings, context)
  try {
    return await forwardKnown(call, { kind: 'settled', ...settled }, payment, desk, context)
  } catch (error) {
    desk.settings.logger.error('a receipt is lost', { tool: call.label, error: asError(error) })
    return forward(call.event, call.transport, desk.settings.forwardAuthorization)
  }
}

/** Free by the options alone: the response phase sees it too, where it is shown the request. */
async function forwardFree(call: Call, desk: Desk, context: Context | undefined): Promise<Output> {
  if (call.transport.shape === 'gateway-http') {
    return forwardKnown(call, { kind: 'free' }, undefined, desk, context)
  }
  return forward(call.event, call.transport, desk.settings.forwardAuthorization)
}

async function forwardKnown(
  call: Call,
  known: HandedOver,
  payment: Payment | undefined,
  { settings, handoff }: Desk,
  context: Context | undefined,
): Promise<Output> {
  const { forwardAuthorization, tokenHeaders } = settings
  if (call.transport.shape === 'gateway-http') {
    await keepForResponse(call, known, payment, handoff, context)
    return forward(call.event, call.transport, forwardAuthorization)
  }
  const { headers, holdsPayment } = await handoff.give(call, known, payment)
  const stays = !holdsPayment && known.kind === 'verified' && payment?.inHeader === true
  const name = tokenHeaders.find((header) => header !== 'authorization')
  // Targets see a header only if they are allow-listed for it; the response phase needs it.
  const kept = stays && name !== undefined ? { [name]: payment.token } : {}
  return forward(call.event, call.transport, forwardAuthorization, { ...kept, ...headers })
}

async function keepForResponse(
  call: Call,
  known: HandedOver,
  payment: Payment | undefined,
  handoff: Handoff,
  context: Context | undefined,
): Promise<void> {
  const key = gatewayRequestId(context)
  const why = 'HTTP targets need the option store, and REQUEST_ID in the client context'
  if (key === undefined) throw new PaymentUnavailableError('handoff_unavailable', why)
  try {
    await handoff.giveByKey(key, call, known, payment)
  } catch (cause) {
    throw new PaymentUnavailableError('handoff_unavailable', why, { cause })
  }
}
