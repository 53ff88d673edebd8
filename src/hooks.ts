import type { Context } from 'aws-lambda'
import { hookLimitMs, withDeadline } from './deadline.js'
import { PaymentUnavailableError, asError } from './errors.js'
import { asPaymentError, notify } from './failure.js'
import type { Call } from './parse.js'
import { settle, type Settlement } from './settle.js'
import type { Settings } from './settings.js'
import type { Verified } from './verify.js'

/** Runs a hook that may veto: it is called before anything was charged or done. */
export async function beforeHandler<T>(
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
