import {
  requiresPayment,
  type InterceptorOutput,
  type PaidHandler,
  type PaymentEvent,
  type RefundDue,
  type RequiresPaymentOptions,
} from '../../../../src/index.js'
import type { Local, X402Fault } from '../../../../src/local/index.js'
import { isRecord } from '../../../../src/wire/json.js'
import { moneyChallenge, callWith, inCents, paymentFor } from './money.js'
import { TOOL, singleUse, type Outcome } from '../../../support/outcome.js'
import { interceptorOptions } from '../../phases/support/phases.js'
import { hello, receiptOf, recordingLogger, responseOf, stack } from '../../../support/seller.js'
import { fundedAccount, type Account } from './x402-payments.js'

/** What a call is paid with: a credit of a plan, or a cent. */
export type Way = 'plans' | 'money'
export const WAYS: Way[] = ['plans', 'money']

type Fields = Record<string, unknown>
export type SaleHandler = (event: unknown, context?: unknown) => Promise<InterceptorOutput>

/** {@link TOOL} on sale in one way, and everything that a test sees of the sale. */
export interface Sale {
  way: Way
  local: Local
  account: Account
  handler: SaleHandler
  /** Makes a call that is paid. Every payment is new, and good for one settlement. */
  paidCall: () => Promise<Fields>
  /** What `onEvent`, `onRefundDue` and the logger got. */
  events: PaymentEvent[]
  refunds: RefundDue[]
  lines: ReturnType<typeof recordingLogger>['lines']
  /** What a facilitator was asked to do, in order. */
  asked: () => string[]
  /** What the buyer has spent, in the units of the receipt. */
  spent: () => Promise<bigint>
}

/** What one call costs, in the units of {@link Sale.spent}. */
export const PRICE: Readonly<Record<Way, bigint>> = { plans: 1n, money: 10_000n }

/**
 * What the buyer gets for the same payment once more. Anybody could send a payment in money that has no id of
 * the buyer's.
 */
export const AGAIN: Readonly<Record<Way, Outcome>> = { plans: 'settled', money: 'already paid' }

export async function sale(
  way: Way,
  options: object = {},
  handler: PaidHandler = hello,
  given?: Local,
): Promise<Sale> {
  const local = given ?? (await stack())
  const seen = await watched(way, local)
  const all = { ...seen.options, ...hooksFor(options, seen), ...options } as RequiresPaymentOptions
  const wrapped = requiresPayment(handler, all) as SaleHandler
  return saleOf(seen, wrapped)
}

/** Everything of a sale but its handler, and the options of the sale. */
export async function watched(way: Way, local: Local) {
  const account = await fundedAccount(local)
  const logger = recordingLogger()
  const events: PaymentEvent[] = []
  const refunds: RefundDue[] = []
  const options = {
    ...(way === 'plans' ? interceptorOptions(local) : inCents(local)),
    logger,
    onEvent: (event: PaymentEvent) => void events.push(event),
  }
  return { way, local, account, events, refunds, lines: logger.lines, options }
}

/** The hooks of a sale. A hook for refunds is only needed if something is paid in advance. */
export function hooksFor(options: { flow?: unknown }, { refunds }: { refunds: RefundDue[] }) {
  const onRefundDue = (refund: RefundDue) => void refunds.push(refund)
  return options.flow === 'upfront' ? { onRefundDue } : {}
}

export function saleOf(
  seen: Omit<Awaited<ReturnType<typeof watched>>, 'options'>,
  handler: SaleHandler,
): Sale {
  const { way, local, account } = seen
  return {
    ...seen,
    handler,
    asked: () => askedOf(way, local),
    spent: async () =>
      way === 'plans'
        ? 100n - local.balance()
        : 1_000_000n - (await local.x402.balanceOf(account.address)),
    paidCall: async () => {
      if (way === 'plans') return local.paidEvent(TOOL, {}, singleUse(local))
      const challenge = moneyChallenge(await handler(callWith()))
      return callWith(await paymentFor({ local, account }, challenge))
    },
  }
}

/** Pays and calls. What happened at the challenge before is forgotten. */
export async function buy(sale: Sale, context?: unknown): Promise<InterceptorOutput> {
  const event = await sale.paidCall()
  forget(sale)
  return sale.handler(event, context)
}

export function forget({ events, lines }: Pick<Sale, 'events' | 'lines'>): void {
  events.splice(0)
  lines.splice(0)
}

function askedOf(way: Way, { calls, x402 }: Local): string[] {
  const routes = (way === 'plans' ? calls : x402.calls).map(({ route }) => route)
  return routes.filter((route) => route === 'verify' || route === 'settle')
}

/** Sets a fault that both facilitators know, at the one that is asked. */
export function fault({ way, local }: Pick<Sale, 'way' | 'local'>, wrong: SharedFault): () => void {
  return way === 'plans' ? local.faults.set(wrong) : local.x402.faults.set(wrong)
}

type SharedFault = { route: 'verify' | 'settle'; times?: number; skip?: number } & Extract<
  X402Fault,
  { kind: 'reset' | 'lost-answer' | 'garbage' | 'delay' | 'error' | 'refuse' }
>

export interface Refund {
  meta: unknown
  header: unknown
}

/** The refund that an answer names. */
export function refundIn(output: InterceptorOutput): Refund {
  const { headers, body } = responseOf(output)
  const header = headers['x-refund-due']
  return {
    meta: body.result?._meta?.['agentcore-x402/refund-due'],
    header: header === undefined ? undefined : decoded(header),
  }
}

/** What was paid by the receipt of an answer: credits or atomic units, 0 without a receipt. */
export function receivedBy({ way }: Pick<Sale, 'way'>, output: InterceptorOutput): bigint {
  const receipt = receiptOf(output)
  if (receipt?.['success'] !== true) return 0n
  return BigInt(String(receipt[way === 'plans' ? 'creditsRedeemed' : 'amount']))
}

function decoded(header: string): unknown {
  const value: unknown = JSON.parse(Buffer.from(header, 'base64').toString())
  return isRecord(value) ? value : undefined
}
