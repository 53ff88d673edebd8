import { inWords, type Mistake } from './mistake.js'
import { PaymentError, type PaymentErrorCode } from './payment-error.js'

/**
 * What a failed call to the facilitator means:
 * - `refused`: the payment is not acceptable. No money moved.
 * - `misconfigured`: the seller's key, plan, agent or request is wrong. No money moved.
 * - `unavailable`: the facilitator could not do it. No money moved.
 * - `unknown`: it may have happened.
 */
export type FacilitatorOutcome = 'refused' | 'misconfigured' | 'unavailable' | 'unknown'

/**
 * A failed call to Nevermined or to a facilitator. It has every fact of the answer, but not the message.
 */
export class PaymentsError extends PaymentError {
  override readonly name = 'PaymentsError'
  /** HTTP status of the answer; `undefined` if none came. */
  readonly httpStatus: number | undefined
  /** True if the same call may be repeated without any risk of charging twice. */
  readonly retryable: boolean
  /** What the failure means for the payment, and whether money may have moved. */
  readonly outcome: FacilitatorOutcome
  /** The `x-correlation-id` of the call, for support. */
  readonly correlationId: string | undefined
  /** The machine reason beside an error status, e.g. `registration_required`. Safe to show. */
  readonly reason: string | undefined
  /**
   * What Node says of a connection that failed, e.g. `ENOTFOUND`. For an answer that cannot be read it is what the
   * answer looks like: `html`, `json`, `text`, `empty` or `redirect`.
   */
  readonly detail: string | undefined
  /** The mistake in the setup that the failure comes from, if it is known. The message says it in words. */
  readonly mistake: Mistake | undefined

  constructor(facts: FacilitatorFailure, options?: ErrorOptions) {
    const words = facts.mistake === undefined ? '' : `. ${inWords(facts.mistake)}`
    super(facts.code, `call of the payment service failed: ${facts.code}${words}`, options)
    this.httpStatus = facts.httpStatus
    this.retryable = facts.retryable
    this.outcome = facts.outcome
    this.correlationId = facts.correlationId
    this.reason = facts.reason
    this.detail = facts.detail
    this.mistake = facts.mistake
  }
}

/** The facts that every failure is reduced to. */
export interface FacilitatorFailure {
  /** The facilitator's own code, `http_<status>`, or what became of the request, e.g. `timeout`. */
  code: PaymentErrorCode
  /** The HTTP status of the answer; `undefined` if none came. */
  httpStatus: number | undefined
  /** True if the same call may be repeated without any risk of charging twice. */
  retryable: boolean
  /** What the failure means for the payment. */
  outcome: FacilitatorOutcome
  /** The `x-correlation-id` of the call, for support. */
  correlationId?: string | undefined
  /** The machine reason beside an error status. It is safe to show. */
  reason?: string | undefined
  /** Node's code of a connection that failed, or what an answer that cannot be read looks like. */
  detail?: string | undefined
  /** The mistake in the setup that the failure comes from. */
  mistake?: Mistake | undefined
}
