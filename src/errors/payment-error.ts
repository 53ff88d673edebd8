import type { PaymentRequired, SettleResponse } from '../wire/x402.js'

/** What an error can be about, in one literal union. `BCK.*` are Nevermined's own codes. */
export type PaymentErrorCode =
  | 'invalid_options'
  | 'payment_required'
  | 'payment_malformed'
  | 'payment_ambiguous'
  | 'payment_identifier_invalid'
  | 'payment_in_use'
  | 'payment_conflict'
  | 'payment_used'
  | 'store_unavailable'
  | 'verification_refused'
  | 'facilitator_unavailable'
  | 'plan_unavailable'
  | 'price_invalid'
  | 'hook_refused'
  | 'handoff_unavailable'
  | 'no_time_left'
  | 'refund_unknown'
  | 'refund_not_due'
  | 'settlement_refused'
  | 'settlement_unavailable'
  | 'settlement_unknown'
  | 'settlement_pending'
  | 'nonce_used'
  | 'limit_exceeded'
  | 'payment_unusable'
  | 'paid_call_failed'
  | 'invalid_input'
  | 'challenge_unreadable'
  | 'sdk_missing'
  | 'token_unavailable'
  | 'instrument_not_found'
  | 'instrument_invalid'
  | 'instrument_required'
  | 'session_not_found'
  | 'session_expired'
  | 'session_required'
  | 'budget_insufficient'
  | 'resource_failed'
  | 'wait_timeout'
  | 'creation_failed'
  | `aws.${string}`
  | 'network_error'
  | 'timeout'
  | 'unreadable_answer'
  | `http_${number}`
  | `BCK.${string}`

/**
 * The base of every error of this package. Safe to log: of an error from outside, `cause` keeps the facts
 * and not the message, which can quote a payment.
 */
export class PaymentError extends Error {
  override readonly name: string = 'PaymentError'
  readonly code: PaymentErrorCode

  constructor(code: PaymentErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}

/**
 * A mistake of the developer, found when the wrapper or client is made. It names the option, what was expected, the
 * call that was made, and what was given if that is no secret.
 */
export class OptionsError extends PaymentError {
  override readonly name = 'OptionsError'
  /** The option at fault, e.g. `tools.search.credits`. */
  readonly option: string
  /** What the option should be, or why it cannot be. */
  readonly expected: string
  /** The call that refused the option, e.g. `requiresPayment`. */
  readonly call: string | undefined

  /** @param about the call, and what was given to it, as it may be shown. */
  constructor(
    option: string,
    expected: string,
    { call, given }: { call?: string | undefined; given?: string | undefined } = {},
  ) {
    super('invalid_options', `${option}: ${expected}${whereOf(option, expected, { call, given })}`)
    this.option = option
    this.expected = expected
    this.call = call
  }
}

interface Where {
  readonly call: string | undefined
  readonly given: string | undefined
}

/** What the call was given, or the call alone where the error does not name it yet. */
function whereOf(option: string, expected: string, { call, given }: Where): string {
  if (call === undefined) return ''
  if (given !== undefined) return ` (${call} was given ${given})`
  return option === call || expected.includes(call) ? '' : ` (in ${call})`
}

/** No usable payment came with the call. Answered with a challenge. */
export class PaymentRequiredError extends PaymentError {
  override readonly name = 'PaymentRequiredError'
  readonly paymentRequired: PaymentRequired

  constructor(
    code:
      | 'payment_required'
      | 'payment_malformed'
      | 'payment_ambiguous'
      | 'payment_identifier_invalid',
    message: string,
    paymentRequired: PaymentRequired,
  ) {
    super(code, message)
    this.paymentRequired = paymentRequired
  }
}

/** The facilitator refused the payment; no money moved. Answered with a challenge and the reason. */
export class PaymentRefusedError extends PaymentError {
  override readonly name = 'PaymentRefusedError'
  readonly paymentRequired: PaymentRequired
  /** A machine reason or short sentence that is safe to send out. */
  readonly reason: string

  constructor(
    code: 'verification_refused' | 'settlement_refused',
    reason: string,
    paymentRequired: PaymentRequired,
    options?: ErrorOptions,
  ) {
    super(code, reason, options)
    this.reason = reason
    this.paymentRequired = paymentRequired
  }
}

/**
 * The seller's side cannot take a payment now: facilitator down, plan look-up failed, bad price, no
 * time left, a hook said no. No money moved and none is asked for.
 */
export class PaymentUnavailableError extends PaymentError {
  override readonly name = 'PaymentUnavailableError'
}

/** The payment, or the name the buyer gave to it, belongs to another call. Answered without a challenge. */
export class PaymentConflictError extends PaymentError {
  override readonly name = 'PaymentConflictError'

  constructor() {
    super('payment_conflict', 'the payment, or its payment-identifier, belongs to another call')
  }
}

/**
 * The payment was settled before, or may have been. Answered without a challenge: whoever signs another one could
 * pay twice.
 */
export class PaymentUsedError extends PaymentError {
  override readonly name = 'PaymentUsedError'
  /** A machine reason that is safe to send out. */
  readonly reason: string
  /** What is known of its settlement. */
  readonly settled: SettleResponse | undefined

  constructor(reason: string, settled?: SettleResponse, options?: ErrorOptions) {
    super('payment_used', `the payment is used, or may be used (${reason})`, options)
    this.reason = reason
    this.settled = settled
  }
}

/**
 * What is known of a settlement without an outcome:
 * - `pending`: the facilitator sent it, and says that it may still be confirmed;
 * - `used`: the facilitator says that the payment is used. By whom, and whether for us, is not known;
 * - `unknown`: the facilitator's answer did not come, or said nothing of use.
 */
export type UnsettledState = 'pending' | 'used' | 'unknown'

/** What a facilitator said of a settlement without an outcome. */
export interface UnsettledFacts {
  /** @default 'unknown' */
  state?: UnsettledState | undefined
  transaction?: string | undefined
  settlementId?: string | undefined
  /** @default false */
  hasEarlier?: boolean | undefined
}

/** Settlement was asked for and its outcome is not known: the payer may have been charged. */
export class SettlementUnknownError extends PaymentError {
  override readonly name = 'SettlementUnknownError'
  /** The `x-correlation-id` of the call, if the client sends one: ours does, the official one does not. */
  readonly correlationId: string
  /** The facilitator's own id of the call, from verify. */
  readonly agentRequestId: string | undefined
  readonly state: UnsettledState
  /** Hash of a transaction that was sent to a chain and not seen confirmed: where to look. */
  readonly transaction: string | undefined
  /** The facilitator's own id of the settlement, to ask it by. It is not the buyer's `payment-identifier`. */
  readonly settlementId: string | undefined
  /** Whether an attempt before the last one may have settled: that `settlementId` failed is then no proof. */
  readonly hasEarlier: boolean

  constructor(
    correlationId: string,
    agentRequestId: string | undefined,
    options?: ErrorOptions,
    { state = 'unknown', transaction, settlementId, hasEarlier = false }: UnsettledFacts = {},
  ) {
    super('settlement_unknown', `the outcome of the settlement is ${TOLD[state]}`, options)
    this.correlationId = correlationId
    this.agentRequestId = agentRequestId
    this.state = state
    this.transaction = transaction
    this.settlementId = settlementId
    this.hasEarlier = hasEarlier
  }
}

const TOLD: Readonly<Record<UnsettledState, string>> = {
  pending: 'pending',
  used: 'unknown: the payment is used',
  unknown: 'unknown',
}

/** Anything can be thrown; this is what can be logged of it. */
export function asError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(`threw a ${typeof thrown}`)
}
