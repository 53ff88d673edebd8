import { withDeadline } from '../../time/deadline.js'
import type { FacilitatorFailure } from '../../errors/payments-error.js'
import { failureReader } from '../../errors/failure-reader.js'
import { namesIn } from '../../facilitators/settlement-status.js'
import type { Facilitator } from '../../nevermined/facilitator.js'
import { toCredits } from '../../wire/amounts.js'
import type { FacilitatorCall } from '../../wire/facilitator-call.js'
import { tokenKey } from '../../wire/payment-key.js'
import {
  SettleResponseSchema,
  asPayment,
  tokenVersion,
  type PaymentRequired,
  type PlanRequirements,
} from '../../wire/x402.js'
import type { Settlement } from '../options/payment-record.js'
import type { OfferedPayment, Payload, SettleablePayment } from './payment.js'
import {
  type Asked,
  type Balance,
  type Override,
  type Rail,
  type SaidNo,
  type SettleFailure,
  UNREADABLE,
  isFinal,
  wholeIn,
} from './rail.js'

/** The terms of one call, and the facilitator that verifies and settles it. */
interface PlanTerms {
  readonly facilitator: Facilitator
  readonly paymentRequired: PaymentRequired<PlanRequirements>
}

/** The rail for credits of plans, by Nevermined's facilitator. */
export function planRail(terms: PlanTerms): Rail {
  const { paymentRequired } = terms
  const { accepts } = paymentRequired
  return {
    name: 'plan',
    paymentRequired,
    planId: accepts.length === 1 ? accepts[0]?.planId : undefined,
    isPublic: false,
    keyOf: ({ payload, token }) => tokenKey(payload, token),
    verify: (chosen, call) => verifyPlan(chosen, call, terms),
    settle: (payment, amount, { timeoutMs: limitMs, correlationId }) =>
      withDeadline(limitMs, (timeoutMs) =>
        settlePlan(payment, amount, { timeoutMs, correlationId }, terms),
      ),
    readSettlement,
    mayRepeat: (failure, { payload, agentRequestId }, { retrySettleByRequestId }) => {
      if (failure.retryable) return true
      if (failure.outcome !== 'unknown' || isFinal(failure)) return false
      // A single-use token cannot be charged twice, even if it is settled twice.
      if (tokenVersion(asPayment(payload)) === 3) return true
      return retrySettleByRequestId && agentRequestId !== undefined
    },
    // Nevermined cannot be asked about a settlement.
    statusOf: () => Promise.resolve(undefined),
    outcomeOf: (_, asked) =>
      Promise.resolve({ kind: 'unknown', isPending: false, ...namesIn(asked) }),
    settledBySoleUse: (_, creditsUsed) => {
      const { network } = accepts[0] ?? {}
      const settled = { success: true, ...(network !== undefined && { network }) }
      return { settled, creditsUsed, inV1: false }
    },
    overrideFor: ({ creditsToCharge }, quoted) => overrideFor(creditsToCharge, quoted),
    charged: (amount) => ({ credits: amount.toString() }),
    chargedFor: ({ creditsUsed }) => ({ credits: creditsUsed.toString() }),
    payerOf: () => undefined,
    balanceOf: ({ payload }, verification) => balanceIn(payload, accepts, verification?.payer),
    termsOf: ({ payload, amount, maxAmount }) => {
      const { planId, network, scheme } = planOf(payload, accepts) ?? {}
      return { planId, network, scheme, credits: amount, maxCredits: maxAmount }
    },
  }
}

/** Verifies, and asks once more after a transient failure: a verify burns nothing. */
async function verifyPlan(
  { token, verifyAmount }: OfferedPayment,
  call: FacilitatorCall,
  { facilitator, paymentRequired }: PlanTerms,
): Promise<Asked> {
  const params = { paymentRequired, x402AccessToken: token, maxAmount: verifyAmount }
  const ask = async (): Promise<Asked> => ({
    answer: await facilitator.verifyPermissions(params, call),
    by: undefined,
  })
  try {
    return await ask()
  } catch (error) {
    const { failureOfError } = await failureReader()
    if (!isTransient(failureOfError(error))) throw error
    return ask()
  }
}

/**
 * Whether a failure is transient: it says that it is retryable, or it is `BCK.X402.0006`, a hiccup of
 * Nevermined's database.
 */
function isTransient({ retryable, code }: FacilitatorFailure): boolean {
  return retryable || code === 'BCK.X402.0006'
}

async function settlePlan(
  { token, agentRequestId }: SettleablePayment,
  maxAmount: bigint,
  call: FacilitatorCall,
  { facilitator, paymentRequired }: PlanTerms,
): Promise<Asked> {
  const requestId = agentRequestId === undefined ? {} : { agentRequestId }
  const params = { paymentRequired, x402AccessToken: token, maxAmount, ...requestId }
  return { answer: await facilitator.settlePermissions(params, call), by: undefined }
}

/**
 * Reads the answer to settle. `success: true` alone proves nothing: it must name a redemption, a charge or an
 * order.
 */
function readSettlement(answer: unknown): Settlement | SettleFailure | SaidNo {
  const parsed = SettleResponseSchema.safeParse(answer)
  if (!parsed.success) return UNREADABLE
  const settled = parsed.data
  if (!settled.success) return { saidNo: settled }
  const creditsUsed = wholeIn(settled.creditsRedeemed)
  if (creditsUsed !== undefined && creditsUsed > 0n) return { settled, creditsUsed, inV1: false }
  // A pay-as-you-go plan charges money and redeems no credits. Older answers do not name the billing model.
  const charged = settled.orderTx || (settled.billingModel !== 'credits' && settled.transaction)
  if (charged) return { settled, creditsUsed: creditsUsed ?? 0n, inV1: false }
  return creditsUsed === undefined ? UNREADABLE : NOTHING_REDEEMED
}

const NOTHING_REDEEMED: SaidNo = {
  saidNo: { success: false, errorReason: 'nothing was redeemed' },
}

function overrideFor(creditsToCharge: unknown, quoted: bigint): Override {
  if (creditsToCharge === undefined) return { amount: quoted }
  const wanted = typeof creditsToCharge === 'number' ? toCredits(creditsToCharge) : undefined
  if (wanted !== undefined) return { amount: wanted }
  const problem = 'creditsToCharge is no valid amount ≥ 0; the quote is charged'
  return { amount: quoted, problem }
}

/**
 * The balance that a token draws on. Until the token is verified, this is a hint only.
 *
 * @param plans the plans that are accepted
 * @param payer as the facilitator names it. Without it, the payer is whom the token names.
 */
export function balanceIn(
  payload: Payload,
  plans: readonly Pick<PlanRequirements, 'planId'>[],
  payer?: string | null,
): Balance {
  const from = asPayment(payload)?.payload.authorization?.['from']
  return {
    payer: payer || (typeof from === 'string' && from !== '' ? from : undefined),
    planId: planOf(payload, plans)?.planId,
  }
}

/** The plan that pays. */
function planOf<Plan extends Pick<PlanRequirements, 'planId'>>(
  payload: Payload,
  plans: readonly Plan[],
): Plan | undefined {
  return plans.length === 1 ? plans[0] : plans.find(isNamedIn(payload))
}

/**
 * Whether a payment names a plan. This is a hint only: nothing in a token is trusted. The facilitator also
 * picks the plan by it.
 */
function isNamedIn(payload: Payload): (one: Pick<PlanRequirements, 'planId'>) => boolean {
  const planId = asPayment(payload)?.accepted?.['planId']
  return (one) => one.planId === planId
}
