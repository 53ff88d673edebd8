import { publicReason } from '../reason.js'
import type { Challenge } from '../x402.js'
import type { LimitedBudget, Reservation } from './budget.js'
import { PaymentLimitError } from './errors.js'
import { readPayment, type PayFunction, type PayerCall, type Payment } from './payer.js'
import { receiptFrom, type Receipt, type Settled } from './receipt.js'
import { toAmount } from './units.js'

/** A payment that is ready to be sent, once. */
export interface Purchase {
  payment: Payment
  /** Books what the answer to the paid call says, and puts it in a receipt. */
  conclude: (evidence: Evidence) => Receipt
}

/** What an answer says of its payment; nothing, where it was lost. */
export interface Evidence {
  settled?: Settled | undefined
  /** The challenge that came instead of an answer. */
  refusal?: Challenge | undefined
}

/**
 * From a challenge to a payment: sets the price aside, has it confirmed, asks the payer. Whatever
 * goes wrong here goes wrong before anything is sent, so what was set aside is released.
 *
 * @throws PaymentLimitError if the limits forbid it.
 * @throws PaymentError with code `payment_unusable` if the payer gave something else than was asked for.
 */
export async function purchase(
  challenge: Challenge,
  call: Omit<PayerCall, 'requirement'>,
  pay: PayFunction,
  budget: LimitedBudget,
): Promise<Purchase> {
  call.signal?.throwIfAborted()
  const reservation = budget.reserve(challenge)
  try {
    const payment = await unlessAborted(call.signal, async () => {
      await confirmed(challenge, call, reservation, budget)
      const { requirement } = reservation
      return readPayment(await pay(challenge, { ...call, requirement }), requirement)
    })
    const { trustReceipts } = budget.limits
    return { payment, conclude: (evidence) => conclude(evidence, reservation, trustReceipts) }
  } catch (error) {
    reservation.release()
    throw error
  }
}

async function confirmed(
  paymentRequired: Challenge,
  call: Omit<PayerCall, 'requirement'>,
  { requirement, unit, amount, needsConfirm }: Reservation,
  { limits }: LimitedBudget,
): Promise<void> {
  if (!needsConfirm || limits.confirm === undefined) return
  const intent = { ...call, amount, unit: { ...unit }, requirement, paymentRequired }
  const agreed: unknown = await limits.confirm(intent)
  if (agreed === true) return
  const message = 'the payment was not confirmed'
  throw new PaymentLimitError('confirm', message, paymentRequired, { amount })
}

/** A payer that does not mind the signal goes on, but what it pays is not sent. */
async function unlessAborted<T>(
  signal: AbortSignal | undefined,
  task: () => Promise<T>,
): Promise<T> {
  if (signal === undefined) return task()
  let abort: () => void = () => undefined
  const aborted = new Promise<never>((_, reject) => {
    abort = () => reject(signal.reason as Error)
    signal.addEventListener('abort', abort, { once: true })
  })
  try {
    return await Promise.race([task(), aborted])
  } finally {
    signal.removeEventListener('abort', abort)
  }
}

function conclude(
  { settled, refusal }: Evidence,
  reservation: Reservation,
  trustReceipts: boolean,
): Receipt {
  const agreed = { agreed: reservation.amount.toString(), unit: { ...reservation.unit } }
  if (settled?.success === true) {
    const amount = charged(settled, reservation, trustReceipts)
    reservation.settle(amount)
    return { ...receiptFrom(settled), amount: amount.toString(), ...agreed }
  }
  if (settled !== undefined || refusal !== undefined) {
    if (trustReceipts) reservation.release()
    const reason = publicReason(refusal?.error) ?? 'refused'
    return settled === undefined
      ? { paid: 'no', ...agreed, reason }
      : { ...receiptFrom(settled), ...agreed }
  }
  const reason = 'a payment was sent and nothing says what became of it'
  return { paid: 'unknown', amount: agreed.agreed, ...agreed, reason }
}

/**
 * What a settlement cost. A receipt that names nothing, or zero, is of a plan that charges
 * otherwise or of a seller that lost the answer: then it is what was agreed. `exact` has no smaller
 * amount.
 */
function charged(
  settled: Settled,
  { requirement, unit, amount }: Reservation,
  trustReceipts: boolean,
): bigint {
  const told = 'planId' in unit ? settled.creditsRedeemed : settled.amount
  const stated = toAmount(typeof told === 'number' ? told.toString() : told) ?? 0n
  if (stated === 0n) return amount
  const mayBeLess = trustReceipts && requirement.scheme !== 'exact'
  return stated > amount || mayBeLess ? stated : amount
}
