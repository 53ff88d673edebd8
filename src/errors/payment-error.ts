import type { PaymentRequired } from '../wire/x402.js'

/** What an error can be about, in one literal union. `BCK.*` are Nevermined's own codes. */
export type PaymentErrorCode =
  | 'invalid_options'
  | 'payment_required'
  | 'payment_malformed'
  | 'payment_ambiguous'
  | 'payment_identifier_invalid'
  | 'payment_in_use'
  | 'verification_refused'
  | 'facilitator_unavailable'
  | 'plan_unavailable'
  | 'price_invalid'
  | 'hook_refused'
  | 'handoff_unavailable'
  | 'no_time_left'
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

/** A mistake of the developer, found when the wrapper or client is made. Names the option. */
export class OptionsError extends PaymentError {
  override readonly name = 'OptionsError'
  /** The option at fault, e.g. `tools.search.credits`. */
  readonly option: string

  constructor(option: string, expected: string) {
    super('invalid_options', `${option}: ${expected}`)
    this.option = option
  }
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

/** Settlement was asked for and its answer never came: the payer may have been charged. */
export class SettlementUnknownError extends PaymentError {
  override readonly name = 'SettlementUnknownError'
  /** The `x-correlation-id` of the call, if the client sends one: ours does, the official one does not. */
  readonly correlationId: string
  /** The facilitator's own id of the call, from verify. */
  readonly agentRequestId: string | undefined
  /** Of a settlement that was sent to a chain and not confirmed: where to look. */
  readonly transaction: string | undefined

  constructor(
    correlationId: string,
    agentRequestId: string | undefined,
    options?: ErrorOptions,
    transaction?: string,
  ) {
    super('settlement_unknown', 'the outcome of the settlement is unknown', options)
    this.correlationId = correlationId
    this.agentRequestId = agentRequestId
    this.transaction = transaction
  }
}

/** Anything can be thrown; this is what can be logged of it. */
export function asError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(`threw a ${typeof thrown}`)
}
