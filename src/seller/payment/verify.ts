import type { Context } from 'aws-lambda'
import { sameId } from '../../wire/amounts.js'
import type { Chosen, Verified } from './payment.js'
import { remainingMs, withDeadline } from '../../time/deadline.js'
import { PaymentRefusedError, PaymentUnavailableError } from '../../errors/payment-error.js'
import {
  type FacilitatorFailure,
  failureOfError,
  withoutProse,
} from '../../errors/facilitator-failure.js'
import { publicReason } from '../../errors/redact.js'
import type { Settings } from '../options/settings.js'
import { verifyAsset } from './ask-facilitators.js'
import { payerOf } from '../../wire/payment-key.js'
import { type VerifyResponse, VerifyResponseSchema, decodeHeader } from '../../wire/x402.js'

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
