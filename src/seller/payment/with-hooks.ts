import { randomUUID } from 'node:crypto'
import { hookLimitMs, withDeadline } from '../../time/deadline.js'
import { PaymentUnavailableError, asError } from '../../errors/payment-error.js'
import type { SoldCall } from '../events/call.js'
import type { Settlement } from '../options/payment-record.js'
import type { Sale } from '../options/sale.js'
import type { Replay } from '../records/entry.js'
import type { Hold } from '../records/hold.js'
import { before } from '../records/sole-use.js'
import { type Chosen, type Due, type Settleable, type Verified, askedOf } from './chosen.js'
import { emit } from './emit.js'
import { failures } from './load-failures.js'
import { settle } from './settle.js'
import { verify } from './verify.js'

/**
 * Verifies the payment of a call, with the hooks around it.
 *
 * @param begun the verify that `beginVerify` began. Default: it begins now.
 * @throws PaymentError if it is refused, the facilitator cannot say, or a hook vetoes.
 */
export async function verifyPayment(
  sale: Sale,
  chosen: Chosen,
  begun?: Promise<Verified>,
): Promise<Verified> {
  if (begun === undefined) await beforeVerify(sale, chosen)
  return verifyAfterHook(sale, chosen, begun)
}

/** @throws PaymentUnavailableError if the hook vetoes. */
export async function beforeVerify(sale: Sale, { rail }: Chosen): Promise<void> {
  await beforeHandler(sale.settings.hooks.onBeforeVerify, rail.paymentRequired, sale)
}

/** @throws PaymentError if it is refused, the facilitator cannot say, or a hook vetoes. */
export async function verifyAfterHook(
  sale: Sale,
  chosen: Chosen,
  begun: Promise<Verified> = verify(sale, chosen, randomUUID()),
): Promise<Verified> {
  const verified = await begun
  const { verification, rail, amount, correlationId, paymentId } = verified
  await beforeHandler(sale.settings.hooks.onAfterVerify, verification, sale)
  const { payer, network } = verification
  const about = { payer, network, correlationId, paymentId }
  emit(sale, { type: 'verified', ...rail.charged(amount) }, about)
  return verified
}

/** A call that was paid in advance, with its payment. */
export interface Paid {
  readonly payment: Settleable
  readonly settlement: Settlement
}

/**
 * Settles before the handler runs. A payment in advance is not verified apart. `beforeVerify` runs first.
 *
 * @param leaseMs how long the work after it may last
 */
export async function settleUpfront(
  sale: Sale,
  chosen: Chosen,
  hold: Hold | undefined,
  leaseMs: number,
): Promise<Paid> {
  const payment = unverified(chosen)
  try {
    await hold?.settling(askedOf(payment, chosen.amount))
  } catch (error) {
    await hold?.release()
    throw error
  }
  const found = settleOrFind(sale, payment, chosen.amount, hold)
  const settlement = await found.catch(async (thrown: unknown) => {
    const { endUpfront } = await failures(thrown)
    return endUpfront(sale, payment, hold, thrown)
  })
  await hold?.paid(settlement, sale.settings.now() + leaseMs)
  await afterSettle(sale, payment, settlement)
  return { payment, settlement }
}

/**
 * A payment that was not verified, in the form that settle takes. @param correlationId of a settle that was
 * sent before
 */
export function unverified(chosen: Chosen, correlationId: string = randomUUID()): Settleable {
  return {
    ...chosen,
    verification: undefined,
    agentRequestId: undefined,
    correlationId,
    facilitator: undefined,
  }
}

/** Runs a hook that may veto. It is called before anything was charged or done. */
async function beforeHandler<T>(
  hook: ((about: T, call: SoldCall) => unknown) | undefined,
  about: T,
  { call, context }: Sale,
): Promise<void> {
  try {
    if (hook === undefined) return
    await withDeadline(hookLimitMs(context), async () => await hook(about, call))
  } catch (cause) {
    throw new PaymentUnavailableError('hook_refused', 'a hook refused the call', { cause })
  }
}

/** Runs `onAfterSettle`. The money has moved: whatever the hook does, the receipt goes out. */
async function afterSettle(
  sale: Sale,
  { rail, correlationId, paymentId }: Settleable,
  settlement: Settlement,
): Promise<void> {
  const { creditsUsed, settled } = settlement
  const { transaction, payer, network } = settled
  const charged = rail.chargedFor(settlement)
  const about = { payer, network, correlationId, paymentId }
  emit(
    sale,
    transaction ? { type: 'settled', transaction, ...charged } : { type: 'settled', ...charged },
    about,
  )
  const { onAfterSettle } = sale.settings.hooks
  if (onAfterSettle === undefined) return
  await observe(sale, 'onAfterSettle', () => onAfterSettle(creditsUsed, settled, sale.call))
}

/** Reports that the same payment came again, and got the answer of the first time. */
export function reportReplay(sale: Sale, { settlement }: Replay): void {
  const { transaction, payer, network } = settlement.settled
  const found = transaction ? { transaction } : {}
  emit(sale, { type: 'replayed', ...found }, { payer, network })
}

/** Runs a hook that cannot change anything. @returns whether it ended well, and in time. */
export async function observe(
  { call, settings, context }: Sale,
  name: string,
  hook: () => unknown,
): Promise<boolean> {
  try {
    await withDeadline(hookLimitMs(context), async () => {
      await hook()
    })
    return true
  } catch (error) {
    settings.logger.error(`${name} threw`, { tool: call.label, error: asError(error) })
    return false
  }
}

/**
 * Settles after the work, and calls the hook.
 *
 * @returns `undefined` if nothing was settled and the seller's policy is to deliver all the same.
 * @throws PaymentError if the policy is to withhold.
 */
export async function settleOrApplyPolicy(
  sale: Sale,
  verified: Verified,
  due: Due,
  hold: Hold | undefined,
): Promise<Settlement | undefined> {
  await noteSettling(sale, verified, due, hold)
  let settlement: Settlement
  try {
    settlement = await settleOrFind(sale, verified, due.amount, hold)
  } catch (thrown) {
    const { applyPolicy } = await failures(thrown)
    return applyPolicy(sale, verified, { ...due, thrown }, hold)
  }
  const ending = verified.reservation?.end()
  await hold?.settled(settlement)
  if (ending !== undefined) await ending
  await afterSettle(sale, verified, settlement)
  return settlement
}

/**
 * Records that a settle is about to be sent. A settle that cannot charge twice is sent even if it cannot be
 * recorded: the work is done, and a repeated settle finds the first. After the lease, another call may have
 * taken the payment over and told its buyer that nothing was charged. Then nothing is settled.
 */
async function noteSettling(
  sale: Sale,
  verified: Verified,
  { amount, answer }: Due,
  hold: Hold | undefined,
): Promise<void> {
  try {
    await hold?.settling(askedOf(verified, amount), answer)
  } catch (thrown) {
    if (hold?.isOver !== false) throw thrown
    const { goOnUnwritten } = await failures(thrown)
    goOnUnwritten(sale, verified, thrown)
  }
}

/**
 * Settles. If the facilitator does not know the outcome, the chain may. A payment that the chain shows is
 * settled. It was settled by this call if nobody else had the payment.
 *
 * @throws PaymentError if it is not settled, or not known to be settled by this call.
 */
async function settleOrFind(
  sale: Sale,
  payment: Settleable,
  amount: bigint,
  hold: Hold | undefined,
): Promise<Settlement> {
  const earlier = before(sale, hold, false)
  try {
    return await settle(sale, payment, amount, earlier)
  } catch (thrown) {
    const { findSettlement } = await failures(thrown)
    return findSettlement(sale, payment, earlier, thrown)
  }
}
