import type { Context } from 'aws-lambda'
import { amountToSettle } from '../payment/amount-to-settle.js'
import type { Answer } from '../answer/answer.js'
import { sealsIn, type FoundPayment } from '../events/payment-carriers.js'
import { choosePayment } from '../payment/choose-payment.js'
import { readDelivered } from './read-delivered.js'
import type { Desk } from './phase-state.js'
import { asError } from '../../errors/payment-error.js'
import { onFailure } from '../reply/on-failure.js'
import { reportRefund, settleOrApplyPolicy, verifyPayment } from '../payment/with-hooks.js'
import { release } from '../payment/in-flight.js'
import type { GatewayEvent, InterceptorOutput } from '../../wire/gateway-events.js'
import { pass, toOutput, type Output } from '../events/output.js'
import type { Call, Delivered, ParsedEvent, Transport } from '../events/call.js'
import type { Reply } from '../events/event-shape.js'
import { findPrice, quote } from '../price/quote.js'
import { refundOf, whyRefund } from '../payment/refund.js'
import {
  respondToHandlerFailure,
  respondWith,
  respondWithRefund,
  rpcError,
} from '../reply/respond.js'
import { requireSendable } from '../events/sendable.js'
import type { HandedOver } from './handoff-content.js'
import type { Settlement, Verified } from '../payment/payment.js'
import type { ToolPrice } from '../options/settings.js'
import { gatewayBodyOnly } from '../events/gateway.js'
import { gatewayRequestId } from '../events/gateway-http.js'
import { isRecord } from '../../wire/json.js'

/**
 * After the target: settles what was delivered and lets it through. On MCP targets it runs after a refusal
 * of the request phase too, which comes by as a failed answer and costs nothing.
 */
export async function onResponse(
  event: unknown,
  parsed: ParsedEvent,
  delivered: Delivered,
  desk: Desk,
  context: Context | undefined,
): Promise<Output> {
  const output = await answerTo(event, parsed, delivered, desk, context)
  return delivered.bodyOnly ? gatewayBodyOnly(output as InterceptorOutput) : output
}

async function answerTo(
  event: unknown,
  parsed: ParsedEvent,
  delivered: Delivered,
  desk: Desk,
  context: Context | undefined,
): Promise<Output> {
  const { transport } = parsed
  const passed = pass(event, transport)
  if (transport.shape === 'gateway-http')
    return answerKept(event, transport, delivered, desk, context)
  if (parsed.kind === 'client-answer' || parsed.kind === 'requestless') return passed

  if (parsed.kind === 'call') {
    const seals = sealsIn(delivered.headers)
    if (seals.length > 0 && (await desk.handoff.isMarked(parsed.call, seals))) return passed
  }
  const id = parsed.kind === 'call' ? parsed.call.id : parsed.id
  const answer = readDelivered(delivered, id, transport, desk.settings.creditsFrom)
  if (answer === 'aside') return passed
  const price = parsed.kind === 'call' ? findPrice(parsed.call, desk.settings) : 'unknown tool'
  if (price === 'unbilled' || price === 'free') return passed
  if (parsed.kind === 'call' && price !== 'unknown tool' && desk.settings.flow === 'upfront') {
    const { call, payment, seals } = parsed
    const handed = await desk.handoff.take(call, payment, seals)
    return (await answerPaid(call, answer, handed, desk, context)) ?? passed
  }
  if (answer === 'unreadable' || isFree(answer, desk)) {
    if (parsed.kind === 'call') await endWork(parsed, desk)
    return answer === 'unreadable' ? toOutput(id, transport, respondToHandlerFailure()) : passed
  }
  if (parsed.kind !== 'call' || price === 'unknown tool') {
    // Nobody sold this; a target that answers it all the same gives nothing away.
    return answer.failed ? passed : toOutput(id, transport, rpcError(-32602, 'Unknown tool'))
  }
  try {
    return (await settleDelivered(parsed, answer, price, desk, context)) ?? passed
  } catch (error) {
    return onFailure(parsed.call, error, desk.settings, context)
  }
}

type ParsedCall = Extract<ParsedEvent, { kind: 'call' }>

function isFree({ failed, unfinished }: Answer, { settings }: Desk): boolean {
  return unfinished || (failed && !settings.chargeOnError)
}

/** @returns `undefined` if the response goes out as it came. */
async function settleDelivered(
  { call, payment, seals }: ParsedCall,
  answer: Answer,
  price: ToolPrice,
  desk: Desk,
  context: Context | undefined,
): Promise<Output | undefined> {
  const handed = await desk.handoff.take(call, payment, seals)
  // What was free had no payment in work.
  if (handed?.kind === 'free') return undefined
  const known = handed?.kind === 'verified' ? handed.verified : undefined
  try {
    // A failed answer is charged for only if it is known to come from the target.
    if (answer.failed && handed === undefined) return undefined
    const verified = known ?? (await verifyAgain(call, payment, price, desk, context))
    if (verified === 'free') return undefined
    return await sell(call, answer, verified, known !== undefined, desk, context)
  } finally {
    release(tokenOf(payment, known), call)
  }
}

function tokenOf(payment: FoundPayment, known: Verified | undefined): string {
  return payment.kind === 'token' ? payment.token : (known?.token ?? '')
}

/** Nothing came from the request phase, so nothing is known: never free, and at most a fresh quote. */
async function verifyAgain(
  call: Call,
  found: FoundPayment,
  price: ToolPrice,
  { settings }: Desk,
  context: Context | undefined,
): Promise<Verified | 'free'> {
  const quoted = await quote(call, price, settings, context)
  if (quoted === 'free') return 'free'
  return verifyPayment(choosePayment(quoted, found, settings), call, settings, context)
}

/** The main line. @returns `undefined` if the response goes out as it came. */
async function sell(
  call: Call,
  answer: Answer,
  verified: Verified,
  mayRepeat: boolean,
  desk: Desk,
  context: Context | undefined,
): Promise<Output | undefined> {
  const { settings, settleOnce } = desk
  const { correlationId, verifyAmount } = verified
  // The target may be foreign: its price counts up to what was verified.
  const amount = amountToSettle(answer, verified, verifyAmount, call, settings)
  if (amount === 0n) return undefined
  if (!isSendable(call, answer, desk)) {
    return toOutput(call.id, call.transport, respondToHandlerFailure())
  }
  const settle = (): Promise<Settlement | undefined> =>
    settleOrApplyPolicy(verified, amount, call, settings, context)
  // Only what the request phase handed over names the same call when the Gateway repeats itself.
  const settlement = await (mayRepeat ? settleOnce(correlationId, settle) : settle())
  return settlement && withReceipt(call, answer, respondWith(answer, settlement))
}

/** The bytes of a plain HTTP body stay the target's own; a filtered one was not shown. */
function withReceipt(call: Call, answer: Answer, reply: Reply): Output {
  const outcome = 'raw' in answer.outcome ? undefined : reply.outcome
  return toOutput(call.id, call.transport, { ...reply, outcome })
}

/**
 * What was paid before the target was asked: it gets its receipt, or the word that a refund is due. Nothing
 * is ever settled here.
 *
 * @returns `undefined` if the response goes out as it came.
 */
async function answerPaid(
  call: Call,
  answer: Answer | 'unreadable',
  handed: HandedOver | undefined,
  { settings, refundOnce }: Desk,
  context: Context | undefined,
): Promise<Output | undefined> {
  if (handed?.kind !== 'settled') return undefined
  const { payment, settlement } = handed
  const given = answer === 'unreadable' ? undefined : answer
  const reason = whyRefund(given, payment, call, settings)
  if (given !== undefined && reason === undefined) {
    return withReceipt(call, given, respondWith(given, settlement))
  }
  const refund = refundOf(payment, settlement, reason ?? 'handler_failed')
  // Once, however often the Gateway hands the answer over: what is due may be paid back at once.
  await refundOnce(refund.correlationId, () =>
    reportRefund(refund, payment, call, settings, context),
  )
  const reply = respondWithRefund(given, settlement, refund)
  return given === undefined
    ? toOutput(call.id, call.transport, reply)
    : withReceipt(call, given, reply)
}

/** A failed call is not charged: its payment may be used again at once. One that was free had none in work. */
async function endWork({ call, payment, seals }: ParsedCall, { handoff }: Desk): Promise<void> {
  const handed = await handoff.take(call, payment, seals)
  if (handed?.kind === 'free') return
  const known = handed?.kind === 'verified' ? handed.verified : undefined
  release(tokenOf(payment, known), call)
}

/** What could not be sent is not charged. */
function isSendable(call: Call, answer: Answer, { settings }: Desk): boolean {
  try {
    // The Gateway counts what it hands to an interceptor together with what it gets back.
    requireSendable(answer, call.transport, call.event)
    return true
  } catch (error) {
    settings.logger.error('the target failed', { tool: call.label, error: asError(error) })
    return false
  }
}

/** Of an HTTP target: the request phase kept what it knows under the Gateway's id of the request. */
async function answerKept(
  event: unknown,
  transport: Transport,
  delivered: Delivered,
  desk: Desk,
  context: Context | undefined,
): Promise<Output> {
  const { settings, handoff } = desk
  const key = gatewayRequestId(context)
  const kept = key === undefined ? undefined : await handoff.takeByKey(key)
  if (kept === undefined) return notKept(transport)
  const { handed } = kept
  const call: Call = { ...kept.call, event: withoutRequest(event) }
  if (handed.kind === 'free') return pass(event, transport)
  const answer = readDelivered(delivered, call.id, call.transport, settings.creditsFrom)
  if (answer === 'aside') return pass(event, transport)
  if (handed.kind === 'settled') {
    return (await answerPaid(call, answer, handed, desk, context)) ?? pass(event, transport)
  }
  const { verified } = handed
  try {
    if (answer === 'unreadable') return toOutput(call.id, call.transport, respondToHandlerFailure())
    if (isFree(answer, desk)) return pass(event, transport)
    const output = await sell(call, answer, verified, true, desk, context)
    return output ?? pass(event, transport)
  } catch (error) {
    return await onFailure(call, error, settings, context)
  } finally {
    release(verified.token, call)
  }
}

function notKept(transport: Transport): Output {
  return toOutput(null, transport, rpcError(-32603, 'The seller cannot answer right now', 503))
}

function withoutRequest(event: unknown): GatewayEvent {
  const http = isRecord(event) && isRecord(event['http']) ? event['http'] : {}
  return {
    ...(event as object),
    http: { ...http, gatewayRequest: null },
  } as unknown as GatewayEvent
}
