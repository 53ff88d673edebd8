import {
  HTTPFacilitatorClient,
  Payments,
  requiresPayment,
  type AssetRequirements,
  type InterceptorOutput,
  type PaidHandler,
  type PaymentEvent,
  type RequiresPaymentOptions,
} from '../../../../src/index.js'
import type { Local } from '../../../../src/local/index.js'
import { encodeHeader } from '../../../../src/wire/x402.js'
import { clockOf, inSeconds, now } from '../../../support/clock.js'
import { FUNCTION_URL, type Said } from '../../../support/events.js'
import { TOOL } from '../../../support/outcome.js'
import {
  eventOf,
  hello,
  receiptOf,
  responseOf,
  silent,
  stack,
  toolCall,
} from '../../../support/seller.js'
import {
  SHOP,
  exactBody,
  exactBodyV1,
  fundedAccount,
  uptoBody,
  type Account,
  type Terms,
} from './x402-payments.js'

/** A tool that is sold for money, a buyer with $1, and what happened. */
export interface MoneyShop {
  local: Local
  account: Account
  handler: (event: unknown, context?: unknown) => Promise<InterceptorOutput>
  /** The events that `onEvent` got. */
  events: PaymentEvent[]
  /** What the seller has taken. Unit: atomic units. */
  taken: () => Promise<bigint>
}

export type MoneyOptions = Partial<Omit<RequiresPaymentOptions, 'facilitator'>>

export interface Buying {
  local: Local
  account: Account
}

/** Sells {@link TOOL} for one cent, through the facilitator of a local stack. */
export async function moneyShop(
  options: MoneyOptions = {},
  handler: PaidHandler = hello,
  local?: Local,
): Promise<MoneyShop> {
  const stackOf = local ?? (await stack({ now }))
  const events: PaymentEvent[] = []
  const all = { ...inCents(stackOf), onEvent: (event: PaymentEvent) => events.push(event) }
  const wrapped = requiresPayment(handler, { ...all, ...options } as RequiresPaymentOptions)
  return {
    local: stackOf,
    account: await fundedAccount(stackOf),
    handler: wrapped as MoneyShop['handler'],
    events,
    taken: () => stackOf.x402.balanceOf(SHOP),
  }
}

/** The options for a price of one cent. */
export function inCents(local: Local) {
  const { x402 } = local
  return {
    price: '$0.01',
    payTo: SHOP,
    network: x402.network,
    facilitators: [new HTTPFacilitatorClient({ url: x402.url })],
    logger: silent,
    now: clockOf(local),
  } as const
}

/** The options for a price of one cent, beside the plan of the stack. */
export function centsOrPlan(local: Local) {
  const payments = Payments.getInstance({ nvmApiKey: local.nvmApiKey, backendUrl: local.url })
  return { ...inCents(local), payments, planId: local.planId }
}

/** A 402 of ours, as far as buyers read it who pay with money. */
export interface MoneyChallenge {
  x402Version: 2
  error?: string
  resource: { url: string }
  accepts: (AssetRequirements & { planId?: string })[]
  extensions: Record<string, unknown>
}

/** The challenge in an answer, from the place where a client looks first. */
export function moneyChallenge(output: InterceptorOutput): MoneyChallenge {
  const result: Record<string, unknown> = responseOf(output).body.result ?? {}
  const found = result['paymentRequired'] ?? result['structuredContent']
  if (found === undefined) throw new Error('no challenge')
  return found as MoneyChallenge
}

/** The one way to pay with money that a challenge offers. */
export function assetIn({ accepts }: MoneyChallenge): AssetRequirements {
  const found = accepts.find((one) => 'payTo' in one)
  if (found === undefined) throw new Error('nothing is sold for money')
  return found
}

/** Makes a payment of x402 v2 for a challenge, as a wallet does. It repeats what was asked. */
export async function paymentFor(
  { local, account }: Buying,
  challenge: MoneyChallenge,
  terms: Terms = {},
  more: Record<string, unknown> = {},
): Promise<Record<string, unknown>> {
  const accepted = assetIn(challenge)
  const { amount, payTo, maxTimeoutSeconds, extra } = accepted
  const asked = {
    amount,
    payTo,
    validBefore: inSeconds(maxTimeoutSeconds, clockOf(local)()),
    ...terms,
  }
  const { paymentPayload } =
    accepted.scheme === 'upto'
      ? await uptoBody(local, account, {
          ...asked,
          facilitator: String(extra['facilitatorAddress']),
        })
      : await exactBody(local, account, asked)
  const { resource, extensions } = challenge
  return { ...paymentPayload, accepted, resource, extensions, ...more }
}

/** Makes a payment of x402 v1 for a challenge. */
export async function paymentV1For(
  { local, account }: Buying,
  challenge: MoneyChallenge,
  terms: Terms = {},
): Promise<Record<string, unknown>> {
  const { amount, payTo, maxTimeoutSeconds } = assetIn(challenge)
  const asked = {
    amount,
    payTo,
    validBefore: inSeconds(maxTimeoutSeconds, clockOf(local)()),
    ...terms,
  }
  return (await exactBodyV1(local, account, asked)).paymentPayload
}

/** A call of {@link TOOL}. A payment goes into `_meta`, as in the MCP transport. */
export function callWith(
  payment?: Record<string, unknown>,
  _meta: Record<string, unknown> = {},
): Record<string, unknown> {
  const paid = payment === undefined ? {} : { 'x402/payment': payment }
  return eventOf(toolCall(TOOL, {}, { _meta: { ..._meta, ...paid } }))
}

/** A call of {@link TOOL} that is paid by a header. */
export function callWithHeader(
  name: 'payment-signature' | 'x-payment',
  payment: Record<string, unknown>,
): Record<string, unknown> {
  return eventOf(toolCall(TOOL), { [name]: encodeHeader(payment) })
}

/** Asks what the tool costs. */
export async function challengeFrom({ handler }: Pick<MoneyShop, 'handler'>) {
  return moneyChallenge(await handler(callWith()))
}

/** Asks for the price, pays and calls. */
export async function buyOnce(
  shop: MoneyShop,
  terms: Terms = {},
  more: Record<string, unknown> = {},
): Promise<InterceptorOutput> {
  const payment = await paymentFor(shop, await challengeFrom(shop), terms, more)
  return shop.handler(callWith(payment))
}

/** The parts of a receipt that say what was paid. */
export function paidIn(output: InterceptorOutput) {
  const { success, amount, payer, network } = receiptOf(output) ?? {}
  return { success, amount, payer, network }
}

/** A shop that counts how often its handler ran. */
export interface CountingShop extends MoneyShop {
  ran: () => number
}

/** {@link moneyShop} with a counter of the handler's runs. */
export async function countingShop(
  options: MoneyOptions = {},
  handler: PaidHandler = hello,
  local?: Local,
): Promise<CountingShop> {
  let runs = 0
  const counting: PaidHandler = (...given) => {
    runs += 1
    return handler(...given)
  }
  return { ...(await moneyShop(options, counting, local)), ran: () => runs }
}

/** Whether work was done, what was paid for it, and what the facilitator was asked about payments. */
export async function whatHappened({ ran, taken, local: { x402 } }: CountingShop) {
  const asked = x402.calls.map(({ route }) => route).filter((route) => route !== 'supported')
  return { ran: ran(), taken: await taken(), asked, settled: x402.settlements.length }
}

/** There was no work and no payment, and the facilitator was not asked. */
export const NOTHING_HAPPENED = { ran: 0, taken: 0n, asked: [], settled: 0 }

/** A shop whose handler works until the test ends it. */
export async function busyShop(options: MoneyOptions = {}, local?: Local) {
  let end: () => void = () => undefined
  let begin: () => void = () => undefined
  const ended = new Promise<void>((resolve) => (end = resolve))
  const begun = new Promise<void>((resolve) => (begin = resolve))
  const handler: PaidHandler = async (...given) => {
    begin()
    await ended
    return hello(...given)
  }
  return { shop: await countingShop(options, handler, local), begun, end: () => end() }
}

/** A call of {@link TOOL} over a Function URL. Refusals have HTTP statuses there. */
export async function callOverHttp(
  { handler }: Pick<MoneyShop, 'handler'>,
  payment: Record<string, unknown>,
): Promise<Said> {
  const body = toolCall(TOOL, {}, { _meta: { 'x402/payment': payment } })
  return FUNCTION_URL.said(await handler(FUNCTION_URL.event({ body })))
}
