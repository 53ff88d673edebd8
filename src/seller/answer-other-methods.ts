import { isDescribing, isResultOf } from './answer/describing-methods.js'
import { isGood } from './answer/answer-of.js'
import { canForward, forward, toOutput, type SellerOutput } from './events/output.js'
import type { Reply } from './events/event-shape.js'
import { NO_PAYMENT } from './rails/payment.js'
import { respondToHandlerFailure, accepted, respondWith, rpcError } from './reply/respond.js'
import { runHandler } from './run-handler.js'
import { runFree, type HandlerSale } from './sell-call.js'
import { lazy } from '../lazy.js'
import type { McpResult } from '../wire/mcp.js'
import { isMcpMethod } from '../wire/mcp-methods.js'

/** A call of a method that is not sold. */
export interface OtherMethodSale extends HandlerSale {
  /** Whether the call says what a tool, a prompt or a resource is to work on. */
  readonly hasInput: boolean
  /**
   * Methods to which this handler gave the result of a tool. The set stays small, since only some methods are
   * remembered.
   */
  readonly deafTo: Set<string>
}

/**
 * Answers a method that is not sold.
 *
 * A handler that ignores the method would do a tool's work for nothing. So it runs only for the methods that
 * the seller lists, and for those that only describe a server. For the latter it gets no input. An answer
 * that is no result of such a method is withheld, and the handler is not asked for it again.
 */
export async function answerOtherMethod(sale: OtherMethodSale): Promise<SellerOutput> {
  const { call, settings } = sale
  const { id, event, method, tool, transport } = call
  const isOpen = isOpened(method, settings.otherMethods)
  // Only the Gateway can answer its own search, whatever the handler would make of the name.
  const isGateways = tool !== undefined || (!isOpen && settings.otherMethods !== 'handler')
  if (isGateways && canForward(transport)) {
    return forward(event, transport, settings.forwardAuthorization)
  }
  // A call of a tool comes here only if the seller says that it costs nothing.
  const reply = isOpen || tool !== undefined ? await runFree(sale) : await describe(sale)
  return toOutput(id, transport, await withBridges(sale, reply))
}

/** Changes the schemas in a list of tools, so that challenges fit them. */
async function withBridges({ call, settings }: OtherMethodSale, reply: Reply): Promise<Reply> {
  const { outcome } = reply
  if (call.method !== 'tools/list' || outcome === undefined || !('result' in outcome)) return reply
  const { bridgeResult } = await bridges()
  return {
    ...reply,
    outcome: { result: bridgeResult(outcome.result, call, settings) as McpResult },
  }
}

const bridges = lazy(() => import('./price/bridge-schemas.js'))

function isOpened(method: string, otherMethods: HandlerSale['settings']['otherMethods']): boolean {
  if (otherMethods === 'gateway') return false
  return otherMethods === 'handler' ? isMcpMethod(method) : otherMethods.has(method)
}

async function describe(sale: OtherMethodSale): Promise<Reply> {
  const { call, deafTo, hasInput, settings } = sale
  const { id, method } = call
  if (!isDescribing(method) || deafTo.has(method)) return NOT_FOUND
  if (hasInput) return rpcError(-32602, `${method} takes no name, uri or arguments`, 400)
  const answer = await runHandler(sale, sale.run, NO_PAYMENT)
  // An empty answer to a notification is usual.
  if (answer === undefined) return id === undefined ? accepted() : respondToHandlerFailure()
  const { outcome, statusCode } = answer
  if (!('result' in outcome) || isResultOf(method, outcome.result) || !isGood(statusCode)) {
    return respondWith(answer, undefined)
  }
  deafTo.add(method)
  settings.logger.warn(WITHHELD, { method })
  return NOT_FOUND
}

const NOT_FOUND = rpcError(-32601, 'Method not found', 404)

const WITHHELD =
  'the answer of the handler to a method that is not sold is no result of that method. The answer was ' +
  'withheld, and the handler is not asked again. A handler behind a Function URL or API Gateway has to look at the method'
