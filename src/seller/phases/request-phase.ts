import type { Context } from 'aws-lambda'
import { PaymentUnavailableError, asError } from '../../errors/payment-error.js'
import type { InterceptorOutput } from '../../wire/gateway-events.js'
import { readAnswer } from '../answer/read-answer.js'
import type { ParsedEvent } from '../events/call.js'
import { gatewayRequestId } from '../events/gateway-http.js'
import { forward, toOutput, type Output } from '../events/output.js'
import type { FoundPayment, Payment } from '../events/payment-carriers.js'
import type { ToolPrice } from '../options/settings.js'
import { choosePayment } from '../payment/choose-payment.js'
import { claim, dispute } from '../payment/in-flight.js'
import type { Chosen } from '../payment/chosen.js'
import { settleUpfront, verifyPayment } from '../payment/with-hooks.js'
import { findPrice, quote } from '../price/quote.js'
import { onFailure } from '../reply/on-failure.js'
import { accepted, respondToInvalid, rpcError } from '../reply/respond.js'
import type { Known } from './handoff-content.js'
import { phaseSale, type PhaseSale, type PhaseState } from './phase-state.js'

type ParsedCall = Extract<ParsedEvent, { kind: 'call' }>

/** Before the target: refuses what is not paid and forwards the rest without payment. */
export async function onRequest(
  state: PhaseState,
  parsed: ParsedEvent,
  context: Context | undefined,
): Promise<Output> {
  const { transport } = parsed
  switch (parsed.kind) {
    case 'invalid':
      return toOutput(parsed.id, transport, respondToInvalid(parsed))
    case 'requestless':
      throw new Error('a request phase without request')
    case 'client-answer': {
      const { event } = parsed
      const answered = { id: null, method: 'answer', tool: undefined, label: 'answer' }
      return forwardFree(phaseSale(state, { ...answered, event, transport }, context))
    }
    case 'call': {
      const sale = phaseSale(state, parsed.call, context)
      return markAnswer(sale, parsed.payment, await forwardOrAnswer(sale, parsed))
    }
  }
}

async function forwardOrAnswer(sale: PhaseSale, parsed: ParsedCall): Promise<Output> {
  const { call, settings, handoff } = sale
  const { transport } = call
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
  if (await handoff.wrote(parsed.seals)) {
    return toOutput(call.id, transport, rpcError(-32600, 'a header of the interceptor was sent'))
  }
  try {
    if (price === 'unbilled' || price === 'free') return await forwardFree(sale)
    return await admit(sale, parsed.payment, price)
  } catch (error) {
    return onFailure(sale, error)
  }
}

/**
 * On MCP targets the response phase is handed our own answer like a target's. Where it could take it for
 * something that was sold, or for the end of the work on a payment, the answer says under a seal whose it is.
 */
async function markAnswer(
  { call, settings, handoff }: PhaseSale,
  payment: FoundPayment,
  output: Output,
): Promise<Output> {
  const { mcp } = output as Partial<InterceptorOutput>
  const response = mcp?.transformedGatewayResponse
  if (response?.body === undefined) return output
  const { creditsFrom, chargeOnError } = settings
  const isFree = readAnswer(output, creditsFrom)?.failed === true && !chargeOnError
  if (isFree && payment.kind !== 'token') return output
  const mark = await handoff.mark(call)
  if (payment.kind === 'token' && mark === undefined) dispute(payment.payload, call)
  const headers = { ...response.headers, ...mark }
  return { ...output, mcp: { ...mcp, transformedGatewayResponse: { ...response, headers } } }
}

/** The main line. */
async function admit(sale: PhaseSale, found: FoundPayment, price: ToolPrice): Promise<Output> {
  const { call, settings } = sale
  const payment = found.kind === 'token' ? found : undefined
  const quoted = await quote(sale, price)
  if (quoted === 'free') {
    if (payment !== undefined) dispute(payment.payload, call)
    // The response phase might quote otherwise, so it is told.
    return forwardKnown(sale, { handed: { kind: 'free' }, payment })
  }
  const chosen = choosePayment(quoted, found, settings)
  const done = claim(sale, chosen, CLAIM_MS)
  try {
    if (settings.flow === 'upfront') {
      const output = await settleFirst(sale, chosen, payment)
      done()
      return output
    }
    const verified = await verifyPayment(sale, chosen)
    return await forwardKnown(sale, { handed: { kind: 'verified', verified }, payment })
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
  sale: PhaseSale,
  chosen: Chosen,
  payment: Payment | undefined,
): Promise<Output> {
  const { call, settings } = sale
  // Of an HTTP target only what is kept can be delivered: found out before money moves.
  if (call.transport.shape === 'gateway-http') await forwardFree(sale)
  const settled = await settleUpfront(sale, chosen)
  try {
    return await forwardKnown(sale, { handed: { kind: 'settled', ...settled }, payment })
  } catch (error) {
    settings.logger.error('a receipt is lost', { tool: call.label, error: asError(error) })
    return forward(call.event, call.transport, settings.forwardAuthorization)
  }
}

/** Free by the options alone: the response phase sees it too, where it is shown the request. */
async function forwardFree(sale: PhaseSale): Promise<Output> {
  const { call, settings } = sale
  if (call.transport.shape === 'gateway-http') {
    return forwardKnown(sale, { handed: { kind: 'free' }, payment: undefined })
  }
  return forward(call.event, call.transport, settings.forwardAuthorization)
}

async function forwardKnown(sale: PhaseSale, known: Known): Promise<Output> {
  const { call, settings, handoff } = sale
  const { forwardAuthorization, tokenHeaders } = settings
  if (call.transport.shape === 'gateway-http') {
    await keepForResponse(sale, known)
    return forward(call.event, call.transport, forwardAuthorization)
  }
  const { headers, holdsPayment } = await handoff.give(call, known)
  const name = tokenHeaders.find((header) => header !== 'authorization')
  // Targets see a header only if they are allow-listed for it; the response phase needs it.
  const { handed, payment } = known
  const stays = !holdsPayment && handed.kind === 'verified' && payment?.inHeader === true
  const kept = stays && name !== undefined ? { [name]: payment.token } : {}
  return forward(call.event, call.transport, forwardAuthorization, { ...kept, ...headers })
}

async function keepForResponse({ call, context, handoff }: PhaseSale, known: Known): Promise<void> {
  const key = gatewayRequestId(context)
  const why = 'HTTP targets need the option store, and REQUEST_ID in the client context'
  if (key === undefined) throw new PaymentUnavailableError('handoff_unavailable', why)
  try {
    await handoff.giveByKey(key, call, known)
  } catch (cause) {
    throw new PaymentUnavailableError('handoff_unavailable', why, { cause })
  }
}
