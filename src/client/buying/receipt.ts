import * as z from 'zod/mini'
import { publicReason } from '../../errors/redact.js'
import { decodeReceipt } from '../../wire/mpp.js'
import {
  PAYMENT_RESPONSE_HEADER,
  PAYMENT_RESPONSE_META_KEY,
  X_PAYMENT_RESPONSE_HEADER,
  decodeHeader,
} from '../../wire/x402.js'
import { isRecord } from '../../wire/json.js'
import { saysPending } from './pending.js'
import type { PaymentUnit } from './units.js'

/** What became of a call's payment. Amounts are decimal strings in `unit`. */
export interface Receipt {
  /**
   * `'no'`: no payment was needed, or the seller says that it took none. `'unknown'`: a payment was sent and
   * no answer says what became of it, or its settlement is pending. Do not pay again before you know. The
   * same call again, made with the same paying client, sends the same payment.
   */
  paid: 'yes' | 'no' | 'unknown'
  /** What was charged. If `paid` is `unknown`, the most that can have been charged. */
  amount?: string
  /**
   * The most the call could cost when it was agreed to. For an asset it is the amount that was signed, and
   * `amount` is never larger. For a plan, a larger `amount` means that more was charged than the seller had
   * said.
   */
  agreed?: string
  /** The unit of `amount` and `agreed`. */
  unit?: PaymentUnit
  /** The settlement's transaction hash, or the id that the seller gives for it. */
  transaction?: string
  /** The network of the settlement, as the seller names it, e.g. `eip155:8453`. */
  network?: string
  /** Who paid, as the seller says: an address, or an id of the facilitator. */
  payer?: string
  /** How many credits the seller says were taken. Unit: credits. */
  creditsRedeemed?: string
  /** How many credits the seller says are left. Unit: credits. */
  remainingBalance?: string
  /**
   * Why it was not paid, or why that is not known. The seller's own reason is given only if it is safe to
   * log.
   */
  reason?: string
}

const optionalText = z.nullish(z.string())
const decimal = z.nullish(
  z.union([z.string().check(z.regex(/^\d{1,78}$/)), z.int().check(z.nonnegative())]),
)
const facts = {
  network: optionalText,
  payer: optionalText,
  amount: decimal,
  creditsRedeemed: decimal,
  remainingBalance: decimal,
}
/** The x402 SettleResponse with Nevermined's fields. If it claims success, it has to name a transaction. */
const SettledSchema = z.union([
  z.looseObject({ ...facts, success: z.literal(true), transaction: z.string() }),
  z.looseObject({
    ...facts,
    success: z.literal(false),
    transaction: optionalText,
    errorReason: optionalText,
  }),
])
export type Settled = z.infer<typeof SettledSchema>

/** What is known of results, for as long as they are referenced. Only {@link receiptOf} reads it. */
const known = new WeakMap<object, Receipt>()

/** Keeps a receipt for a result. The result itself is not changed. */
export function remember(result: unknown, receipt: Receipt): void {
  if (typeof result === 'object' && result !== null) known.set(result, receipt)
}

/** Whether a payment was sent for a result by another paying client, inside the one that asks. */
export function isPaidFor(result: object): boolean {
  return known.get(result)?.agreed !== undefined
}

/**
 * What became of the payment of a call that was made through a paying client. It takes an MCP result, a
 * `Response`, or the response of axios. For other objects, and for copies, only the receipt in
 * `_meta["x402/payment-response"]` or in the headers is known.
 */
export function receiptOf(result: unknown): Receipt {
  const receipt = typeof result === 'object' && result !== null ? known.get(result) : undefined
  if (receipt !== undefined) return { ...receipt }
  const settled = settledIn(result) ?? settledInHeaders(headersOf(result))
  return settled === undefined ? { paid: 'unknown', reason: 'no receipt' } : receiptFrom(settled)
}

/** The well-formed receipt in a result, if there is one. */
export function settledIn(result: unknown): Settled | undefined {
  const meta = isRecord(result) ? result['_meta'] : undefined
  return isRecord(meta) ? readSettled(meta[PAYMENT_RESPONSE_META_KEY]) : undefined
}

/** Looks up a header. */
export type HeaderLookup = (name: string) => string | undefined

/** The well-formed receipt of an HTTP answer, of x402 or MPP. */
export function settledInHeaders(header: HeaderLookup): Settled | undefined {
  for (const name of [PAYMENT_RESPONSE_HEADER, X_PAYMENT_RESPONSE_HEADER]) {
    const text = header(name)
    const settled = text ? readSettled(decodeHeader(text)) : undefined
    if (settled !== undefined) return settled
  }
  const { status, reference } = decodeReceipt(header('payment-receipt') ?? '') ?? {}
  return status === 'success' ? { success: true, transaction: reference ?? '' } : undefined
}

/** Looks up headers in those of fetch or axios. */
function headersOf(result: unknown): HeaderLookup {
  const headers = isRecord(result) ? result['headers'] : undefined
  return (name) => {
    const value = isRecord(headers) && hasGet(headers) ? headers.get(name) : undefined
    return typeof value === 'string' ? value : undefined
  }
}

function hasGet(headers: object): headers is { get: (name: string) => unknown } {
  return typeof (headers as { get?: unknown }).get === 'function'
}

function readSettled(value: unknown): Settled | undefined {
  const parsed = SettledSchema.safeParse(value)
  return parsed.success ? parsed.data : undefined
}

/** A receipt as its seller wrote it, before it is compared with what was agreed. */
export function receiptFrom(settled: Settled): Receipt {
  const { transaction, network, payer, creditsRedeemed, remainingBalance } = settled
  const amount = settled.amount ?? creditsRedeemed
  const told = {
    ...(settled.success && text('amount', amount)),
    ...text('transaction', transaction),
    ...text('network', network),
    ...text('payer', payer),
    ...text('creditsRedeemed', creditsRedeemed),
    ...text('remainingBalance', remainingBalance),
  }
  if (settled.success) return { paid: 'yes', ...told }
  if (saysPending(settled)) return { paid: 'unknown', ...told, reason: PENDING }
  return { paid: 'no', ...told, reason: publicReason(settled.errorReason) ?? 'refused' }
}

/** The reason of a settlement that was sent and is not confirmed. */
export const PENDING = 'settlement_pending'

function text<K extends string>(name: K, value: string | number | null | undefined) {
  const said = String(value ?? '')
  // Whatever a seller writes there gets logged. A payment of ours is longer than any id or hash.
  return /^[\w:.+/=-]{1,100}$/.test(said) ? ({ [name]: said } as Record<K, string>) : {}
}
