import { randomUUID } from 'node:crypto'
import type { Context } from 'aws-lambda'
import type { FoundPayment } from './carriers.js'
import { remainingMs } from './deadline.js'
import { PaymentUnavailableError } from './errors.js'
import { onFailure } from './failure.js'
import { afterSettle, beforeHandler, settleOrApplyPolicy } from './hooks.js'
import type { GatewayEvent, HandlerResult, InterceptorOutput } from './mcp.js'
import type { RequiresPaymentOptions } from './options.js'
import { isMcpMethod } from './mcp-methods.js'
import { parse, type Call } from './parse.js'
import { findPrice, quote } from './price.js'
import {
  accepted,
  forward,
  passResponse,
  respondToHandlerFailure,
  respondWith,
  rpcError,
} from './respond.js'
import { creditsOf, runHandler, type Run } from './run-handler.js'
import { toSettings, type Settings, type ToolPrice } from './settings.js'
import {
  NO_PAYMENT,
  requirePayment,
  toVerifiedPayment,
  verify,
  type VerifiedPayment,
} from './verify.js'

/**
 * A handler that can be sold. `payment` is what was verified; on calls that cost nothing its credits are
 * `0n` and it names no payer. `context` is undefined only if the caller of the wrapped handler gives none.
 * `TArguments` is what you expect of the buyer, not a check of it: the Gateway checks the tool's schema.
 */
export type PaidHandler<TArguments = Record<string, unknown>> = (
  event: GatewayEvent<TArguments>,
  context: Context,
  payment: VerifiedPayment,
) => HandlerResult | Promise<HandlerResult>

/** What `requiresPayment` makes: a Lambda handler that answers every event and never rejects. */
export type WrappedHandler = (event: unknown, context?: Context) => Promise<InterceptorOutput>

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
 * Sells a Lambda handler behind AgentCore Gateway: parse → price → verify → handler → settle → respond, in
 * one invocation. The handler runs only for calls that are paid or free, its result goes out only if the
 * payment was settled, and whatever arrives, the answer is a complete interceptor output.
 *
 * With options alone it returns a function that wraps a handler or decorates a class method.
 *
 * @example
 * export const handler = requiresPayment(
 *   async (event) => ({ content: [{ type: 'text', text: 'Hello!' }] }),
 *   { payments, planId: 'plan-123', credits: 1 },
 * )
 * @throws OptionsError if an option is wrong, naming it; at once, not on the first call.
 */
export function requiresPayment<TArguments = Record<string, unknown>>(
  handler: PaidHandler<TArguments>,
  options: RequiresPaymentOptions,
): WrappedHandler
export function requiresPayment(options: RequiresPaymentOptions): PaymentDecorator
export function requiresPayment(
  first: PaidHandler | RequiresPaymentOptions,
  options?: RequiresPaymentOptions,
): WrappedHandler | PaymentDecorator {
  if (typeof first === 'function') return wrap(first, toSettings(options))
  const settings = toSettings(first)
  return ((handler: PaidHandler) => wrap(handler, settings)) as PaymentDecorator
}

function wrap(handler: PaidHandler, settings: Settings): WrappedHandler {
  async function paid(
    this: unknown,
    event: unknown,
    context?: Context,
  ): Promise<InterceptorOutput> {
    const run: Run = async ({ event }, payment) =>
      handler.call(this, event, context as Context, payment)
    try {
      return await answerEvent(event, run, settings, context)
    } catch {
      return rpcError(null, -32603, 'Internal error')
    }
  }
  Object.defineProperty(paid, 'name', { value: handler.name })
  // Lambda's Node runtime refuses handlers that declare a third parameter.
  Object.defineProperty(paid, 'length', { value: 2 })
  return paid
}

async function answerEvent(
  event: unknown,
  run: Run,
  settings: Settings,
  context: Context | undefined,
): Promise<InterceptorOutput> {
  const parsed = parse(event, settings.tokenHeaders)
  if (parsed.kind === 'response-phase') return passResponse(parsed.event)
  if (parsed.kind === 'invalid') {
    return parsed.id === undefined ? accepted() : rpcError(parsed.id, parsed.code, parsed.message)
  }

  const { call, payment } = parsed
  const price = findPrice(call, settings)
  // A call nobody waits for would run unseen and its receipt reach nobody: neither run nor forwarded.
  if (call.id === undefined && (call.tool !== undefined || price !== 'unbilled')) return accepted()
  if (price === 'unbilled') {
    if (settings.unbilled === 'gateway') return forward(call)
    // A handler that does not look at the method must not do paid work for one nobody knows.
    if (isMcpMethod(call.method)) return runFree(call, run, settings)
    return call.id === undefined ? accepted() : rpcError(call.id, -32601, 'Method not found')
  }
  if (price === 'unknown tool') return rpcError(call.id ?? null, -32602, 'Unknown tool')
  if (price === 'free') return runFree(call, run, settings)
  try {
    return await sell(call, payment, price, run, settings, context)
  } catch (error) {
    return onFailure(call, error, settings, context)
  }
}

/** The main line. Failures of the payment are thrown; those of the handler are answers. */
async function sell(
  call: Call,
  found: FoundPayment,
  price: ToolPrice,
  run: Run,
  settings: Settings,
  context: Context | undefined,
): Promise<InterceptorOutput> {
  const { hooks } = settings
  const quoted = await quote(call, price, settings, context)
  if (quoted === 'free') return runFree(call, run, settings)
  const payment = requirePayment(found, quoted)

  await beforeHandler(hooks.onBeforeVerify, quoted.paymentRequired, call)
  const verified = await verify(quoted, payment, randomUUID(), settings, context)
  await beforeHandler(hooks.onAfterVerify, verified.verification, call)
  requireTime(settings, context)

  const answer = await runHandler(call, run, toVerifiedPayment(verified), settings)
  if (answer === undefined) return respondToHandlerFailure(call)
  const credits = creditsOf(answer, quoted, call, settings)
  if (credits === 0n) return respondWith(call, answer, undefined)

  const settlement = await settleOrApplyPolicy(verified, credits, call, settings, context)
  if (settlement !== undefined) await afterSettle(settlement, call, settings, context)
  return respondWith(call, answer, settlement)
}

async function runFree(call: Call, run: Run, settings: Settings): Promise<InterceptorOutput> {
  const answer = await runHandler(call, run, NO_PAYMENT, settings)
  return answer === undefined ? respondToHandlerFailure(call) : respondWith(call, answer, undefined)
}

/** Room for the handler, beyond what settle keeps back. Unit: ms. */
const MIN_HANDLER_MS = 2_000

function requireTime({ settleReserveMs }: Settings, context: Context | undefined): void {
  if (remainingMs(context) < settleReserveMs + MIN_HANDLER_MS) {
    throw new PaymentUnavailableError('no_time_left', 'too little of the invocation is left')
  }
}
