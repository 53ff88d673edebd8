import { randomUUID } from 'node:crypto'
import type { Context } from 'aws-lambda'
import type { Chosen, Settleable, Settlement, Verified } from './payment.js'
import { settle } from './settle.js'
import { verify } from './verify.js'
import { hookLimitMs, withDeadline } from '../../time/deadline.js'
import { PaymentUnavailableError, asError } from '../../errors/payment-error.js'
import { emit } from './emit.js'
import { asPaymentError, notify } from './notify-failure.js'
import { requiredFor } from '../price/offer.js'
import type { Call } from '../events/call.js'
import { chargedFor, toCharged } from './refund.js'
import type { RefundDue } from '../options/payment-events.js'
import type { Settings } from '../options/settings.js'
import type { PaymentRequired } from '../../wire/x402.js'

/**
 * Verifies the payment of a call, with the hooks around it.
 *
 * @throws PaymentError if it is refused, the facilitator cannot say, or a hook vetoes.
 */
export async function verifyPayment(
  chosen: Chosen,
  call: Call,
  settings: Settings,
  context: Context | undefined,
): Promise<Verified> {
  await beforeVerify(chosen, call, settings)
  return verifyAfterHook(chosen, call, settings, context)
}

/** @throws PaymentUnavailableError if the hook vetoes. */
export async function beforeVerify(
  { offer, terms }: Chosen,
  call: Call,
  { hooks }: Settings,
): Promise<void> {
  const asked: PaymentRequired =
    terms.kind === 'plan' ? terms.paymentRequired : requiredFor(offer, [terms.requirements])
  await beforeHandler(hooks.onBeforeVerify, asked, call)
}

/** @throws PaymentError if it is refused, the facilitator cannot say, or a hook vetoes. */
export async function verifyAfterHook(
  chosen: Chosen,
  call: Call,
  settings: Settings,
  context: Context | undefined,
): Promise<Verified> {
  const verified = await verify(chosen, randomUUID(), settings, context)
  await beforeHandler(settings.hooks.onAfterVerify, verified.verification, call)
  const { terms, amount, verification } = verified
  emit(settings, call, verified, { type: 'verified', ...toCharged(terms, amount) }, verification)
  return verified
}

/** Settles before the handler runs: what is sold in advance is not verified apart. */
export async function settleUpfront(
  chosen: Chosen,
  call: Call,
  settings: Settings,
  context: Context | undefined,
): Promise<{ payment: Settleable; settlement: Settlement }> {
  await beforeVerify(chosen, call, settings)
  const payment: Settleable = {
    ...chosen,
    verification: undefined,
    agentRequestId: undefined,
    correlationId: randomUUID(),
    facilitator: undefined,
  }
  const settlement = await settle(payment, chosen.amount, settings, context)
  await afterSettle(payment, settlement, call, settings, context)
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
  payment: Settleable,
  settlement: Settlement,
  call: Call,
  settings: Settings,
  context: Context | undefined,
): Promise<void> {
  const { creditsUsed, settled } = settlement
  const { transaction } = settled
  const charged = { ...chargedFor(payment, settlement), ...(transaction && { transaction }) }
  emit(settings, call, payment, { type: 'settled', ...charged }, settled)
  const { onAfterSettle } = settings.hooks
  if (onAfterSettle === undefined) return
  await observe(
    'onAfterSettle',
    () => onAfterSettle(creditsUsed, settled, call),
    call,
    settings,
    context,
  )
}

/** Says wherever it is heard that something was paid for nothing. */
export async function reportRefund(
  refund: RefundDue,
  payment: Settleable,
  call: Call,
  settings: Settings,
  context: Context | undefined,
): Promise<void> {
  settings.logger.error('refund due', { tool: call.label, ...refund })
  emit(settings, call, payment, { type: 'refund-due', ...refund }, {})
  const { onRefundDue } = settings.hooks
  if (onRefundDue === undefined) return
  await observe('onRefundDue', () => onRefundDue(refund, call), call, settings, context)
}

async function observe(
  name: string,
  hook: () => unknown,
  call: Call,
  { logger }: Settings,
  context: Context | undefined,
): Promise<void> {
  try {
    await withDeadline(hookLimitMs(context), async () => {
      await hook()
    })
  } catch (error) {
    logger.error(`${name} threw`, { tool: call.label, error: asError(error) })
  }
}

/**
 * Settles after the work, and tells the hook.
 *
 * @returns `undefined` if nothing was settled and the seller's policy is to deliver all the same.
 * @throws PaymentError if it is to withhold.
 */
export async function settleOrApplyPolicy(
  verified: Verified,
  amount: bigint,
  call: Call,
  settings: Settings,
  context: Context | undefined,
): Promise<Settlement | undefined> {
  let settlement: Settlement
  try {
    settlement = await settle(verified, amount, settings, context)
  } catch (thrown) {
    const error = asPaymentError(thrown)
    const unknown = error.code === 'settlement_unknown'
    const policy = unknown ? settings.onSettlementUnknown : settings.onSettlementRefused
    if (policy === 'withhold') throw error
    await notify(call, error, settings, context)
    return undefined
  }
  await afterSettle(verified, settlement, call, settings, context)
  return settlement
}
