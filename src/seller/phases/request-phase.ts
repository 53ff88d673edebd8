import type { Context } from 'aws-lambda'
import { PaymentUnavailableError, asError } from '../../errors/payment-error.js'
import type { InterceptorOutput } from '../../wire/gateway-events.js'
import { readAnswer } from '../answer/read-answer.js'
import type { ParsedEvent } from '../events/call.js'
import { gatewayRequestId } from '../events/gateway.js'
import { preflightReply } from '../events/cors.js'
import { forward, toOutput, type SellerOutput } from '../events/output.js'
import type { FoundPayment, Payment } from '../events/payment-carriers.js'
import type { Settlement } from '../options/payment-record.js'
import { validateOf, type ToolPrice } from '../options/settings.js'
import { choosePayment } from '../payment/choose-payment.js'
import { enter, orRelease } from '../payment/enter.js'
import { type Chosen, type Verified, orEnd } from '../payment/chosen.js'
import {
  beforeVerify,
  reportReplay,
  settleUpfront,
  unverified,
  verifyPayment,
} from '../payment/with-hooks.js'
import { beginVerify } from '../payment/verify.js'
import type { Held } from '../records/entry.js'
import { type Identity, identityOfCall } from '../records/identity.js'
import { findPrice, quote } from '../price/quote.js'
import { onFailure } from '../reply/on-failure.js'
import { logInvalid } from '../reply/log-invalid.js'
import { refuseInput } from '../reply/refuse-input.js'
import { accepted, respondToInvalid, respondToReplay, rpcError } from '../reply/respond.js'
import { unknownTool } from '../reply/unknown-tool.js'
import { dispute } from './begun-work.js'
import { lookBefore, reserved } from './guarded.js'
import { settleWorked } from './deliver.js'
import type { Known } from './handoff-content.js'
import { TARGET_LIMIT_MS, entryOfRequest, ownerOf } from './phase-entry.js'
import { phaseSale, type PhaseSale, type PhaseState } from './phase-state.js'

type ParsedCall = Extract<ParsedEvent, { kind: 'call' }>

/**
 * Before the target: refuses calls that are not paid, and forwards the others without payment.
 *
 * @param event the event as it came
 */
export async function onRequest(
  state: PhaseState,
  parsed: ParsedEvent,
  context: Context | undefined,
  event: unknown,
): Promise<SellerOutput> {
  const { transport } = parsed
  switch (parsed.kind) {
    case 'invalid':
      logInvalid(state.settings, parsed)
      return toOutput(parsed.id, transport, respondToInvalid(parsed))
    case 'requestless':
      throw new Error('a request phase without request')
    case 'preflight':
      return toOutput(null, transport, preflightReply(transport.cors))
    case 'client-answer': {
      const answered = { id: null, method: 'answer', tool: undefined, label: 'answer' }
      const call = { ...answered, event: parsed.event, transport }
      return forwardFree(phaseSale(state, call, context))
    }
    case 'call': {
      const { payment } = parsed
      const sale = { ...phaseSale(state, parsed.call, context), arrived: { event, payment } }
      return markAnswer(sale, payment, await forwardOrAnswer(sale, parsed))
    }
  }
}

async function forwardOrAnswer(sale: PhaseSale, parsed: ParsedCall): Promise<SellerOutput> {
  const { call, settings, handoff } = sale
  const { transport } = call
  const price = findPrice(call, settings)
  if (call.id === undefined && (call.tool !== undefined || price !== 'other method')) {
    return toOutput(undefined, transport, accepted())
  }
  if (price === 'unknown method') {
    return toOutput(call.id, transport, rpcError(-32601, 'Method not found', 404))
  }
  if (price === 'unknown tool') {
    return toOutput(call.id, transport, unknownTool(sale))
  }
  // The result of a task is fetched by another request, past the payment.
  if (price !== 'other method' && price !== 'free' && parsed.isTask) {
    return toOutput(call.id, transport, rpcError(-32602, 'Tasks are not sold', 400))
  }
  // If a client sends a seal of ours, its call would settle under the request id of a call that is already
  // paid.
  if (await handoff.wrote(parsed.seals)) {
    return toOutput(call.id, transport, rpcError(-32600, 'a header of the interceptor was sent'))
  }
  try {
    if (price === 'other method') return await forwardFree(sale)
    const validate = validateOf(price, settings)
    const refused = validate && (await refuseInput(sale, validate))
    if (refused !== undefined) return await toOutput(call.id, transport, refused)
    if (price === 'free') return await forwardFree(sale)
    return await admit(sale, parsed.payment, price)
  } catch (error) {
    return onFailure(sale, error)
  }
}

/**
 * Marks our own answer. On MCP targets the response phase is handed our answer like one of a target. It could
 * take the answer for something that was sold, or for the end of the work on a payment. Then a seal in the
 * answer says whose it is.
 */
async function markAnswer(
  { call, settings, handoff }: PhaseSale,
  payment: FoundPayment,
  output: SellerOutput,
): Promise<SellerOutput> {
  const { mcp } = output as Partial<InterceptorOutput>
  const response = mcp?.transformedGatewayResponse
  if (response?.body === undefined) return output
  const { creditsFrom, chargeOnError } = settings
  const isFree = readAnswer(output, creditsFrom)?.failed === true && !chargeOnError
  if (isFree && payment.kind !== 'token') return output
  const mark = await handoff.mark(call)
  const headers = { ...response.headers, ...mark }
  return { ...output, mcp: { ...mcp, transformedGatewayResponse: { ...response, headers } } }
}

/** The main line. */
async function admit(
  sale: PhaseSale,
  found: FoundPayment,
  price: ToolPrice,
): Promise<SellerOutput> {
  const { call, settings } = sale
  const payment = found.kind === 'token' ? found : undefined
  const quoted = await quote(sale, price)
  if (quoted === 'free') {
    await dispute(sale, found)
    // The response phase might compute another price, so it is told.
    return forwardKnown(sale, { handed: { kind: 'free' }, payment })
  }
  const chosen = await choosePayment(quoted, found, settings)
  const before = await lookBefore(sale, chosen)
  const begun = (await beginVerify(sale, chosen))?.verified
  const entered = await enter(sale, chosen, entryOfRequest(sale, price.keepAnswers))
  if (entered.kind === 'replayed') {
    reportReplay(sale, entered)
    return toOutput(call.id, call.transport, respondToReplay(entered))
  }
  if (settings.flow === 'upfront' || entered.paid !== undefined) {
    return settleFirst(sale, chosen, payment, entered)
  }
  const { identity, worked } = entered
  const verified = await orRelease(entered, async () => {
    const good = await reserved(sale, await verifyPayment(sale, chosen, begun), entered, before)
    return orEnd(good, async () => {
      await entered.hold?.verified()
      return good
    })
  })
  if (worked !== undefined) {
    return orEnd(verified, () => settleWorked(sale, verified, worked, entered.hold))
  }
  const known = { handed: { kind: 'verified' as const, verified }, payment }
  return orEnd(verified, () =>
    orRelease(entered, () =>
      forwardKnown(sale, { identity: identity ?? identityFrom(sale, verified), ...known }),
    ),
  )
}

function identityFrom(
  sale: PhaseSale,
  { correlationId, offer }: Pick<Verified, 'correlationId' | 'offer'>,
): Identity {
  return identityOfCall(correlationId, sale, offer.resource.url)
}

/** Settles, and forwards the call. If the hand-off fails, the receipt is lost, but not what was paid for. */
async function settleFirst(
  sale: PhaseSale,
  chosen: Chosen,
  payment: Payment | undefined,
  held: Held,
): Promise<SellerOutput> {
  const { call, settings } = sale
  const { hold, paid } = held
  // An HTTP target's answer is delivered only with the facts in the store. So the store is tried before money
  // moves.
  const isKept = call.transport.shape === 'gateway-http'
  if (paid !== undefined) {
    if (isKept) await orLater(held, paid, () => forwardFree(sale))
  } else {
    if (isKept) await orRelease(held, () => forwardFree(sale))
    await orRelease(held, () => beforeVerify(sale, chosen))
  }
  const settled =
    paid === undefined
      ? await settleUpfront(sale, chosen, hold, TARGET_LIMIT_MS)
      : { payment: unverified(chosen, hold?.record.asked?.correlationId), settlement: paid }
  const identity = held.identity ?? identityFrom(sale, settled.payment)
  try {
    return await forwardKnown(sale, { identity, handed: { kind: 'settled', ...settled }, payment })
  } catch (error) {
    settings.logger.error('a receipt is lost', { tool: call.label, error: asError(error) })
    return forward(call.event, call.transport, settings.forwardAuthorization)
  }
}

/**
 * Runs a step before the work, after an earlier call was charged for it.
 *
 * @throws PaymentUnavailableError that asks for the same payment again. The next call with it may go on at
 * once.
 */
async function orLater<T>({ hold }: Held, paid: Settlement, task: () => Promise<T>): Promise<T> {
  try {
    return await task()
  } catch (cause) {
    await hold?.paid(paid, 0)
    const why = 'a payment that was made cannot be handed over to the response phase'
    throw new PaymentUnavailableError('payment_in_use', why, { cause })
  }
}

/**
 * Forwards a call that is free by the options alone. The response phase sees that too, if it is shown the
 * request.
 */
async function forwardFree(sale: PhaseSale): Promise<SellerOutput> {
  const { call, settings } = sale
  if (call.transport.shape === 'gateway-http') {
    return forwardKnown(sale, { handed: { kind: 'free' }, payment: undefined })
  }
  return forward(call.event, call.transport, settings.forwardAuthorization)
}

async function forwardKnown(sale: PhaseSale, known: Known): Promise<SellerOutput> {
  const { call, settings, handoff } = sale
  if (known.handed.kind !== 'free') sale.watch.forwarded(ownerOf(sale), call.label)
  const { forwardAuthorization, tokenHeaders } = settings
  if (call.transport.shape === 'gateway-http') {
    await keepForResponse(sale, known)
    return forward(call.event, call.transport, forwardAuthorization)
  }
  const { headers, holdsPayment } = await handoff.give(call, known, gatewayRequestId(sale.context))
  const name = tokenHeaders.find((header) => header !== 'authorization')
  // Targets see a header only if they are allow-listed for it. The response phase needs this one.
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
