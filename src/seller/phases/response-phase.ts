import type { Context } from 'aws-lambda'
import { isRecord } from '../../wire/json.js'
import type { GatewayEvent, InterceptorOutput } from '../../wire/gateway-events.js'
import type { Answer } from '../answer/answer.js'
import type { SoldCall, Delivered, ParsedEvent } from '../events/call.js'
import { gatewayBodyOnly } from '../events/gateway.js'
import { gatewayRequestId } from '../events/gateway.js'
import { withExactId } from '../events/exact-numbers.js'
import { pass, toOutput, type SellerOutput } from '../events/output.js'
import { sealsIn, type FoundPayment } from '../events/payment-carriers.js'
import type { ToolPrice } from '../options/settings.js'
import { findPrice } from '../price/quote.js'
import { onFailure } from '../reply/on-failure.js'
import { respondToHandlerFailure, rpcError } from '../reply/respond.js'
import { answerAgain, answerInvalidAgain } from './answer-again.js'
import type { HandedOver } from './handoff-content.js'
import { endWork, keysOf } from './begun-work.js'
import { endReserved } from './guarded.js'
import { ownerOf } from './phase-entry.js'
import { phaseSale, type PhaseSale, type PhaseState } from './phase-state.js'
import { readDelivered } from './read-delivered.js'
import { deliverPaid } from './deliver.js'
import { passFree, withBridges } from './tools-list.js'
import { paidBefore } from './paid-before.js'
import { settleDelivered, settleDue } from './settle-delivered.js'

/** What the Gateway hands over after the target answered. */
interface Arrived {
  readonly event: unknown
  readonly parsed: ParsedEvent
  readonly delivered: Delivered
}

type ParsedCall = Extract<ParsedEvent, { kind: 'call' }>

/**
 * After the target: settles the response and lets it through. On MCP targets this phase also runs after a
 * refusal of the request phase. The refusal comes by as a failed answer, and costs nothing.
 */
export async function onResponse(
  state: PhaseState,
  arrived: Arrived,
  context: Context | undefined,
): Promise<SellerOutput> {
  const answered = await answerTo(state, arrived, context)
  const { transport } = arrived.parsed
  const isMcp = transport.shape === 'gateway'
  const output = isMcp ? withExactId(answered as InterceptorOutput, transport) : answered
  return arrived.delivered.bodyOnly ? gatewayBodyOnly(output as InterceptorOutput) : output
}

async function answerTo(
  state: PhaseState,
  arrived: Arrived,
  context: Context | undefined,
): Promise<SellerOutput> {
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
  return (await answerUnsold(answer, parsed)) ?? passed
}

/** Answers a call that was not sold. If a target answers it all the same, nothing is given away. */
async function answerUnsold(
  answer: Answer | 'aside' | 'nothing' | 'unreadable',
  { id, transport }: Pick<SoldCall, 'id' | 'transport'>,
): Promise<SellerOutput | undefined> {
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
): Promise<SellerOutput | undefined> {
  const { call, settings, handoff } = sale
  sale.watch.responded(ownerOf(sale))
  const seals = sealsIn(delivered.headers)
  const isOurs = seals.length > 0 && (await handoff.isMarked(call, seals))
  const answer = await readDelivered(delivered, call.id, call.transport, settings.creditsFrom)
  const isLost = answer === 'nothing' && mayBeLost(delivered)
  if (isOurs) return isLost ? judgeAgain(sale, parsed) : undefined
  if (answer === 'aside') return undefined
  const price = findPrice(call, settings)
  if (price === 'other method') return undefined
  if (isLost && typeof price === 'string') return judgeAgain(sale, parsed)
  if (price === 'free') return undefined
  if (price === 'unknown tool' || price === 'unknown method') return answerUnsold(answer, call)
  const { payment } = parsed
  const requestId = gatewayRequestId(sale.context)
  const handed = await handoff.take(call, { payment, seals: parsed.seals, requestId })
  if (handed === undefined && isLost) return judgeAgain(sale, parsed)
  return answerSold(sale, payment, price, { answer, handed })
}

/** Whether an empty body may have been an answer of the request phase. Later events of a stream are none. */
function mayBeLost({ body, bodyOnly }: Delivered): boolean {
  return body !== undefined && !bodyOnly
}

/** Judges a call again: the answer of the request phase did not arrive, or the target gave no body. */
async function judgeAgain(sale: PhaseSale, parsed: ParsedCall): Promise<SellerOutput | undefined> {
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
): Promise<SellerOutput | undefined> {
  const { call, settings } = sale
  try {
    const isUpfront = settings.flow === 'upfront'
    const told = handed ?? (isUpfront ? await paidBefore(sale, payment, price) : undefined)
    if (told === 'by another call') return await answerOther(sale, payment, price, answer)
    // In every flow the request phase may find a settled payment whose answer is not kept.
    if (isUpfront || told?.kind === 'settled') {
      return await deliverPaid(sale, readable(answer), told, price.keepAnswers)
    }
    if (answer === 'nothing') return undefined
    if (answer === 'unreadable' || isFree(sale, answer)) {
      await endFailed(sale, payment, price, handed)
      if (answer !== 'unreadable') return undefined
      return await toOutput(call.id, call.transport, respondToHandlerFailure())
    }
    return await settleDelivered(sale, payment, price, { answer, handed })
  } catch (error) {
    return onFailure(sale, error)
  }
}

/**
 * Another call has the payment. A failed answer goes out: it is a refusal of the request phase, or gives nothing away.
 * Any other answer is replaced by what the other call delivered. Without that, the buyer is asked to come back.
 */
async function answerOther(
  sale: PhaseSale,
  payment: FoundPayment,
  price: ToolPrice,
  answer: Answer | 'nothing' | 'unreadable',
): Promise<SellerOutput | undefined> {
  const { id, transport } = sale.call
  if (answer === 'unreadable') return toOutput(id, transport, respondToHandlerFailure())
  if (answer === 'nothing' || answer.failed || answer.unfinished) return undefined
  return settleDelivered(sale, payment, price, { answer, handed: undefined })
}

/** The answer. A missing answer to a paid call counts as unreadable. */
function readable(answer: Answer | 'nothing' | 'unreadable'): Answer | 'unreadable' {
  return answer === 'nothing' ? 'unreadable' : answer
}

function isFree({ settings }: PhaseSale, { failed, unfinished }: Answer): boolean {
  return unfinished || (failed && !settings.chargeOnError)
}

/** Ends a failed call, which is not charged. A free call has no payment in work. */
async function endFailed(
  sale: PhaseSale,
  payment: FoundPayment,
  price: Pick<ToolPrice, 'planIds'>,
  handed: HandedOver | undefined,
): Promise<void> {
  if (handed?.kind === 'free') return
  const isOver = await endWork(sale, handed === undefined ? keysOf(payment) : keyOf(handed))
  if (isOver) await endReserved(sale, payment, price, handed)
}

function keyOf({ identity }: Exclude<HandedOver, { kind: 'free' }>): string[] {
  return identity === undefined ? [] : [identity.key]
}

/** Answers for an HTTP target. The request phase kept its facts under the Gateway's id of the request. */
async function answerKept(
  state: PhaseState,
  { event, parsed, delivered }: Arrived,
  context: Context | undefined,
): Promise<SellerOutput> {
  const { settings, handoff } = state
  const { transport } = parsed
  const key = gatewayRequestId(context)
  const kept = key === undefined ? undefined : await handoff.takeByKey(key)
  if (kept === undefined) return notKept(state, parsed)
  const { handed } = kept
  const call: SoldCall = { ...kept.call, event: withoutRequest(event) }
  if (handed.kind === 'free') return passFree(event, call, delivered, settings)
  const sale = phaseSale(state, call, context)
  sale.watch.responded(ownerOf(sale))
  const answer = await readDelivered(delivered, call.id, call.transport, settings.creditsFrom)
  if (answer === 'aside') return pass(event, transport)
  try {
    return (await answerHanded(sale, answer, handed)) ?? pass(event, transport)
  } catch (error) {
    return await onFailure(sale, error)
  }
}

/** @returns `undefined` if the response goes out as it came. */
async function answerHanded(
  sale: PhaseSale,
  answer: Answer | 'nothing' | 'unreadable',
  handed: Exclude<HandedOver, { kind: 'free' }>,
): Promise<SellerOutput | undefined> {
  const { call, settings } = sale
  const price = findPrice(call, settings)
  const keepsAnswers = typeof price === 'object' && price.keepAnswers
  if (handed.kind === 'settled') return deliverPaid(sale, readable(answer), handed, keepsAnswers)
  if (answer === 'nothing') return undefined
  if (answer === 'unreadable' || isFree(sale, answer)) {
    await endFailed(sale, { kind: 'none' }, { planIds: [] }, handed)
    if (answer !== 'unreadable') return undefined
    return toOutput(call.id, call.transport, respondToHandlerFailure())
  }
  return settleDue(sale, { chosen: handed.verified, answer, known: handed }, keepsAnswers)
}

function notKept({ settings }: PhaseState, { transport }: ParsedEvent): Promise<SellerOutput> {
  settings.logger.error(NOT_KEPT, {})
  return toOutput(null, transport, rpcError(-32603, 'The seller cannot answer right now', 503))
}

const NOT_KEPT =
  'A response came, and nothing is known of its request. HTTP targets need this Lambda at REQUEST and at RESPONSE, the ' +
  'option store, and REQUEST_ID in the client context.'

function withoutRequest(event: unknown): GatewayEvent {
  const http = isRecord(event) && isRecord(event['http']) ? event['http'] : {}
  return {
    ...(event as object),
    http: { ...http, gatewayRequest: null },
  } as unknown as GatewayEvent
}
