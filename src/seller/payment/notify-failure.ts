import { lazy } from '../../lazy.js'
import { hookLimitMs, withDeadline } from '../../time/deadline.js'
import {
  PaymentError,
  PaymentRefusedError,
  PaymentUnavailableError,
  SettlementUnknownError,
  asError,
} from '../../errors/payment-error.js'
import { emit } from './emit.js'
import { failureOfError, withoutProse } from '../../errors/facilitator-failure.js'
import { namesIn } from '../../facilitators/settlement-status.js'
import type { Sale } from '../options/sale.js'

/** Logs a payment failure and calls the hook. @returns what the hook returned, if anything. */
export async function notify(sale: Sale, error: PaymentError): Promise<unknown> {
  const { call, settings, context } = sale
  logFailure(sale, error)
  await explain(sale, error)
  const open = error instanceof SettlementUnknownError ? error : undefined
  const told = open && { state: open.state, ...namesIn(open) }
  const reason = reasonOf(error)
  emit(
    sale,
    { type: 'failed', code: error.code, reason, ...told },
    { correlationId: open?.correlationId },
  )
  const hook = settings.hooks.onPaymentError
  if (hook === undefined) return undefined
  try {
    return await withDeadline(hookLimitMs(context), async () => hook(error, call))
  } catch (thrown) {
    settings.logger.error('onPaymentError threw', { code: error.code, error: asError(thrown) })
    return undefined
  }
}

/** Says in words which mistake a failure comes from. It is loaded by the first failure that may come from one. */
async function explain(sale: Sale, error: PaymentError): Promise<void> {
  if (NO_MISTAKES.has(error.code)) return
  const { explain: say } = await mistakes().catch(() => NOTHING_TO_SAY)
  await say(sale, error)
}

const mistakes = lazy(() => import('../mistakes/explain.js'))
const NOTHING_TO_SAY = { explain: () => Promise.resolve() }

/** Codes that say all that there is to say. */
const NO_MISTAKES: ReadonlySet<string> = new Set([
  ...['payment_in_use', 'balance_in_use', 'payment_conflict', 'payment_used', 'hook_refused'],
  ...['payment_ambiguous', 'payment_identifier_invalid', 'price_invalid', 'no_time_left'],
  // Before it, the facilitator answered.
  'settlement_unknown',
])

/**
 * Logs a failure at its level. A buyer without payment is normal; an outage or an unknown settlement is not.
 */
function logFailure({ call, settings }: Sale, error: PaymentError): void {
  const { logger } = settings
  const details = { code: error.code, tool: call.label, ...detailsOf(error) }
  switch (error.code) {
    case 'payment_required':
    case 'payment_malformed':
    case 'payment_ambiguous':
    case 'payment_identifier_invalid':
    case 'payment_in_use':
    case 'balance_in_use':
      return logger.debug('payment required', details)
    case 'payment_conflict':
    case 'verification_refused':
      return logger.info('payment refused', details)
    case 'payment_used':
      return logger.warn('payment used', details)
    case 'settlement_refused':
      return logger.warn('settlement refused', details)
    case 'settlement_unknown':
      return logger.error('settlement outcome unknown', details)
    default:
      return logger.error('payments unavailable', details)
  }
}

/**
 * Details of a failure for the log. The seller's own error is logged whole. For a facilitator's error only
 * code and status are logged: its message can quote the payment.
 */
function detailsOf(error: PaymentError): Record<string, unknown> {
  const correlation = error instanceof SettlementUnknownError && {
    correlationId: error.correlationId,
    agentRequestId: error.agentRequestId,
    state: error.state,
    ...namesIn(error),
  }
  if (error.cause === undefined) return { reason: error.message, ...correlation }
  if (OF_THE_SELLER.has(error.code)) {
    return { error: asError(error.cause) }
  }
  const { code, httpStatus, correlationId, reason: said, detail } = failureOfError(error.cause)
  const more = {
    ...(said !== undefined && { said }),
    ...(detail !== undefined && { detail }),
    ...correlation,
  }
  return { reason: code, httpStatus, correlationId, ...more }
}

/** The reason of a failure: the code if it is a facilitator's error, the message if it is ours. */
function reasonOf(error: PaymentError): string {
  if (error instanceof PaymentRefusedError) return error.reason
  const isOurs = error.cause === undefined || OF_THE_SELLER.has(error.code)
  return isOurs ? error.message : failureOfError(error.cause).code
}

/** Codes of errors whose cause is the seller's own code. */
const OF_THE_SELLER = new Set(['price_invalid', 'hook_refused', 'invalid_options'])

export function asPaymentError(thrown: unknown): PaymentError {
  if (thrown instanceof PaymentError) return thrown
  return new PaymentUnavailableError('facilitator_unavailable', 'unexpected failure', {
    cause: withoutProse(thrown),
  })
}
