import type { Context } from 'aws-lambda'
import type { FoundPayment } from './events/payment-carriers.js'
import { OptionsError, asError } from '../errors/payment-error.js'
import { inCall } from '../errors/in-call.js'
import { shown } from '../errors/shown.js'
import { lazy } from '../lazy.js'
import { noteDoor } from '../logger.js'
import type { OtherMethodSale } from './answer-other-methods.js'
import type { GatewayEvent, HandlerResult, InterceptorOutput } from '../wire/gateway-events.js'
import type { RequiresPaymentOptions } from './options/options.js'
import { toOutput, type SellerOutput } from './events/output.js'
import { parse } from './events/parse.js'
import { findPrice } from './price/quote.js'
import { accepted, rpcError } from './reply/respond.js'
import type { Run } from './run-handler.js'
import { storeFor } from './records/store-for.js'
import { runFree, sell } from './sell-call.js'
import type { Sale } from './options/sale.js'
import { validateOf, type Settings, type ToolPrice } from './options/settings.js'
import { toSettings } from './options/to-settings.js'
import { withPrices } from './with-prices.js'
import type { Reply } from './events/event-shape.js'
import type { VerifiedPayment } from './rails/payment.js'

/**
 * A handler that can be sold. `payment` is what was verified. For calls that cost nothing its credits are
 * `0n`, and it names no payer. `context` is undefined only if the caller of the wrapped handler gives none.
 *
 * `TArguments` is what you expect of the buyer. It is no check: the Gateway checks the tool's schema.
 * Handlers of Function URLs, API Gateway and Lambda targets annotate their own event instead.
 */
export type PaidHandler<
  TArguments = Record<string, unknown>,
  TEvent extends object = GatewayEvent<TArguments>,
> = (
  event: TEvent,
  context: Context,
  payment: VerifiedPayment,
) => HandlerResult | Promise<HandlerResult>

/** What `requiresPayment` makes: a Lambda handler that answers every event and never rejects. */
export type WrappedHandler<TOutput = InterceptorOutput> = (
  event: unknown,
  context?: Context,
) => Promise<TOutput>

type Method = (
  event: never,
  context: never,
  payment: never,
) => HandlerResult | Promise<HandlerResult>

/** What `requiresPayment(options)` makes. */
export interface PaymentDecorator {
  /** Wraps a function. */
  <TArguments = Record<string, unknown>>(
    handler: PaidHandler<TArguments>,
    context?: undefined,
  ): WrappedHandler
  /** Decorates a method (TC39). It keeps its declared type and answers with an interceptor output. */
  <TMethod extends Method>(method: TMethod, context: ClassMethodDecoratorContext): TMethod
}

/**
 * Sells a Lambda handler for credits of plans, for money, or for either. One invocation does everything:
 * parse → price → verify → handler → settle → respond, or the order that `flow` says.
 *
 * The handler runs only for calls that are paid or free, and its result goes out only if the payment was
 * settled. The handler gets the event it would get without us, less the payment.
 *
 * Every answer is complete, in the shape of its event. Events come from AgentCore Gateway (to interceptors
 * and Lambda targets), Function URLs, API Gateway (1.0 and 2.0) and load balancers.
 *
 * The Gateway turns the answer of a Lambda target into text, and MCP clients do not look for a challenge
 * there. Sell Lambda targets with `createInterceptor`.
 *
 * With options alone it returns a function that wraps a handler or decorates a class method.
 *
 * @example
 * export const handler = requiresPayment(
 *   async (event) => ({ content: [{ type: 'text', text: 'Hello!' }] }),
 *   { payments, planId: 'plan-123', credits: 1 },
 * )
 * @throws OptionsError naming the option that is wrong, when the wrapper is made and not on the first call.
 */
export function requiresPayment<TArguments = Record<string, unknown>>(
  handler: PaidHandler<TArguments>,
  options: RequiresPaymentOptions,
): WrappedHandler
export function requiresPayment<TEvent extends object>(
  handler: PaidHandler<never, TEvent>,
  options: RequiresPaymentOptions,
): WrappedHandler<SellerOutput>
export function requiresPayment(options: RequiresPaymentOptions): PaymentDecorator
export function requiresPayment(
  first: AnyHandler | RequiresPaymentOptions,
  options?: RequiresPaymentOptions,
): unknown {
  const given = { ...(options ?? (first as object)), handler: first, options }
  return inCall('requiresPayment', given, () => {
    if (typeof first === 'function') return wrap(first, toSettings(options))
    if (options !== undefined) throw new OptionsError('handler', HANDLER_FIRST)
    const settings = toSettings(first)
    return (handler: AnyHandler) => wrap(requireHandler(handler), settings)
  })
}

const HANDLER_FIRST = 'must be a function and come first: requiresPayment(handler, options)'

/**
 * Refuses what `requiresPayment(options)` makes: it is no Lambda handler, and would answer nothing to every
 * event.
 */
function requireHandler(handler: AnyHandler): AnyHandler {
  if (typeof handler === 'function') return handler
  const why =
    'expected a function. requiresPayment(options) makes a wrapper and no handler: write ' +
    'requiresPayment(handler, options), or requiresPayment(options)(handler)'
  throw new OptionsError('handler', why, {
    call: 'requiresPayment',
    given: shown('handler', handler),
  })
}

type AnyHandler = (event: never, context: Context, payment: VerifiedPayment) => unknown

function wrap(handler: AnyHandler, settings: Settings): WrappedHandler<SellerOutput> {
  const deafTo = new Set<string>()
  async function paid(this: unknown, event: unknown, context?: Context): Promise<SellerOutput> {
    noteDoor('requiresPayment')
    const parsed = await parse(event, context, settings)
    try {
      const isCall = parsed.kind === 'call' || parsed.kind === 'preflight'
      if (!isCall || parsed.delivered !== undefined)
        return await (await otherEvents()).answerNoCall(event, parsed, settings)
      const { call, context: given } = parsed
      const run: Run = (it, about) => handler.call(this, it.event as never, given as Context, about)
      const sale = { call, settings, context, store: storeFor(settings, context), run }
      if (parsed.kind === 'preflight') return await (await preflights()).answerPreflight(sale)
      const { payment, hasInput } = parsed
      const arrived = { event, payment }
      return await answerCall({ ...sale, arrived, hasInput, deafTo }, payment)
    } catch (error) {
      settings.logger.error('internal error', { error: asError(error) })
      return await toOutput(null, parsed.transport, rpcError(-32603, 'Internal error', 500))
    }
  }
  Object.defineProperty(paid, 'name', { value: handler.name })
  // Lambda's Node runtime refuses handlers that declare a third parameter.
  Object.defineProperty(paid, 'length', { value: 2 })
  return withPrices(paid, settings, 'handler')
}

async function answerCall(sale: OtherMethodSale, payment: FoundPayment): Promise<SellerOutput> {
  const { call, settings } = sale
  const answer = (reply: Reply): Promise<SellerOutput> => toOutput(call.id, call.transport, reply)
  const price = findPrice(call, settings)
  // A call without an id has nobody who waits for its answer or receipt. It is neither run nor forwarded.
  if (call.id === undefined && (call.tool !== undefined || price !== 'other method')) {
    return answer(accepted())
  }
  if (price === 'other method') return (await otherMethods()).answerOtherMethod(sale)
  if (price === 'unknown method') return answer(rpcError(-32601, 'Method not found', 404))
  if (price === 'unknown tool') return answer((await unknownTools()).unknownTool(sale))
  const refused = await refusedInput(sale, price)
  if (refused !== undefined) return answer(refused)
  if (price === 'free') return answer(await runFree(sale))
  try {
    return await answer(await sell(sale, payment, price))
  } catch (error) {
    const { onFailure } = await failureReplies()
    return onFailure(sale, error)
  }
}

const otherEvents = lazy(() => import('./answer-no-call.js'))

const unknownTools = lazy(() => import('./reply/unknown-tool.js'))

const otherMethods = lazy(() => import('./answer-other-methods.js'))

const preflights = lazy(() => import('./answer-preflight.js'))

/** @returns the answer to input that the seller's check refuses. Only sellers with a check load it. */
async function refusedInput(sale: Sale, price: ToolPrice | 'free'): Promise<Reply | undefined> {
  const validate = validateOf(price, sale.settings)
  if (validate === undefined) return undefined
  const { refuseInput } = await inputChecks()
  return refuseInput(sale, validate)
}

const inputChecks = lazy(() => import('./reply/refuse-input.js'))

/** Makes the answer to a payment that failed or is missing. It is loaded by the first such call. */
const failureReplies = lazy(() => import('./reply/on-failure.js'))
