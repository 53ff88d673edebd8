import type { Context } from 'aws-lambda'
import { PaymentError, PaymentUnavailableError, SettlementUnknownError } from './errors.js'
import type { InterceptorOutput } from './mcp.js'
import type { Call } from './parse.js'
import { failureOfError, withoutProse } from './payments-error.js'
import { outputOfHook, respondToFailure } from './respond.js'
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

/** The money has moved: whatever the hook does, the receipt goes out. */
export async function afterSettle(
  { creditsUsed, settled }: Settlement,
  call: Call,
  { hooks, logger }: Settings,
): Promise<void> {
  try {
    await hooks.onAfterSettle?.(creditsUsed, settled, call)
  } catch (error) {
    logger.error('onAfterSettle threw', { tool: call.tool ?? call.method, error: asError(error) })
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
    await notify(call, error, settings)
    return undefined
  }
}

/** Logs a payment failure, tells the hook, and answers: with the hook's output or the default. */
export async function onFailure(
  call: Call,
  thrown: unknown,
  settings: Settings,
): Promise<InterceptorOutput> {
  const error = asPaymentError(thrown)
  const given = await notify(call, error, settings)
  return outputOfHook(given) ?? respondToFailure(call, error)
}

export function asError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(`threw a ${typeof thrown}`)
}

async function notify(call: Call, error: PaymentError, settings: Settings): Promise<unknown> {
  logFailure(call, error, settings)
  try {
    return await settings.hooks.onPaymentError?.(error, call)
  } catch (thrown) {
    settings.logger.error('onPaymentError threw', { code: error.code, error: asError(thrown) })
    return undefined
  }
}

/** A buyer without payment is everyday business; an outage or an open settlement is not. */
function logFailure(call: Call, error: PaymentError, { logger }: Settings): void {
  const details = { code: error.code, tool: call.tool ?? call.method, ...detailsOf(error) }
  switch (error.code) {
    case 'payment_required':
    case 'payment_malformed':
    case 'payment_ambiguous':
      return logger.debug('payment required', details)
    case 'verification_refused':
      return logger.info('payment refused', details)
    case 'settlement_refused':
      return logger.warn('settlement refused', details)
    case 'settlement_unknown':
      return logger.error('settlement outcome unknown', details)
    default:
      return logger.error('payments unavailable', details)
  }
}

/**
 * The seller's own error is logged whole. Of a facilitator's only code and status are: its message can
 * quote the payment.
 */
function detailsOf(error: PaymentError): Record<string, unknown> {
  const correlation = error instanceof SettlementUnknownError && {
    correlationId: error.correlationId,
    agentRequestId: error.agentRequestId,
  }
  if (error.cause === undefined) return { ...correlation }
  if (error.code === 'price_invalid' || error.code === 'hook_refused') {
    return { error: asError(error.cause) }
  }
  const { code, httpStatus, correlationId } = failureOfError(error.cause)
  return { reason: code, httpStatus, correlationId, ...correlation }
}

function asPaymentError(thrown: unknown): PaymentError {
  if (thrown instanceof PaymentError) return thrown
  return new PaymentUnavailableError('facilitator_unavailable', 'unexpected failure', {
    cause: withoutProse(thrown),
  })
}
