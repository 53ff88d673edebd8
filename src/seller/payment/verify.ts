import type { Context } from 'aws-lambda'
import { sameId } from '../../wire/amounts.js'
import type { Chosen } from './choose-payment.js'
import { remainingMs, withDeadline } from '../../time/deadline.js'
import { PaymentRefusedError, PaymentUnavailableError } from '../../errors/payment-error.js'
import {
  failureOfError,
  withoutProse,
  type FacilitatorFailure,
} from '../../errors/facilitator-failure.js'
import { publicReason } from '../../errors/redact.js'
import type { Settings } from '../options/settings.js'
import { verifyAsset } from './ask-facilitators.js'
import { payerOf } from '../../wire/payment-key.js'
import {
  VerifyResponseSchema,
  decodeHeader,
  decodeToken,
  type VerifyResponse,
} from '../../wire/x402.js'

/** A payment the facilitator called valid, with all that settle needs. Plain data. */
export interface Verified extends Chosen {
  readonly verification: VerifyResponse
  readonly agentRequestId: string | undefined
  /** One id for verify, settle and the logs of this call. */
  readonly correlationId: string
  /** Which of the `facilitators` verified it; it settles too. */
  readonly facilitator: number | undefined
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
  /** Credits quoted for this call, settled unless `creditsToCharge` says otherwise; `0n` of money. */
  readonly credits: bigint
  /** Upper bound of `creditsToCharge`, where one is set. */
  readonly maxCredits: bigint | undefined
  /** Paid in money: atomic units of `asset`, with `upto` the most that can be charged. */
  readonly amount: bigint | undefined
  readonly asset: string | undefined
  /** The buyer's own name of the payment (extension `payment-identifier`). */
  readonly paymentId: string | undefined
  /** The facilitator's id of this request. */
  readonly agentRequestId: string | undefined
  /** The `x-correlation-id` of verify and settle. */
  readonly correlationId: string | undefined
  /** With flow `'overlap'`: aborted when the payment turns out bad, and the result will not be used. */
  readonly signal: AbortSignal | undefined
}

/** What a handler is told on calls that cost nothing. */
export const NO_PAYMENT: VerifiedPayment = Object.freeze({
  payer: undefined,
  planId: undefined,
  network: undefined,
  scheme: undefined,
  credits: 0n,
  maxCredits: undefined,
  amount: undefined,
  asset: undefined,
  paymentId: undefined,
  agentRequestId: undefined,
  correlationId: undefined,
  signal: undefined,
})

/**
 * Asks the facilitator whether the payment covers the quote. Burns nothing, so a transient failure is
 * asked about once more.
 *
 * @throws PaymentRefusedError if the payment is not acceptable.
 * @throws PaymentUnavailableError if the facilitator cannot say.
 */
export async function verify(
  chosen: Chosen,
  correlationId: string,
  settings: Settings,
  context: Context | undefined,
): Promise<Verified> {
  const { answer, by } = await askFacilitator(chosen, correlationId, settings, context)
  const parsed = VerifyResponseSchema.safeParse(answer)
  if (!parsed.success) throw unavailable('unreadable_answer')
  const verification = parsed.data
  if (!verification.isValid) {
    const reason = publicReason(verification.invalidReason) ?? 'payment refused'
    throw new PaymentRefusedError('verification_refused', reason, chosen.offer)
  }
  if (!isOfSigner(verification, chosen)) throw unavailable('unreadable_answer')
  return {
    ...chosen,
    verification,
    // The API has answered with it in either place; empty means none.
    agentRequestId:
      verification.agentRequest?.agentRequestId || verification.agentRequestId || undefined,
    correlationId,
    facilitator: by,
  }
}

/** A facilitator that names another payer than who signed speaks of another payment. */
function isOfSigner({ payer }: VerifyResponse, { terms, token }: Chosen): boolean {
  const signer = terms.kind === 'asset' ? payerOf(decodeHeader(token) ?? {}) : undefined
  return !payer || signer === undefined || sameId(payer, signer)
}

/** What a facilitator said, and which of several said it. */
interface Asked {
  readonly answer: unknown
  readonly by: number | undefined
}

async function askFacilitator(
  chosen: Chosen,
  correlationId: string,
  settings: Settings,
  context: Context | undefined,
): Promise<Asked> {
  const ask = chosen.terms.kind === 'plan' ? verifyPlan : verifyAsset
  try {
    const limitMs = Math.min(
      settings.verifyTimeoutMs,
      remainingMs(context) - settings.settleReserveMs,
    )
    return await withDeadline(limitMs, (timeoutMs) =>
      ask(chosen, { timeoutMs, correlationId }, settings),
    )
  } catch (cause) {
    const { outcome, code } = failureOfError(cause)
    if (outcome !== 'refused') throw unavailable(code, withoutProse(cause))
    throw new PaymentRefusedError('verification_refused', code, chosen.offer, {
      cause: withoutProse(cause),
    })
  }
}

async function verifyPlan(
  { terms, token, verifyAmount }: Chosen,
  call: { timeoutMs: number; correlationId: string },
  { facilitator }: Settings,
): Promise<Asked> {
  if (terms.kind !== 'plan' || facilitator === undefined) throw new Error('no facilitator of plans')
  const { paymentRequired } = terms
  const params = { paymentRequired, x402AccessToken: token, maxAmount: verifyAmount }
  const ask = async (): Promise<Asked> => ({
    answer: await facilitator.verifyPermissions(params, call),
    by: undefined,
  })
  try {
    return await ask()
  } catch (error) {
    if (!isTransient(failureOfError(error))) throw error
    return ask()
  }
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
  const { verification, agentRequestId, correlationId } = verified
  return Object.freeze({
    ...termsFor(verified),
    ...(verification.network && { network: verification.network }),
    payer: verification.payer ?? undefined,
    agentRequestId,
    correlationId,
  })
}

/** What is known before a facilitator was asked: what was quoted. */
export function termsFor(chosen: Chosen): VerifiedPayment {
  const { terms, token, amount, maxAmount, paymentId } = chosen
  if (terms.kind === 'asset') {
    const { network, scheme, asset } = terms.requirements
    return { ...NO_PAYMENT, network, scheme, amount, asset, paymentId }
  }
  const { accepts } = terms.paymentRequired
  const accepted =
    accepts.length === 1 ? accepts[0] : accepts.find(({ planId }) => planId === planIdIn(token))
  const { planId, network, scheme } = accepted ?? {}
  return { ...NO_PAYMENT, planId, network, scheme, credits: amount, maxCredits: maxAmount }
}

/** A hint: nothing in a token is trusted, the facilitator picks the plan by it as well. */
function planIdIn(token: string): string | undefined {
  return decodeToken(token)?.accepted?.planId ?? undefined
}
