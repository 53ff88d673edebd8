import type { Context } from 'aws-lambda'
import { remainingMs, withDeadline } from './deadline.js'
import { PaymentRefusedError, PaymentRequiredError, PaymentUnavailableError } from './errors.js'
import type { FoundPayment, Payment } from './carriers.js'
import { failureOfError, withoutProse, type FacilitatorFailure } from './payments-error.js'
import type { Quote } from './price.js'
import { publicReason } from './reason.js'
import type { Settings } from './settings.js'
import { VerifyResponseSchema, decodeToken, type VerifyResponse } from './x402.js'

/** A payment the facilitator called valid, with all that settle needs. Plain data. */
export interface Verified {
  readonly quote: Quote
  readonly token: string
  readonly verification: VerifyResponse
  readonly agentRequestId: string | undefined
  /** One id for verify, settle and the logs of this call. */
  readonly correlationId: string
}

/** What a handler is told about the payment: never the token. */
export interface VerifiedPayment {
  /** Address of the payer's wallet, where the facilitator says it. */
  readonly payer: string | undefined
  /** The plan paid with; `undefined` if several are accepted and the payment names none of them. */
  readonly planId: string | undefined
  /** E.g. `eip155:84532` or `stripe`. */
  readonly network: string | undefined
  readonly scheme: string | undefined
  /** Credits quoted for this call, settled unless `creditsToCharge` says otherwise. */
  readonly credits: bigint
  /** Upper bound of `creditsToCharge`, where one is set. */
  readonly maxCredits: bigint | undefined
  /** The facilitator's id of this request. */
  readonly agentRequestId: string | undefined
  /** The `x-correlation-id` of verify and settle. */
  readonly correlationId: string | undefined
}

/** What a handler is told on calls that cost nothing. */
export const NO_PAYMENT: VerifiedPayment = Object.freeze({
  payer: undefined,
  planId: undefined,
  network: undefined,
  scheme: undefined,
  credits: 0n,
  maxCredits: undefined,
  agentRequestId: undefined,
  correlationId: undefined,
})

/** Narrows to a usable payment, or says what is missing. @throws PaymentRequiredError */
export function requirePayment(payment: FoundPayment, { offer }: Quote): Payment {
  switch (payment.kind) {
    case 'token':
      return payment
    case 'none':
      throw new PaymentRequiredError('payment_required', 'payment required', offer)
    case 'malformed':
      throw new PaymentRequiredError('payment_malformed', 'payment malformed', offer)
    case 'ambiguous':
      throw new PaymentRequiredError(
        'payment_ambiguous',
        'two different payments in one call',
        offer,
      )
  }
}

/**
 * Asks the facilitator whether the payment covers the quote. Burns nothing, so a transient failure is
 * asked about once more.
 *
 * @throws PaymentRefusedError if the payment is not acceptable.
 * @throws PaymentUnavailableError if the facilitator cannot say.
 */
export async function verify(
  quote: Quote,
  { token }: Payment,
  correlationId: string,
  settings: Settings,
  context: Context | undefined,
): Promise<Verified> {
  const verification = await askFacilitator(quote, token, correlationId, settings, context)
  if (!verification.isValid) {
    const reason = publicReason(verification.invalidReason) ?? 'payment refused'
    throw new PaymentRefusedError('verification_refused', reason, quote.offer)
  }
  return {
    quote,
    token,
    verification,
    // The API has answered with it in either place; empty means none.
    agentRequestId:
      verification.agentRequest?.agentRequestId || verification.agentRequestId || undefined,
    correlationId,
  }
}

async function askFacilitator(
  quote: Quote,
  x402AccessToken: string,
  correlationId: string,
  settings: Settings,
  context: Context | undefined,
): Promise<VerifyResponse> {
  const { facilitator, verifyTimeoutMs, settleReserveMs } = settings
  const { paymentRequired, verifyCredits: maxAmount } = quote
  const ask = async (timeoutMs: number): Promise<unknown> => {
    const params = { paymentRequired, x402AccessToken, maxAmount }
    try {
      return await facilitator.verifyPermissions(params, { timeoutMs, correlationId })
    } catch (error) {
      if (!isTransient(failureOfError(error))) throw error
      return facilitator.verifyPermissions(params, { timeoutMs, correlationId })
    }
  }
  let answer: unknown
  try {
    const limitMs = Math.min(verifyTimeoutMs, remainingMs(context) - settleReserveMs)
    answer = await withDeadline(limitMs, ask)
  } catch (cause) {
    const { outcome, code } = failureOfError(cause)
    if (outcome !== 'refused') throw unavailable(code, withoutProse(cause))
    throw new PaymentRefusedError('verification_refused', code, quote.offer, {
      cause: withoutProse(cause),
    })
  }
  const parsed = VerifyResponseSchema.safeParse(answer)
  if (!parsed.success) throw unavailable('unreadable_answer')
  return parsed.data
}

function unavailable(why: string, cause?: unknown): PaymentUnavailableError {
  return new PaymentUnavailableError('facilitator_unavailable', why, { cause })
}

/** Transient by Nevermined's table: marked retryable, or `BCK.X402.0006` (a database hiccup). */
function isTransient({ retryable, code }: FacilitatorFailure): boolean {
  return retryable || code === 'BCK.X402.0006'
}

/** What the handler may know. */
export function toVerifiedPayment(verified: Verified): VerifiedPayment {
  const { quote, token, verification, agentRequestId, correlationId } = verified
  const { accepts } = quote.paymentRequired
  const accepted =
    accepts.length === 1 ? accepts[0] : accepts.find(({ planId }) => planId === planIdIn(token))
  return Object.freeze({
    payer: verification.payer ?? undefined,
    planId: accepted?.planId,
    network: verification.network ?? accepted?.network,
    scheme: accepted?.scheme,
    credits: quote.credits,
    maxCredits: quote.maxCredits,
    agentRequestId,
    correlationId,
  })
}

/** A hint: nothing in a token is trusted, the facilitator picks the plan by it as well. */
function planIdIn(token: string): string | undefined {
  return decodeToken(token)?.accepted?.planId ?? undefined
}
