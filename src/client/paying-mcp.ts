import { OptionsError, PaymentError } from '../errors/payment-error.js'
import { PAYMENT_META_KEY } from '../wire/x402.js'
import { isRecord } from '../wire/json.js'
import { budgetOf, type Budget, type LimitedBudget } from './buying/budget.js'
import { callAndSee, type Ending, type McpClient } from './mcp/call-tool.js'
import {
  challengeIn,
  challengeInError,
  flattenedResult,
  type Carrier,
  type FoundChallenge,
} from './mcp/mcp-challenge.js'
import { PaidCallError } from './buying/errors.js'
import type { PaymentLimits } from './buying/limits.js'
import {
  payFunctionOf,
  readPayment,
  type PayFunction,
  type Payer,
  type PayerCall,
  type Payment,
} from './buying/payer.js'
import { purchase, type Evidence } from './buying/purchase.js'
import { receiptFrom, remember, settledIn } from './buying/receipt.js'
import { carriesPayment, isToolCall, type ToolCall } from './mcp/tool-call.js'
import { standIn } from './mcp/with-methods.js'

/**
 * An MCP client that pays. `callTool` of what is returned answers a challenge with one payment and
 * one more call, and returns that call's result, whatever it is: a second challenge is never paid.
 * `receiptOf(result)` says what became of the payment. Everything else is the given client, which
 * itself is not changed; a call that already carries a payment, and `experimental` calls, go
 * through as they are.
 *
 * Calls reject with a `PaymentLimitError` where the limits forbid the payment, with whatever the
 * payer throws (nothing was paid in either case), and with a {@link PaidCallError} where the call
 * fails after the payment was sent.
 *
 * @param client `Client` of `@modelcontextprotocol/sdk` or of `@modelcontextprotocol/client`
 * @param payer who pays, e.g. a `Payments`
 * @param limits what may be paid, or a budget that several clients share
 * @throws OptionsError naming the limit that is missing, unknown or not of its kind
 * @see https://github.com/coinbase/x402/blob/main/specs/transports-v2/mcp.md
 */
export function payingMcp<T extends McpClient>(
  client: T,
  payer: Payer,
  limits: PaymentLimits | Budget,
): T {
  const callTool = (client as Partial<McpClient> | undefined)?.callTool
  if (typeof callTool !== 'function') throw new OptionsError('client', 'expected an MCP client')
  const pay = payFunctionOf(payer)
  const budget = budgetOf(limits)
  const paying = (...args: unknown[]) => callPaying(client, args, pay, budget)
  return standIn(client, { callTool: paying })
}

async function callPaying(
  client: McpClient,
  [params, ...rest]: unknown[],
  pay: PayFunction,
  budget: LimitedBudget,
): Promise<unknown> {
  if (!isToolCall(params) || carriesPayment(params)) {
    return (client as UntypedClient).callTool(params, ...rest)
  }
  const tool = params.name
  const first = await callAndSee(client, [params, ...rest])
  const found = challengeIn(first.result, tool) ?? challengeInError(first.failure?.error)
  if (found === undefined) return withoutPayment(first)

  const apply = paymentInto(params, found.carrier)
  const order = {
    challenge: found.challenge,
    call: { tool, signal: signalIn(rest) },
    read: (answer: unknown, { requirement }: PayerCall, latestSeconds: number) =>
      readPayment(answer, requirement, latestSeconds),
  }
  const { payment, conclude } = await purchase(order, pay, budget)
  const second = await callAndSee(client, [apply(payment), ...rest])
  const evidence = evidenceIn(second, tool, found.carrier)
  const receipt = conclude(evidence)
  const isAnswer = second.failure === undefined || (evidence.refused && second.result !== undefined)
  if (!isAnswer) throw new PaidCallError(receipt, second.failure?.error)
  remember(second.result, receipt)
  return second.result
}

interface UntypedClient {
  callTool(...args: unknown[]): unknown
}

/** No challenge came. A receipt may be there all the same: of a payment in the transport's own headers. */
function withoutPayment({ result, failure }: Ending): unknown {
  if (failure !== undefined) throw failure.error
  const settled = settledIn(result)
  remember(result, settled === undefined ? { paid: 'no' } : receiptFrom(settled))
  return result
}

/**
 * How to add a payment to a call; the caller's own object is not changed.
 *
 * @throws PaymentError before anything is paid, if it cannot be added.
 */
function paymentInto(params: ToolCall, carrier: Carrier): (payment: Payment) => ToolCall {
  if (carrier === 'meta') {
    const _meta = isRecord(params['_meta']) ? params['_meta'] : {}
    return ({ payload }) => ({ ...params, _meta: { ..._meta, [PAYMENT_META_KEY]: payload } })
  }
  const args = isRecord(params['arguments']) ? params['arguments'] : {}
  const { headers = {} } = args
  if (!isRecord(headers)) {
    const message = 'arguments.headers is no object, so the tool cannot be paid'
    throw new PaymentError('payment_unusable', `${message}; nothing was paid`)
  }
  return ({ header }) => ({
    ...params,
    arguments: { ...args, headers: { ...headers, 'PAYMENT-SIGNATURE': header } },
  })
}

/** Either official SDK takes its request options last. */
function signalIn(rest: readonly unknown[]): AbortSignal | undefined {
  const signals = rest.map((one) => (isRecord(one) ? one['signal'] : undefined))
  return signals.find((signal) => signal instanceof AbortSignal)
}

/** Of a result's text only where the seller has no other place to speak: a tool may quote anybody's. */
function evidenceIn({ result, failure }: Ending, tool: string, carrier: Carrier): Evidence {
  const again = challengeIn(result, tool) ?? challengeInError(failure?.error)
  const inText = carrier === 'arguments'
  return {
    settled: settledIn(result) ?? (inText ? settledIn(flattenedResult(result)) : undefined),
    refused: again && (inText || again.carrier === 'meta') ? reasonOf(again) : undefined,
  }
}

function reasonOf({ challenge }: FoundChallenge): Evidence['refused'] {
  return { reason: challenge.error }
}
