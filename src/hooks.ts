import { randomUUID } from 'node:crypto'
import type { Context } from 'aws-lambda'
import type { FoundPayment } from './carriers.js'
import { hookLimitMs, withDeadline } from './deadline.js'
import { PaymentUnavailableError, asError } from './errors.js'
import { asPaymentError, notify } from './failure.js'
import type { Call } from './parse.js'
import type { Quote } from './price.js'
import { settle, type Settlement } from './settle.js'
import type { Settings } from './settings.js'
import { requirePayment, verify, type Verified } from './verify.js'

/**
 * Verifies the payment of a call, with the hooks around it.
 *
 * @throws PaymentError if there is none, it is refused, the facilitator cannot say, or a hook vetoes.
 */
export async function verifyPayment(
  quoted: Quote,
  found: FoundPayment,
  call: Call,
  settings: Settings,
  context: Context | undefined,
): Promise<Verified> {
  const { onBeforeVerify, onAfterVerify } = settings.hooks
  const payment = requirePayment(found, quoted)
  await beforeHandler(onBeforeVerify, quoted.paymentRequired, call)
  const verified = await verify(quoted, payment, randomUUID(), settings, context)
  await beforeHandler(onAfterVerify, verified.verification, call)
  return verified
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
export async function afterSettle(
  { creditsUsed, settled }: Settlement,
  call: Call,
  { hooks, logger }: Settings,
  context: Context | undefined,
): Promise<void> {
  try {
    const hook = hooks.onAfterSettle
    if (hook === undefined) return
    await withDeadline(hookLimitMs(context), async () => {
      await hook(creditsUsed, settled, call)
    })
  } catch (error) {
    logger.error('onAfterSettle threw', { tool: call.label, error: asError(error) })
  }
}

/**
 * @returns `undefined` if nothing was settled and the seller's policy is to deliver all the same.
 * @throws PaymentError if it is to withhold.
 */
export async function settleOrApplyPolicy(
  verified: Verified,
  credits: bigint,
  call: Call,
  settings: Settings,
  context: Context | undefined,
): Promise<Settlement | undefined> {
  try {
    return await settle(verified, credits, settings, context)
  } catch (thrown) {
    const error = asPaymentError(thrown)
    const unknown = error.code === 'settlement_unknown'
    const policy = unknown ? settings.onSettlementUnknown : settings.onSettlementRefused
    if (policy === 'withhold') throw error
    await notify(call, error, settings, context)
    return undefined
  }
}
