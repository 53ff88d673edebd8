import type { PaymentRequired, SettleResponse } from '../wire/x402.js'

/**
 * Every code that an error can have. `BCK.*` are Nevermined's own codes, and `aws.*` are names of AWS's
 * errors.
 */
export type PaymentErrorCode =
  | 'invalid_options'
  | 'payment_required'
  | 'payment_malformed'
  | 'payment_ambiguous'
  | 'payment_identifier_invalid'
  | 'payment_in_use'
  | 'balance_in_use'
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
 * The base of every error of this package. It is safe to log. `cause` keeps the facts of an error from
 * outside, but not its message, which can quote a payment.
 */
export class PaymentError extends Error {
  override readonly name: string = 'PaymentError'
  /** What went wrong. It is for programs, and stays the same when the message changes. */
  readonly code: PaymentErrorCode

  constructor(code: PaymentErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}

/**
 * A mistake of the developer, found when the wrapper or client is made. It names the option, what was
 * expected, and the call that was made. It shows the given value if that is no secret.
 */
export class OptionsError extends PaymentError {
  override readonly name = 'OptionsError'
  /** The option at fault, e.g. `tools.search.credits`. */
  readonly option: string
  /** What the option should be, or why it cannot be. */
  readonly expected: string
  /** The call that refused the option, e.g. `requiresPayment`. */
  readonly call: string | undefined

  /** @param about the call, and the value that was given, as it may be shown. */
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

/** Names the call, and the given value if the error does not show it yet. */
function whereOf(option: string, expected: string, { call, given }: Where): string {
  if (call === undefined) return ''
  if (given !== undefined) return ` (${call} was given ${given})`
  return option === call || expected.includes(call) ? '' : ` (in ${call})`
}

/** No usable payment came with the call. The answer is a challenge. */
export class PaymentRequiredError extends PaymentError {
  override readonly name = 'PaymentRequiredError'
  /** The seller's challenge: what to pay, and how. */
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

/** The facilitator refused the payment. No money moved. The answer is a challenge with the reason. */
export class PaymentRefusedError extends PaymentError {
  override readonly name = 'PaymentRefusedError'
  /** The seller's challenge: what to pay, and how. */
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
 * The seller cannot take a payment now. A facilitator is down, a plan cannot be looked up, a price is bad, no
 * time is left, or a hook refused. No money moved, and none is asked for.
 */
export class PaymentUnavailableError extends PaymentError {
  override readonly name = 'PaymentUnavailableError'
}

/** The payment, or the id that the buyer gave it, belongs to another call. The answer has no challenge. */
export class PaymentConflictError extends PaymentError {
  override readonly name = 'PaymentConflictError'

  constructor() {
    super('payment_conflict', 'the payment, or its payment-identifier, belongs to another call')
  }
}

/**
 * The payment was settled before, or may have been. The answer has no challenge: a buyer who signs another
 * payment could pay twice.
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
 * - `pending`: the facilitator sent it, and says that it may still be confirmed.
 * - `used`: the facilitator says that the payment is used. It is not known who used it, and whether it was
 *   for this call.
 * - `unknown`: the facilitator's answer did not come, or does not say what happened.
 */
export type UnsettledState = 'pending' | 'used' | 'unknown'

/** What a facilitator said of a settlement without an outcome. */
export interface UnsettledFacts {
  /**
   * What is known of the settlement.
   *
   * @default 'unknown'
   */
  state?: UnsettledState | undefined
  /**
   * The hash of a transaction that was sent and is not confirmed.
   *
   * @default none
   */
  transaction?: string | undefined
  /**
   * The facilitator's own id of the settlement.
   *
   * @default none
   */
  settlementId?: string | undefined
  /**
   * Whether an attempt before the last one may have settled.
   *
   * @default false
   */
  hasEarlier?: boolean | undefined
}

/** A settlement was asked for, and its outcome is not known. The payer may have been charged. */
export class SettlementUnknownError extends PaymentError {
  override readonly name = 'SettlementUnknownError'
  /** The `x-correlation-id` of the settle. Our client sends it, the official one does not. */
  readonly correlationId: string
  /** The facilitator's own id of the call, from verify. */
  readonly agentRequestId: string | undefined
  /** What is known of the settlement: it is pending, the payment is used, or nothing is known. */
  readonly state: UnsettledState
  /** Hash of a transaction that was sent to a chain and is not confirmed yet. Look it up there. */
  readonly transaction: string | undefined
  /**
   * The facilitator's own id of the settlement, for asking about it. It is not the buyer's
   * `payment-identifier`.
   */
  readonly settlementId: string | undefined
  /**
   * Whether an attempt before the last one may have settled. Then it is no proof of failure if `settlementId`
   * failed.
   */
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

/** Makes an error that can be logged of anything that was thrown. */
export function asError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(`threw a ${typeof thrown}`)
}
