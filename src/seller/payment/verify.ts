import { randomUUID } from 'node:crypto'
import { sameId } from '../../wire/amounts.js'
import type { Chosen, Verified } from './chosen.js'
import { remainingMs, withDeadline } from '../../time/deadline.js'
import {
  type PaymentError,
  PaymentRefusedError,
  PaymentUnavailableError,
  PaymentUsedError,
} from '../../errors/payment-error.js'
import { spentState } from '../../errors/used-codes.js'
import { callOf } from './resume.js'
import { failureOfError, withoutProse } from '../../errors/facilitator-failure.js'
import { publicReason } from '../../errors/redact.js'
import type { Sale } from '../options/sale.js'
import type { Asked } from './rail.js'
import { type VerifyResponse, VerifyResponseSchema } from '../../wire/x402.js'

/**
 * Asks the facilitator whether the payment covers the quote. Burns nothing, so a transient failure is
 * asked about once more.
 *
 * @throws PaymentRefusedError if the payment is not acceptable.
 * @throws PaymentUnavailableError if the facilitator cannot say.
 */
export async function verify(sale: Sale, chosen: Chosen, correlationId: string): Promise<Verified> {
  const { answer, by } = await askFacilitator(sale, chosen, correlationId)
  const parsed = VerifyResponseSchema.safeParse(answer)
  if (!parsed.success) throw unavailable('unreadable_answer')
  const verification = parsed.data
  if (!verification.isValid) {
    throw await refusal(sale, chosen, correlationId, { code: verification.invalidReason })
  }
  if (!isOfSigner(verification, chosen)) throw unavailable('unreadable_answer')
  // V8 copies what is spread last many times faster than it adds members to a copy.
  return {
    verification,
    // The API has answered with it in either place; empty means none.
    agentRequestId:
      verification.agentRequest?.agentRequestId || verification.agentRequestId || undefined,
    correlationId,
    facilitator: by,
    ...chosen,
  }
}

/**
 * Begins to verify while a shared store is asked for the payment: each takes a trip of its own. Its answer counts only
 * for a call that then holds the payment. A hook that may veto comes before verify, and a payment that does not fit is
 * not verified.
 *
 * @returns `undefined` where verify has to wait.
 */
export function beginVerify(sale: Sale, chosen: Chosen): Promise<Verified> | undefined {
  const { store, settings } = sale
  if (store.scope !== 'shared' || settings.flow !== 'authorization') return undefined
  if (settings.hooks.onBeforeVerify !== undefined || chosen.mismatch !== undefined) return undefined
  const begun = verify(sale, chosen, randomUUID())
  // Whoever holds the payment hears of it; else nobody does.
  begun.catch(() => undefined)
  return begun
}

/** A facilitator that names another payer than who signed speaks of another payment. */
function isOfSigner({ payer }: VerifyResponse, { rail, payload }: Chosen): boolean {
  const signer = rail.payerOf(payload)
  return !payer || signer === undefined || sameId(payer, signer)
}

async function askFacilitator(sale: Sale, chosen: Chosen, correlationId: string): Promise<Asked> {
  const { settings, context } = sale
  const { verifyTimeoutMs, settleReserveMs } = settings
  try {
    const limitMs = Math.min(verifyTimeoutMs, remainingMs(context) - settleReserveMs)
    return await withDeadline(limitMs, (timeoutMs) =>
      chosen.rail.verify(chosen, { timeoutMs, correlationId }),
    )
  } catch (thrown) {
    const { outcome, code } = failureOfError(thrown)
    const cause = withoutProse(thrown)
    if (outcome !== 'refused') throw unavailable(code, cause)
    throw await refusal(sale, chosen, correlationId, { code, cause })
  }
}

/** What a facilitator refused with. */
interface Refusal {
  readonly code: unknown
  readonly cause?: unknown
}

/**
 * That a payment is used, or may be, is no refusal of it: it may have been used for us. Then the chain is asked, and
 * without its word the buyer is told to look before paying again.
 */
async function refusal(
  sale: Sale,
  chosen: Chosen,
  correlationId: string,
  { code, cause }: Refusal,
): Promise<PaymentError> {
  const reason = publicReason(code) ?? 'payment refused'
  const refused = new PaymentRefusedError('verification_refused', reason, chosen.offer, { cause })
  if (spentState(code) === 'other') return refused
  const search = { amount: chosen.amount }
  const found = await chosen.rail.outcomeOf(chosen, search, callOf(sale, { correlationId }))
  if (found.kind === 'not-settled') return refused
  const settled = found.kind === 'settled' ? found.settlement.settled : undefined
  return new PaymentUsedError(reason, settled, { cause })
}

function unavailable(why: string, cause?: unknown): PaymentUnavailableError {
  return new PaymentUnavailableError('facilitator_unavailable', why, { cause })
}
