import { randomUUID } from 'node:crypto'
import { hookLimitMs, withDeadline } from '../../time/deadline.js'
import { PaymentUnavailableError, asError } from '../../errors/payment-error.js'
import type { Call } from '../events/call.js'
import type { RefundDue } from '../options/payment-events.js'
import type { Sale } from '../options/sale.js'
import { emit } from './emit.js'
import { asPaymentError, notify, warnOnce } from './notify-failure.js'
import type { Chosen, Settleable, Verified } from './chosen.js'
import type { Settlement } from './payment.js'
import { settle } from './settle.js'
import { verify } from './verify.js'

/**
 * Verifies the payment of a call, with the hooks around it.
 *
 * @throws PaymentError if it is refused, the facilitator cannot say, or a hook vetoes.
 */
export async function verifyPayment(sale: Sale, chosen: Chosen): Promise<Verified> {
  await beforeVerify(sale, chosen)
  return verifyAfterHook(sale, chosen)
}

/** @throws PaymentUnavailableError if the hook vetoes. */
export async function beforeVerify({ call, settings }: Sale, { rail }: Chosen): Promise<void> {
  await beforeHandler(settings.hooks.onBeforeVerify, rail.paymentRequired, call)
}

/** @throws PaymentError if it is refused, the facilitator cannot say, or a hook vetoes. */
export async function verifyAfterHook(sale: Sale, chosen: Chosen): Promise<Verified> {
  const verified = await verify(sale, chosen, randomUUID())
  const { verification, rail, amount, correlationId, paymentId } = verified
  await beforeHandler(sale.settings.hooks.onAfterVerify, verification, sale.call)
  const { payer, network } = verification
  const about = { payer, network, correlationId, paymentId }
  emit(sale, { type: 'verified', ...rail.charged(amount) }, about)
  return verified
}

/** Settles before the handler runs: what is sold in advance is not verified apart. */
export async function settleUpfront(
  sale: Sale,
  chosen: Chosen,
): Promise<{ payment: Settleable; settlement: Settlement }> {
  await beforeVerify(sale, chosen)
  const payment: Settleable = {
    ...chosen,
    verification: undefined,
    agentRequestId: undefined,
    correlationId: randomUUID(),
    facilitator: undefined,
  }
  const settlement = await settle(sale, payment, chosen.amount)
  await afterSettle(sale, payment, settlement)
  return { payment, settlement }
}

/** Runs a hook that may veto: it is called before anything was charged or done. */
async function beforeHandler<T>(
  hook: ((about: T, call: Call) => unknown) | undefined,
  about: T,
  call: Call,
): Promise<void> {
  try {
    await hook?.(about, call)
  } catch (cause) {
    throw new PaymentUnavailableError('hook_refused', 'a hook refused the call', { cause })
  }
}

/** The money has moved: whatever the hook does, and if it never ends, the receipt goes out. */
async function afterSettle(
  sale: Sale,
  { rail, correlationId, paymentId }: Settleable,
  settlement: Settlement,
): Promise<void> {
  const { creditsUsed, settled } = settlement
  const { transaction, payer, network } = settled
  const charged = { ...rail.chargedFor(settlement), ...(transaction && { transaction }) }
  const about = { payer, network, correlationId, paymentId }
  emit(sale, { type: 'settled', ...charged }, about)
  const { onAfterSettle } = sale.settings.hooks
  if (onAfterSettle === undefined) return
  await observe(sale, 'onAfterSettle', () => onAfterSettle(creditsUsed, settled, sale.call))
}

/** Says wherever it is heard that something was paid for nothing. */
export async function reportRefund(sale: Sale, refund: RefundDue): Promise<void> {
  const { call, settings } = sale
  settings.logger.error('refund due', { tool: call.label, ...refund })
  emit(sale, { type: 'refund-due', ...refund }, {})
  const { onRefundDue } = settings.hooks
  if (onRefundDue === undefined) return
  await observe(sale, 'onRefundDue', () => onRefundDue(refund, call))
}

async function observe(
  { call, settings, context }: Sale,
  name: string,
  hook: () => unknown,
): Promise<void> {
  try {
    await withDeadline(hookLimitMs(context), async () => {
      await hook()
    })
  } catch (error) {
    settings.logger.error(`${name} threw`, { tool: call.label, error: asError(error) })
  }
}

const NOT_USED =
  'onPaymentError returned an answer that is not used: onSettlementRefused or onSettlementUnknown delivers the result.'

/**
 * Settles after the work, and tells the hook.
 *
 * @returns `undefined` if nothing was settled and the seller's policy is to deliver all the same.
 * @throws PaymentError if it is to withhold.
 */
export async function settleOrApplyPolicy(
  sale: Sale,
  verified: Verified,
  amount: bigint,
): Promise<Settlement | undefined> {
  const { onSettlementUnknown, onSettlementRefused } = sale.settings
  let settlement: Settlement
  try {
    settlement = await settle(sale, verified, amount)
  } catch (thrown) {
    const error = asPaymentError(thrown)
    const policy = error.code === 'settlement_unknown' ? onSettlementUnknown : onSettlementRefused
    if (policy === 'withhold') throw error
    const given = await notify(sale, error)
    if (given !== undefined && given !== null) warnOnce(sale, NOT_USED, { code: error.code })
    return undefined
  }
  await afterSettle(sale, verified, settlement)
  return settlement
}
