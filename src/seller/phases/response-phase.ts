import type { Context } from 'aws-lambda'
import { isRecord } from '../../wire/json.js'
import { PaymentUnavailableError } from '../../errors/payment-error.js'
import type { GatewayEvent, InterceptorOutput } from '../../wire/gateway-events.js'
import type { Answer } from '../answer/answer.js'
import type { Call, Delivered, ParsedEvent } from '../events/call.js'
import { gatewayBodyOnly } from '../events/gateway.js'
import { gatewayRequestId } from '../events/gateway-http.js'
import { pass, toOutput, type Output } from '../events/output.js'
import { sealsIn, type FoundPayment } from '../events/payment-carriers.js'
import type { ToolPrice } from '../options/settings.js'
import { choosePayment } from '../payment/choose-payment.js'
import type { Chosen } from '../payment/chosen.js'
import { enter, orRelease } from '../payment/enter.js'
import { verifyPayment } from '../payment/with-hooks.js'
import { findPrice, quote } from '../price/quote.js'
import { onFailure } from '../reply/on-failure.js'
import { TakenOverError } from '../records/hold.js'
import { respondToHandlerFailure, respondToReplay, rpcError } from '../reply/respond.js'
import { answerAgain, answerInvalidAgain } from './answer-again.js'
import { bridgeMessage, bridgeText } from '../price/bridge-schemas.js'
import type { Settings } from '../options/settings.js'
import type { HandedOver } from './handoff-content.js'
import { endWork, keysOf } from './begun-work.js'
import { entryOfResponse, ownerOf } from './phase-entry.js'
import { phaseSale, type PhaseSale, type PhaseState } from './phase-state.js'
import { readDelivered } from './read-delivered.js'
import { deliverPaid, deliverSettled, settleAndDeliver } from './deliver.js'

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
  if (parsed.kind === 'preflight') return passed
  if (parsed.kind === 'call') {
    const answered = await answerCall(phaseSale(state, parsed.call, context), parsed, delivered)
    return answered ?? pass(withBridges(event, parsed.call, state.settings), transport)
  }
  const answer = await readDelivered(delivered, parsed.id, transport, state.settings.creditsFrom)
  if (answer === 'nothing' && mayBeLost(delivered)) return answerInvalidAgain(parsed)
  return answerUnsold(answer, parsed) ?? passed
}

/** Nobody sold this; a target that answers it all the same gives nothing away. */
function answerUnsold(
  answer: Answer | 'aside' | 'nothing' | 'unreadable',
  { id, transport }: Pick<Call, 'id' | 'transport'>,
): Output | undefined {
  if (answer === 'aside' || answer === 'nothing') return undefined
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
  sale.watch.responded(ownerOf(sale))
  const seals = sealsIn(delivered.headers)
  const isOurs = seals.length > 0 && (await handoff.isMarked(call, seals))
  const answer = await readDelivered(delivered, call.id, call.transport, settings.creditsFrom)
  const isLost = answer === 'nothing' && mayBeLost(delivered)
  if (isOurs) return isLost ? judgeAgain(sale, parsed) : undefined
  if (answer === 'aside') return undefined
  const price = findPrice(call, settings)
  if (price === 'unbilled') return undefined
  if (isLost && typeof price === 'string') return judgeAgain(sale, parsed)
  if (price === 'free') return undefined
  if (price === 'unknown tool' || price === 'unknown method') return answerUnsold(answer, call)
  const { payment } = parsed
  const requestId = gatewayRequestId(sale.context)
  const handed = await handoff.take(call, { payment, seals: parsed.seals, requestId })
  if (handed === undefined && isLost) return judgeAgain(sale, parsed)
  return answerSold(sale, payment, price, { answer, handed })
}

/** Whether a body that is empty may have been an answer of the request phase. Later events of a stream are none. */
function mayBeLost({ body, bodyOnly }: Delivered): boolean {
  return body !== undefined && !bodyOnly
}

/** What the request phase answered did not arrive, or the target gave no body. */
async function judgeAgain(sale: PhaseSale, parsed: ParsedCall): Promise<Output | undefined> {
  try {
    return await answerAgain(sale, parsed)
  } catch (error) {
    return onFailure(sale, error)
  }
}

async function answerSold(
  sale: PhaseSale,
  payment: FoundPayment,
  price: ToolPrice,
  { answer, handed }: { answer: Answer | 'nothing' | 'unreadable'; handed: HandedOver | undefined },
): Promise<Output | undefined> {
  const { call, settings } = sale
  try {
    // The request phase of any flow may find a payment settled whose answer is not kept.
    if (settings.flow === 'upfront' || handed?.kind === 'settled') {
      return await deliverPaid(sale, readable(answer), handed, price.keepAnswers)
    }
    if (answer === 'nothing') return undefined
    if (answer === 'unreadable' || isFree(sale, answer)) {
      await endFailed(sale, payment, handed)
      if (answer !== 'unreadable') return undefined
      return toOutput(call.id, call.transport, respondToHandlerFailure())
    }
    return await settleDelivered(sale, payment, price, { answer, handed })
  } catch (error) {
    return onFailure(sale, error)
  }
}

/** What was paid for and is not there is as good as unreadable. */
function readable(answer: Answer | 'nothing' | 'unreadable'): Answer | 'unreadable' {
  return answer === 'nothing' ? 'unreadable' : answer
}

function isFree({ settings }: PhaseSale, { failed, unfinished }: Answer): boolean {
  return unfinished || (failed && !settings.chargeOnError)
}

/** What a target answered, and what the request phase knew of the call. */
interface Answered {
  readonly answer: Answer
  readonly handed: HandedOver | undefined
}

/** @returns `undefined` if the response goes out as it came. */
async function settleDelivered(
  sale: PhaseSale,
  payment: FoundPayment,
  price: ToolPrice,
  { answer, handed }: Answered,
): Promise<Output | undefined> {
  // A failed answer is charged for only if it is known to come from the target.
  if (handed?.kind === 'free' || (answer.failed && handed === undefined)) return undefined
  const known = handed?.kind === 'verified' ? handed : undefined
  const chosen = known?.verified ?? (await chosenAgain(sale, payment, price))
  if (chosen === 'free') return undefined
  return settleDue(sale, { chosen, answer, known }, price.keepAnswers)
}

/** An answer to settle. */
interface DueAnswer {
  readonly chosen: Chosen
  readonly answer: Answer
  readonly known: Extract<HandedOver, { kind: 'verified' }> | undefined
}

async function settleDue(
  sale: PhaseSale,
  due: DueAnswer,
  keepsAnswers: boolean,
): Promise<Output | undefined> {
  try {
    return await settleOnce(sale, due, keepsAnswers)
  } catch (error) {
    if (!(error instanceof TakenOverError)) throw error
    // The Gateway handed the answer over twice, and the other one was faster.
    return settleOnce(sale, due, keepsAnswers).catch((again: unknown) => {
      // This call's settle may have charged, so that the buyer must not be told that it did not.
      throw again instanceof PaymentUnavailableError ? error : again
    })
  }
}

async function settleOnce(
  sale: PhaseSale,
  { chosen, answer, known }: DueAnswer,
  keepsAnswers: boolean,
): Promise<Output | undefined> {
  const { call } = sale
  const entered = await enter(sale, chosen, entryOfResponse(sale, keepsAnswers, known?.identity))
  if (entered.kind === 'replayed') {
    return toOutput(call.id, call.transport, respondToReplay(entered))
  }
  const { hold, paid } = entered
  if (paid !== undefined) {
    if (hold?.record.isDelivered === false) await hold.delivered(answer)
    return deliverSettled(sale, answer, paid)
  }
  const verified = await orRelease(entered, () => known?.verified ?? verifyPayment(sale, chosen))
  return settleAndDeliver(sale, verified, answer, hold)
}

/** Nothing came from the request phase, so nothing is known: never free, and at most a fresh quote. */
async function chosenAgain(
  sale: PhaseSale,
  found: FoundPayment,
  price: ToolPrice,
): Promise<Chosen | 'free'> {
  const quoted = await quote(sale, price)
  return quoted === 'free' ? 'free' : choosePayment(quoted, found, sale.settings)
}

/** A failed call is not charged. One that was free had no payment in work. */
async function endFailed(
  sale: PhaseSale,
  payment: FoundPayment,
  handed: HandedOver | undefined,
): Promise<void> {
  if (handed?.kind === 'free') return
  await endWork(sale, handed === undefined ? keysOf(payment) : keyOf(handed))
}

function keyOf({ identity }: Exclude<HandedOver, { kind: 'free' }>): string[] {
  return identity === undefined ? [] : [identity.key]
}

/** Answers for an HTTP target. The request phase kept what it knows under the Gateway's id of the request. */
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
  if (handed.kind === 'free') return passFree(event, call, delivered, settings)
  const sale = phaseSale(state, call, context)
  sale.watch.responded(ownerOf(sale))
  const answer = await readDelivered(delivered, call.id, call.transport, settings.creditsFrom)
  if (answer === 'aside') return pass(event, transport)
  const price = findPrice(call, settings)
  const keepsAnswers = typeof price === 'object' && price.keepAnswers
  if (handed.kind === 'settled') {
    const given = readable(answer)
    return (await deliverPaid(sale, given, handed, keepsAnswers)) ?? pass(event, transport)
  }
  if (answer === 'nothing') return pass(event, transport)
  if (answer === 'unreadable' || isFree(sale, answer)) {
    await endWork(sale, keyOf(handed))
    if (answer !== 'unreadable') return pass(event, transport)
    return toOutput(call.id, call.transport, respondToHandlerFailure())
  }
  try {
    const due = { chosen: handed.verified, answer, known: handed }
    return (await settleDue(sale, due, keepsAnswers)) ?? pass(event, transport)
  } catch (error) {
    return await onFailure(sale, error)
  }
}

/** A response of a method that costs nothing. In a list of tools, schemas let challenges through. */
function passFree(event: unknown, call: Call, delivered: Delivered, settings: Settings): Output {
  const { transport, method } = call
  const { headers, body } = delivered
  if (method !== 'tools/list' || typeof body !== 'string' || isCompressed(headers)) {
    return pass(event, transport)
  }
  const bridged = bridgeText(body, call, settings)
  if (bridged === body) return pass(event, transport)
  const encoded = Buffer.from(bridged).toString('base64')
  return {
    interceptorOutputVersion: '1.0',
    http: { transformedGatewayResponse: { body: encoded } },
  }
}

function isCompressed(headers: Delivered['headers']): boolean {
  return Object.keys(headers ?? {}).some((name) => name.toLowerCase() === 'content-encoding')
}

/** The event of a list of tools, whose schemas let challenges through. */
function withBridges(event: unknown, call: Call, settings: Settings): unknown {
  if (call.method !== 'tools/list' || !isRecord(event) || !isRecord(event['mcp'])) return event
  const { mcp } = event
  const response = mcp['gatewayResponse']
  if (!isRecord(response)) return event
  const { body } = response
  const bridged =
    typeof body === 'string'
      ? bridgeText(body, call, settings)
      : bridgeMessage(body, call, settings)
  return { ...event, mcp: { ...mcp, gatewayResponse: { ...response, body: bridged } } }
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
