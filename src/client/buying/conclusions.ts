import { publicReason } from '../../errors/redact.js'
import { spentState } from '../../errors/used-codes.js'
import { toAmount } from '../../wire/amounts.js'
import type { Reservation } from './budget.js'
import { saysPending } from './pending.js'
import { PENDING, receiptFrom, type Receipt, type Settled } from './receipt.js'

/** What an answer says about its payment. Empty if the answer was lost. */
export interface Evidence {
  settled?: Settled | undefined
  /** Set if a challenge came instead of an answer. */
  refused?: { reason: string | null | undefined } | undefined
  /** The answer says that the payment was sent and is not confirmed yet. */
  isPending?: boolean | undefined
}

/** What became of a payment, which may be sent more than once. */
export interface Conclusions {
  /** Books what the answer to the paid call says, and writes it into a receipt. */
  conclude: (evidence: Evidence) => Receipt
  /** Whether the money was given back to the budget: the seller is trusted, and says that it took none. */
  isReturned: () => boolean
}

/**
 * Combines what all answers to one payment say. After an answer that leaves the payment unknown, later
 * refusals are doubtful too: the payment may have been taken before. A success is final.
 *
 * @param trusts whether the seller's word lowers what is counted
 */
export function conclusionsOf(reservation: Reservation, trusts: boolean): Conclusions {
  const agreed = { agreed: reservation.amount.toString(), unit: { ...reservation.unit } }
  let paid: Receipt | undefined
  let isDoubtful = false
  let isReturned = false

  const unknown = (more: Partial<Receipt> = {}): Receipt => {
    isDoubtful = true
    const amount = agreed.agreed
    return { ...more, paid: 'unknown', amount, ...agreed, reason: more.reason ?? NOTHING_SAID }
  }
  const refusal = ({ settled, refused }: Evidence): Receipt => {
    const told = settled === undefined ? { paid: 'no' as const } : receiptFrom(settled)
    const reason = told.reason ?? publicReason(refused?.reason) ?? 'refused'
    const isSaid = settled !== undefined || 'planId' in reservation.unit
    if (!isSaid) return unknown({ reason: `${reason}; ${STILL_SIGNED}` })
    if (isDoubtful || isUsed(settled?.errorReason ?? refused?.reason)) {
      return unknown({ ...told, reason: `${reason}; ${PERHAPS_TAKEN}` })
    }
    if (trusts) {
      reservation.release()
      isReturned = true
    }
    return { ...told, ...agreed, reason }
  }

  return {
    isReturned: () => isReturned,
    conclude: (evidence) => {
      const { settled, refused, isPending } = evidence
      if (settled?.success === true) {
        const amount = charged(settled, reservation, trusts)
        reservation.settle(amount)
        paid = { ...receiptFrom(settled), amount: amount.toString(), ...agreed }
      }
      if (paid !== undefined) return { ...paid }
      if (isPending === true || saysPending(settled)) {
        return unknown({ ...(settled && receiptFrom(settled)), reason: PENDING })
      }
      return settled === undefined && refused === undefined ? unknown() : refusal(evidence)
    },
  }
}

const NOTHING_SAID = 'a payment was sent, and no answer says what became of it'
/** On a chain the signature pays. A challenge does not give the signature back. */
const STILL_SIGNED = 'the signed payment was sent, and can be settled until it expires'
const PERHAPS_TAKEN = 'the payment may have been taken before'

/**
 * Whether the seller calls the payment used. Only we and the seller have the payment, so it was taken when it
 * was sent before.
 */
function isUsed(reason: unknown): boolean {
  return spentState(reason) !== 'other'
}

/**
 * What a settlement cost. If a receipt names no amount, or zero, the plan charges in another way, or the
 * seller lost the answer. Then it is the agreed amount. `exact` has no smaller amount.
 */
function charged(
  settled: Settled,
  { requirement, unit, amount }: Reservation,
  trusts: boolean,
): bigint {
  const told = 'planId' in unit ? settled.creditsRedeemed : settled.amount
  const stated = toAmount(typeof told === 'number' ? told.toString() : told) ?? 0n
  if (stated === 0n) return amount
  const mayBeLess = trusts && requirement.scheme !== 'exact'
  return ('planId' in unit && stated > amount) || (mayBeLess && stated < amount) ? stated : amount
}
