import { inCall } from '../errors/in-call.js'
import { createHash } from 'node:crypto'
import { optionalText, optionalTexts, record, refuseUnknown } from '../checks.js'
import { OptionsError, PaymentError } from '../errors/payment-error.js'
import { realClock } from '../time/clock.js'
import { whyHostForbidden } from '../limits/why-forbidden.js'
import { PAYMENT_META_KEY } from '../wire/x402.js'
import { isRecord } from '../wire/json.js'
import { budgetOf, type Budget, type LimitedBudget } from './buying/budget.js'
import { callAndSee, type Ending, type McpClient } from './mcp/call-tool.js'
import {
  challengeIn,
  challengeInError,
  type CalledTool,
  type Carrier,
  type FoundChallenge,
} from './mcp/mcp-challenge.js'
import { PaidCallError, PaymentLimitError } from './buying/errors.js'
import type { PaymentLimits } from './buying/limits.js'
import { OpenPayments, type OpenPayment } from './buying/open-payments.js'
import {
  payFunctionOf,
  readPayment,
  type Agreed,
  type PayFunction,
  type Payer,
  type PayerCall,
  type Payment,
  type PlanBalances,
} from './buying/payer.js'
import { balancesOf } from './buying/plan-balance.js'
import { purchase } from './buying/purchase.js'
import { receiptFrom, remember, settledIn } from './buying/receipt.js'
import { sendPayment } from './buying/send-payment.js'
import { readPaidResult } from './mcp/paid-result.js'
import { carriesPayment, isToolCall, type ToolCall } from './mcp/tool-call.js'
import { standIn } from './mcp/with-methods.js'

/** Options of {@link payingMcp}. */
export interface PayingMcpOptions {
  /**
   * Tools that sell by themselves as Lambda targets of an AgentCore Gateway, by the names they are called by. Such a
   * tool cannot answer with an error result, so its challenge is the text of an ordinary result. Never name a tool here
   * that hands on what others wrote: their words could then ask for money. Tools behind an interceptor need not be
   * named.
   *
   * @default none
   */
  lambdaTargets?: readonly string[] | undefined
  /**
   * Where the server is reached, since a client does not tell. `limits.hosts` needs it, and payers are told it.
   *
   * @default none
   */
  url?: string | undefined
}

/**
 * An MCP client that pays. Its `callTool` answers a challenge with one payment and one more call. The result
 * of that call is returned, whatever it is: a second challenge is never paid. A challenge counts in an error
 * result or an error, for the tool that was called, as x402 says. A challenge that a good answer quotes is
 * never paid.
 *
 * One intent is paid once, as with `payingFetch`. A payment that brought no result is sent again by the next
 * call of the same tool with the same arguments, until the payment expires.
 *
 * `receiptOf(result)` says what became of the payment. The given client is not changed, and all its other
 * members work as before. A call that already carries a payment is sent as it is. So are `experimental`
 * calls.
 *
 * A call rejects with a `PaymentLimitError` if the limits forbid the payment, or with the error that the
 * payer throws. In both cases nothing was paid. It rejects with a {@link PaidCallError} if the call fails
 * after the payment was sent.
 *
 * @param client `Client` of `@modelcontextprotocol/sdk` or of `@modelcontextprotocol/client`
 * @param payer who pays, e.g. a `Payments`
 * @param limits what may be paid, or a budget that several clients share
 * @throws OptionsError naming the limit or option that is missing, unknown or not of its kind
 * @see https://github.com/coinbase/x402/blob/main/specs/transports-v2/mcp.md
 */
export function payingMcp<T extends McpClient>(
  client: T,
  payer: Payer,
  limits: PaymentLimits | Budget,
  options: PayingMcpOptions = {},
): T {
  const given = { ...options, client, payer, limits, options }
  const buyer = inCall('payingMcp', given, (): McpBuyer => {
    const callTool = (client as Partial<McpClient> | undefined)?.callTool
    if (typeof callTool !== 'function') throw new OptionsError('client', 'expected an MCP client')
    return {
      client,
      pay: payFunctionOf(payer),
      budget: budgetOf(limits),
      balances: balancesOf(payer),
      ...checkOptions(options),
      payments: new OpenPayments(realClock.now),
    }
  })
  return standIn(client, { callTool: (...args: unknown[]) => callPaying(buyer, args) })
}

const OPTIONS: Record<keyof PayingMcpOptions, true> = { lambdaTargets: true, url: true }

function checkOptions(options: PayingMcpOptions): Pick<McpBuyer, 'lambdaTargets' | 'url'> {
  record('options', options)
  refuseUnknown(options, OPTIONS, 'is not an option')
  const { lambdaTargets } = options
  const url = optionalText('url', options.url)
  if (url !== undefined && !URL.canParse(url)) throw new OptionsError('url', 'expected a URL')
  return { lambdaTargets: optionalTexts('lambdaTargets', lambdaTargets) ?? [], url }
}

/** What is used to pay for the tools of a client. */
interface McpBuyer {
  client: McpClient
  pay: PayFunction
  budget: LimitedBudget
  balances: PlanBalances | undefined
  lambdaTargets: readonly string[]
  /** Where the server is reached. */
  url: string | undefined
  /** Payments that brought no result yet. */
  payments: OpenPayments<CarriedPayment>
}

/** A payment, and the place where its seller looks for it. */
interface CarriedPayment extends Payment {
  carrier: Carrier
}

async function callPaying(buyer: McpBuyer, [params, ...rest]: unknown[]): Promise<unknown> {
  const { client, payments, pay, budget, balances, url } = buyer
  if (!isToolCall(params) || carriesPayment(params)) {
    return (client as UntypedClient).callTool(params, ...rest)
  }
  const known = payments.isEmpty ? undefined : payments.take(intentOf(params))
  if (known !== undefined) return callPaid(known, [params, ...rest], buyer)

  const tool = calledTool(params, buyer)
  const first = await callAndSee(client, [params, ...rest])
  const found = challengeIn(first.result, tool) ?? challengeInError(first.failure?.error, tool)
  if (found === undefined) return withoutPayment(first)

  checkPlace(params, found)
  checkHost(found, buyer)
  const { challenge, carrier } = found
  const read = (answer: unknown, { requirement }: PayerCall, agreed: Agreed) => ({
    ...readPayment(answer, requirement, agreed),
    carrier,
  })
  const order = {
    challenge,
    call: { tool: tool.name, url, signal: signalIn(rest) },
    read,
    balances,
  }
  const open = { intent: intentOf(params), purchase: await purchase(order, pay, budget) }
  return callPaid(open, [params, ...rest], buyer)
}

/** Calls with a payment, and keeps what the result says about the payment. */
async function callPaid(
  open: OpenPayment<CarriedPayment>,
  [params, ...rest]: [ToolCall, ...unknown[]],
  buyer: McpBuyer,
): Promise<unknown> {
  const { client, payments } = buyer
  const tool = calledTool(params, buyer)
  const attempt = async (payment: CarriedPayment) => {
    const ending = await callAndSee(client, [withPayment(params, payment), ...rest])
    const read = readPaidResult(ending, tool, payment.carrier)
    return { ...read, answer: ending, failure: ending.failure }
  }
  const signal = signalIn(rest)
  const sender = { attempt, signal, payments, clock: realClock }
  const { answer, failure, evidence, receipt } = await sendPayment<CarriedPayment, Ending>(
    open,
    sender,
  )
  const result = answer?.result
  const isAnswer = failure === undefined || (evidence.refused && result !== undefined)
  if (!isAnswer) throw new PaidCallError(receipt, failure.error)
  remember(result, receipt)
  return result
}

function calledTool({ name }: ToolCall, { lambdaTargets }: McpBuyer): CalledTool {
  return { name, isLambda: lambdaTargets.includes(name) }
}

/** Names what a call is for: the tool and its arguments. */
function intentOf({ name, arguments: args }: ToolCall): string {
  return createHash('sha256')
    .update(JSON.stringify([name, args ?? {}]))
    .digest('base64url')
}

interface UntypedClient {
  callTool(...args: unknown[]): unknown
}

/**
 * The result of a call without a challenge. It may have a receipt all the same, of a payment in the
 * transport's own headers.
 */
function withoutPayment({ result, failure }: Ending): unknown {
  if (failure !== undefined) throw failure.error
  const settled = settledIn(result)
  remember(result, settled === undefined ? { paid: 'no' } : receiptFrom(settled))
  return result
}

/** @throws PaymentError before anything is paid, if the payment cannot be added to the call. */
function checkPlace({ arguments: args }: ToolCall, { carrier }: FoundChallenge): void {
  const { headers = {} } = isRecord(args) ? args : {}
  if (carrier !== 'arguments' || isRecord(headers)) return
  const message = 'arguments.headers is no object, so the payment has no place in the call'
  throw new PaymentError('payment_unusable', `${message}; nothing was paid`)
}

/** @throws PaymentLimitError if the host of the server may not be paid */
function checkHost({ challenge }: FoundChallenge, { url, budget }: McpBuyer): void {
  const why = whyHostForbidden(url, budget.limits.signed)
  if (why !== undefined) throw new PaymentLimitError('hosts', why, challenge)
}

/** The call with its payment. The caller's own object is not changed. */
function withPayment(params: ToolCall, { carrier, payload, header }: CarriedPayment): ToolCall {
  if (carrier !== 'arguments') {
    const _meta = isRecord(params['_meta']) ? params['_meta'] : {}
    const carried = carrier === 'meta' ? payload : header
    return { ...params, _meta: { ..._meta, [PAYMENT_META_KEY]: carried } }
  }
  const args = isRecord(params['arguments']) ? params['arguments'] : {}
  const headers = isRecord(args['headers']) ? args['headers'] : {}
  return {
    ...params,
    arguments: { ...args, headers: { ...headers, 'PAYMENT-SIGNATURE': header } },
  }
}

/** The signal of a call. Both official SDKs take their request options last. */
function signalIn(rest: readonly unknown[]): AbortSignal | undefined {
  const signals = rest.map((one) => (isRecord(one) ? one['signal'] : undefined))
  return signals.find((signal) => signal instanceof AbortSignal)
}
