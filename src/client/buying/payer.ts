import { isDeepStrictEqual } from 'node:util'
import { mayBeCharged } from './charges.js'
import { sameId, toAmount } from '../../wire/amounts.js'
import { OptionsError, PaymentError } from '../../errors/payment-error.js'
import type { MppChallenge } from '../../wire/mpp.js'
import { type SignedTerms, signedMismatch, signedUntil } from '../../wire/signed-terms.js'
import type { Challenge, Requirement, RequirementV1 } from '../../wire/x402-challenge.js'
import {
  MAX_TOKEN_CHARS,
  PAYMENT_META_KEY,
  PAYMENT_SIGNATURE_HEADER,
  decodeHeader,
  encodeHeader,
} from '../../wire/x402.js'
import { withIdentifier } from '../../wire/payment-identifier.js'
import { isRecord } from '../../wire/json.js'

/** The call that a payment is for. */
export interface PayerCall {
  /** The entry of `accepts` to pay: the one that fits the limits. Pay this one and no other. */
  requirement: Requirement
  /** The MCP tool that is called. */
  tool?: string | undefined
  /** The URL that asks for the payment: the one that was called, or where it redirected to. */
  url?: string | undefined
  /**
   * The entry of `accepts` as a seller of x402 v1 wrote it. `requirement` is its translation. A payment of
   * either version will do; v1 is sent.
   */
  v1?: RequirementV1 | undefined
  /**
   * The challenge of an MPP seller. `requirement` is its translation. The payment goes into `Authorization`,
   * or into the header that the challenge names.
   */
  mpp?: MppChallenge | undefined
  /** Aborted when the caller gives up. A payment that is made later is not sent. */
  signal?: AbortSignal | undefined
}

/**
 * A payment as it goes on the wire. `headers` are added to the HTTP request (`PAYMENT-SIGNATURE`, base64 of
 * JSON). `meta` is added to the `_meta` of an MCP call (`x402/payment`, the payment as an object). One of the
 * two is enough. If both are given, they must hold the same payment.
 */
export interface PayerAnswer {
  /**
   * Headers that are added to the HTTP request. `PAYMENT-SIGNATURE` holds a payment of x402, `Authorization`
   * one of MPP.
   */
  headers?: Record<string, string> | undefined
  /** Members that are added to `_meta` of the MCP call. `x402/payment` holds the payment. */
  meta?: Record<string, unknown> | undefined
}

/**
 * Makes one payment. An error that it throws reaches the caller unchanged. Then nothing counts as paid,
 * unless a `PaymentManager` was called that may have been charged.
 */
export type PayFunction = (paymentRequired: Challenge, call: PayerCall) => Promise<PayerAnswer>

/** What a payer can pay: x402 of both versions, or payments by HTTP authentication (MPP). */
export type Protocol = 'x402' | 'mpp'

/** Who pays: `Payments`, `PaymentManager`, or any function or object of this shape. */
export type Payer =
  | PayFunction
  | {
      pay: PayFunction
      /** @default ['x402'], for functions too */
      readonly protocols?: readonly Protocol[]
      /** Tells the balance of a plan, so that a seller's word can be compared with it. `Payments` has it. */
      readonly plans?: PlanBalances
    }

/** Knows how many credits of a plan the buyer has left. `payments.plans` is one. */
export interface PlanBalances {
  /** Asks how many credits of a plan the buyer has. Unit: credits. */
  getPlanBalance(planId: string): Promise<{ balance: string | number }>
}

/** A payment for the chosen way to pay, in both its forms. */
export interface Payment {
  payload: Record<string, unknown>
  /** The payment in base64: the payer's own text, unless something was added. */
  header: string
  /** Until when it can be settled, if it says so. Unit: seconds since the epoch. */
  untilSeconds: number | undefined
}

/** What a payer can pay. The default is x402. */
export function protocolsOf(payer: Payer): readonly Protocol[] {
  const protocols: unknown = (isObject(payer) ? payer.protocols : undefined) ?? ['x402']
  const isKnown = (one: unknown): one is Protocol => one === 'x402' || one === 'mpp'
  if (Array.isArray(protocols) && protocols.every(isKnown)) return [...protocols]
  throw new OptionsError('payer.protocols', "expected a list of 'x402' and 'mpp'")
}

export function payFunctionOf(payer: Payer): PayFunction {
  if (typeof payer === 'function') return payer
  if (isObject(payer) && typeof payer.pay === 'function') {
    return (paymentRequired, call) => payer.pay(paymentRequired, call)
  }
  throw new OptionsError('payer', 'expected a function, or an object with a pay function')
}

/** What a payment is compared with, besides the chosen way to pay. */
export interface Agreed {
  /** Until when a signed payment may be valid. Unit: seconds since the epoch. */
  latestSeconds: number
  /** Extensions of the challenge. If they offer a `payment-identifier`, the payment gets one. */
  extensions?: Challenge['extensions']
}

/**
 * Reads what a payer returned. If the seller offers payment ids and the payer gave none, it adds one.
 *
 * @throws PaymentError with code `payment_unusable` if it is no payment, or not for what was chosen. It is
 * not sent then. The message says whether the payer may have been charged.
 */
export function readPayment(
  answer: unknown,
  requirement: Requirement,
  { latestSeconds, extensions }: Agreed,
): Payment {
  const { meta, headers } = isRecord(answer) ? answer : {}
  const inMeta = isRecord(meta) ? meta[PAYMENT_META_KEY] : undefined
  const header = headerIn(headers, PAYMENT_SIGNATURE_HEADER)
  const inHeader = header === undefined ? undefined : decodeHeader(header)
  const payload = inMeta ?? inHeader
  if (!isRecord(payload) || (header !== undefined && inHeader === undefined)) {
    throw unusable('the payer returned no x402 payment')
  }
  if (inHeader !== undefined && !isDeepStrictEqual(asJson(payload), inHeader)) {
    throw unusable('the payer returned two payments')
  }
  const wrong = mismatch(payload, requirement, latestSeconds)
  if (wrong !== undefined) throw unusable(`the payer's ${wrong} is not what was asked for`)
  const untilSeconds = signedUntil(payload['payload'])
  const named = withIdentifier(payload, extensions)
  const written = named === payload ? header : undefined
  const payment = { payload: named, header: written ?? encodeHeader(named), untilSeconds }
  if (payment.header.length > MAX_TOKEN_CHARS) throw unusable('the payment is too long')
  return payment
}

/** An object as JSON sends it. */
function asJson(value: unknown): unknown {
  try {
    return JSON.parse(JSON.stringify(value))
  } catch {
    return undefined // It could not be sent either.
  }
}

/** A header that a payer returned, in any case. */
export function headerIn(headers: unknown, name: string): string | undefined {
  if (!isRecord(headers)) return undefined
  const value = Object.entries(headers).find(([key]) => key.toLowerCase() === name)?.[1]
  return typeof value === 'string' ? value : undefined
}

/** @returns the name of the first field that differs from what was chosen. */
function mismatch(
  payload: Record<string, unknown>,
  chosen: Requirement,
  latestSeconds: number,
): string | undefined {
  if (payload['x402Version'] !== 2) return 'x402Version'
  const { accepted } = payload
  if (!isRecord(accepted)) return 'accepted'
  const wrong = CHOSEN.find((name) => !isSame(accepted[name], chosen[name]))
  if (wrong !== undefined) return `accepted.${wrong}`
  return signedMismatch(payload['payload'], termsOf(chosen, latestSeconds))
}

const CHOSEN = ['scheme', 'network', 'planId', 'amount', 'asset', 'payTo'] as const

/** The terms that a payment of a requirement may be signed for. */
export function termsOf({ amount, asset, payTo }: Requirement, latestSeconds: number): SignedTerms {
  return {
    amount: toAmount(amount),
    asset: asset ?? undefined,
    payTo: payTo ?? undefined,
    latestSeconds,
  }
}

function isSame(given: unknown, chosen: string | null | undefined): boolean {
  const wanted = chosen ?? undefined
  if (typeof given === 'string' && wanted !== undefined) return sameId(given, wanted)
  return (given ?? undefined) === wanted
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}

export function unusable(what: string): PaymentError {
  const charged = mayBeCharged() ? ', and the payer may have been charged' : ' and nothing was paid'
  return new PaymentError('payment_unusable', `${what}; it was not sent${charged}`)
}

/** The way to pay as its seller wrote it, if that is not x402 v2. */
export type Original = Pick<PayerCall, 'v1' | 'mpp'>
