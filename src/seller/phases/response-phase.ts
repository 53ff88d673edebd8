import type { Context } from 'aws-lambda'
import { isRecord } from '../../wire/json.js'
import type { GatewayEvent, InterceptorOutput } from '../../wire/gateway-events.js'
import type { Answer } from '../answer/answer.js'
import type { Call, Delivered, ParsedEvent } from '../events/call.js'
import { gatewayBodyOnly } from '../events/gateway.js'
import { gatewayRequestId } from '../events/gateway-http.js'
import { pass, toOutput, type Output } from '../events/output.js'
import { sealsIn, type FoundPayment } from '../events/payment-carriers.js'
import type { ToolPrice } from '../options/settings.js'
import { choosePayment } from '../payment/choose-payment.js'
import { release } from '../payment/in-flight.js'
import type { Verified } from '../payment/chosen.js'
import type { Payload } from '../payment/payment.js'
import { verifyPayment } from '../payment/with-hooks.js'
import { findPrice, quote } from '../price/quote.js'
import { onFailure } from '../reply/on-failure.js'
import { respondToHandlerFailure, rpcError } from '../reply/respond.js'
import { phaseSale, type PhaseSale, type PhaseState } from './phase-state.js'
import { readDelivered } from './read-delivered.js'
import { deliverPaid, settleAndDeliver } from './deliver.js'

/** What the Gateway hands over after its target. */
interface Arrived {
  readonly event: unknown
  readonly parsed: ParsedEvent
  readonly delivered: Delivered
}

type ParsedCall = Extract<ParsedEvent, { kind: 'call' }>

/**
 * After the target: settles what was delivered and lets it through. On MCP targets it runs after a refusal
 * of the request phase too, which comes by as a failed answer and costs nothing.
 */
export async function onResponse(
  state: PhaseState,
  arrived: Arrived,
  context: Context | undefined,
): Promise<Output> {
  const output = await answerTo(state, arrived, context)
  return arrived.delivered.bodyOnly ? gatewayBodyOnly(output as InterceptorOutput) : output
}

async function answerTo(
  state: PhaseState,
  arrived: Arrived,
  context: Context | undefined,
): Promise<Output> {
  const { event, parsed, delivered } = arrived
  const { transport } = parsed
  const passed = pass(event, transport)
  if (transport.shape === 'gateway-http') return answerKept(state, arrived, context)
  if (parsed.kind === 'client-answer' || parsed.kind === 'requestless') return passed
  if (parsed.kind === 'call') {
    return (await answerCall(phaseSale(state, parsed.call, context), parsed, delivered)) ?? passed
  }
  const answer = readDelivered(delivered, parsed.id, transport, state.settings.creditsFrom)
  return answerUnsold(answer, parsed) ?? passed
}

/** Nobody sold this; a target that answers it all the same gives nothing away. */
function answerUnsold(
  answer: Answer | 'aside' | 'unreadable',
  { id, transport }: Pick<Call, 'id' | 'transport'>,
): Output | undefined {
  if (answer === 'aside') return undefined
  if (answer === 'unreadable') return toOutput(id, transport, respondToHandlerFailure())
  if (answer.unfinished || answer.failed) return undefined
  return toOutput(id, transport, rpcError(-32602, 'Unknown tool'))
}

/** @returns `undefined` if the response goes out as it came. */
async function answerCall(
  sale: PhaseSale,
  parsed: ParsedCall,
  delivered: Delivered,
): Promise<Output | undefined> {
  const { call, settings, handoff } = sale
  const seals = sealsIn(delivered.headers)
  if (seals.length > 0 && (await handoff.isMarked(call, seals))) return undefined
  const answer = readDelivered(delivered, call.id, call.transport, settings.creditsFrom)
  if (answer === 'aside') return undefined
  const price = findPrice(call, settings)
  if (price === 'unbilled' || price === 'free') return undefined
  if (price === 'unknown tool') return answerUnsold(answer, call)
  if (settings.flow === 'upfront') {
    return deliverPaid(sale, answer, await handoff.take(call, parsed.payment, parsed.seals))
  }
  if (answer === 'unreadable' || isFree(sale, answer)) {
    await endWork(sale, parsed)
    if (answer !== 'unreadable') return undefined
    return toOutput(call.id, call.transport, respondToHandlerFailure())
  }
  try {
    return await settleDelivered(sale, parsed, price, answer)
  } catch (error) {
    return onFailure(sale, error)
  }
}

function isFree({ settings }: PhaseSale, { failed, unfinished }: Answer): boolean {
  return unfinished || (failed && !settings.chargeOnError)
}

/** @returns `undefined` if the response goes out as it came. */
async function settleDelivered(
  sale: PhaseSale,
  { payment, seals }: ParsedCall,
  price: ToolPrice,
  answer: Answer,
): Promise<Output | undefined> {
  const { call, handoff } = sale
  const handed = await handoff.take(call, payment, seals)
  // What was free had no payment in work.
  if (handed?.kind === 'free') return undefined
  const known = handed?.kind === 'verified' ? handed.verified : undefined
  try {
    // A failed answer is charged for only if it is known to come from the target.
    if (answer.failed && handed === undefined) return undefined
    const verified = known ?? (await verifyAgain(sale, payment, price))
    if (verified === 'free') return undefined
    return await settleAndDeliver(sale, verified, { answer, isHanded: known !== undefined })
  } finally {
    release(payloadOf(payment, known), call)
  }
}

function payloadOf(payment: FoundPayment, known: Verified | undefined): Payload {
  return payment.kind === 'token' ? payment.payload : known?.payload
}

/** Nothing came from the request phase, so nothing is known: never free, and at most a fresh quote. */
async function verifyAgain(
  sale: PhaseSale,
  found: FoundPayment,
  price: ToolPrice,
): Promise<Verified | 'free'> {
  const quoted = await quote(sale, price)
  if (quoted === 'free') return 'free'
  return verifyPayment(sale, choosePayment(quoted, found, sale.settings))
}

/** A failed call is not charged: its payment may be used again at once. One that was free had none in work. */
async function endWork(
  { call, handoff }: PhaseSale,
  { payment, seals }: ParsedCall,
): Promise<void> {
  const handed = await handoff.take(call, payment, seals)
  if (handed?.kind === 'free') return
  const known = handed?.kind === 'verified' ? handed.verified : undefined
  release(payloadOf(payment, known), call)
}

/** Of an HTTP target: the request phase kept what it knows under the Gateway's id of the request. */
async function answerKept(
  state: PhaseState,
  { event, parsed, delivered }: Arrived,
  context: Context | undefined,
): Promise<Output> {
  const { settings, handoff } = state
  const { transport } = parsed
  const key = gatewayRequestId(context)
  const kept = key === undefined ? undefined : await handoff.takeByKey(key)
  if (kept === undefined) return notKept(parsed)
  const { handed } = kept
  const call: Call = { ...kept.call, event: withoutRequest(event) }
  if (handed.kind === 'free') return pass(event, transport)
  const sale = phaseSale(state, call, context)
  const answer = readDelivered(delivered, call.id, call.transport, settings.creditsFrom)
  if (answer === 'aside') return pass(event, transport)
  if (handed.kind === 'settled') {
    return (await deliverPaid(sale, answer, handed)) ?? pass(event, transport)
  }
  const { verified } = handed
  try {
    if (answer === 'unreadable') return toOutput(call.id, call.transport, respondToHandlerFailure())
    if (isFree(sale, answer)) return pass(event, transport)
    const output = await settleAndDeliver(sale, verified, { answer, isHanded: true })
    return output ?? pass(event, transport)
  } catch (error) {
    return await onFailure(sale, error)
  } finally {
    release(verified.payload, call)
  }
}

function notKept({ transport }: ParsedEvent): Output {
  return toOutput(null, transport, rpcError(-32603, 'The seller cannot answer right now', 503))
}

function withoutRequest(event: unknown): GatewayEvent {
  const http = isRecord(event) && isRecord(event['http']) ? event['http'] : {}
  return {
    ...(event as object),
    http: { ...http, gatewayRequest: null },
  } as unknown as GatewayEvent
}
