import { randomUUID } from 'node:crypto'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { sameId } from '../../wire/amounts.js'
import type { Chosen, Verified } from './chosen.js'
import { withDeadline } from '../../time/deadline.js'
import { PaymentUnavailableError } from '../../errors/payment-error.js'
import { callOf } from './call-limits.js'
import { failures } from './load-failures.js'
import type { Sale } from '../options/sale.js'
import type { Asked } from '../rails/rail.js'
import { type VerifyResponse, VerifyResponseSchema } from '../../wire/x402.js'

/**
 * Asks the facilitator whether the payment covers the quote. A verify burns nothing, so after a transient
 * failure it is sent once more.
 *
 * @throws PaymentRefusedError if the payment is not acceptable.
 * @throws PaymentUnavailableError if the facilitator cannot say.
 */
export async function verify(sale: Sale, chosen: Chosen, correlationId: string): Promise<Verified> {
  const { answer, by } = await askFacilitator(sale, chosen, correlationId)
  const parsed = VerifyResponseSchema.safeParse(answer)
  if (!parsed.success) throw unreadable()
  const verification = parsed.data
  if (!verification.isValid) {
    const { refusal } = await failures(unreadable())
    throw await refusal(sale, chosen, correlationId, { code: verification.invalidReason })
  }
  if (!isOfSigner(verification, chosen)) throw unreadable()
  // V8 copies an object that is spread last many times faster than it adds members to a copy.
  return {
    verification,
    // The API has answered with it in either place. An empty text means none.
    agentRequestId:
      verification.agentRequest?.agentRequestId || verification.agentRequestId || undefined,
    correlationId,
    facilitator: by,
    ...chosen,
  }
}

/**
 * Begins to verify while a shared store is asked for the payment: each takes a trip of its own. The result
 * counts only for a call that then holds the payment. Verify has to wait if a hook that may veto comes first,
 * or if the payment does not fit.
 *
 * @returns the verify, once its request is sent; `undefined` if verify has to wait.
 */
export async function beginVerify(
  sale: Sale,
  chosen: Chosen,
): Promise<{ verified: Promise<Verified> } | undefined> {
  const { store, settings } = sale
  if (store.scope !== 'shared' || settings.flow !== 'authorization') return undefined
  if (settings.hooks.onBeforeVerify !== undefined || chosen.mismatch !== undefined) return undefined
  const verified = verify(sale, chosen, randomUUID())
  // The call that holds the payment awaits this, and hears of a failure. Other calls ignore it.
  verified.catch(() => undefined)
  // The request to the store takes longer to prepare. If it came first, it would delay this one.
  await nextTurn()
  return { verified }
}

/**
 * Whether the answer is about the payer who signed. If it names another payer, it is about another payment.
 */
function isOfSigner({ payer }: VerifyResponse, { rail, payload }: Chosen): boolean {
  const signer = rail.payerOf(payload)
  return !payer || signer === undefined || sameId(payer, signer)
}

async function askFacilitator(sale: Sale, chosen: Chosen, correlationId: string): Promise<Asked> {
  const { timeoutMs: limitMs } = callOf(sale, { correlationId })
  try {
    return await withDeadline(limitMs, (timeoutMs) =>
      chosen.rail.verify(chosen, { timeoutMs, correlationId }),
    )
  } catch (thrown) {
    const { unverifiable } = await failures(thrown)
    throw await unverifiable(sale, chosen, correlationId, thrown)
  }
}

function unreadable(): PaymentUnavailableError {
  return new PaymentUnavailableError('facilitator_unavailable', 'unreadable_answer')
}
