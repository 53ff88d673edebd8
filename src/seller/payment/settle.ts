import { setTimeout as sleep } from 'node:timers/promises'
import { remainingMs } from '../../time/deadline.js'
import {
  PaymentRefusedError,
  PaymentUnavailableError,
  SettlementUnknownError,
} from '../../errors/payment-error.js'
import { PaymentsError, failureOfError, withoutProse } from '../../errors/facilitator-failure.js'
import type { SettleFailure } from './rail.js'
import type { Sale } from '../options/sale.js'
import { SettleFailedError } from '../../facilitators/settle-at.js'
import type { Settleable } from './chosen.js'
import type { Settlement } from './payment.js'

const MAX_ATTEMPTS = 3
const FIRST_PAUSE_MS = 100

/**
 * Settles until the outcome is known, there is no safe way to ask again, or time is up. A settle is
 * repeated only if nothing was sent, if the facilitator says it is retryable, or if repeating cannot
 * charge twice (a signature with a nonce; a request id where `retrySettleByRequestId` says so).
 *
 * @throws PaymentRefusedError if the facilitator refused; nothing was charged.
 * @throws PaymentUnavailableError if it could not be asked; nothing was charged.
 * @throws SettlementUnknownError if the payer may have been charged.
 */
export async function settle(sale: Sale, payment: Settleable, amount: bigint): Promise<Settlement> {
  const { settings, context } = sale
  const { rail } = payment
  let { facilitator } = payment
  let mayHaveSettled = false
  let transaction: string | undefined
  for (let attempt = 1; ; attempt++) {
    const asked = facilitator === payment.facilitator ? payment : { ...payment, facilitator }
    const next = { payment: asked, amount, mayHaveSettled }
    const { outcome, by } = await attemptSettle(sale, next)
    if ('settled' in outcome) return outcome
    // Of several, the one that may have settled is the only one to know.
    facilitator = by ?? facilitator
    if (mayHaveSettled && rail.isSpent(outcome)) return receiptLost(payment)
    if (outcome.outcome === 'unknown') mayHaveSettled = true
    transaction = outcome.transaction ?? transaction
    const pauseMs = FIRST_PAUSE_MS * 4 ** (attempt - 1)
    const hasTime = remainingMs(context) - settings.settleReserveMs > pauseMs
    if (attempt === MAX_ATTEMPTS || !hasTime || !rail.mayRepeat(outcome, payment, settings)) {
      throw toError({ ...outcome, transaction }, mayHaveSettled, payment)
    }
    await sleep(pauseMs)
  }
}

interface Attempt {
  readonly payment: Settleable
  readonly amount: bigint
  /** Whether an attempt before this one may have settled. */
  readonly mayHaveSettled: boolean
}

interface Attempted {
  outcome: Settlement | SettleFailure
  /** Which of the `facilitators` was asked. */
  by?: number | undefined
}

async function attemptSettle(
  { settings, context }: Sale,
  { payment, amount, mayHaveSettled }: Attempt,
): Promise<Attempted> {
  const leftMs = remainingMs(context) - settings.settleReserveMs
  if (leftMs <= 0) return { outcome: NO_TIME }
  const { correlationId, rail } = payment
  const timeoutMs = Math.min(settings.settleTimeoutMs, leftMs)
  try {
    const call = { timeoutMs, correlationId, mayMoveOn: !mayHaveSettled }
    const { answer, by } = await rail.settle(payment, amount, call)
    return { outcome: rail.readSettlement(answer, payment, amount), by }
  } catch (cause) {
    const by = cause instanceof SettleFailedError ? cause.by : undefined
    return { outcome: { ...failureOfError(cause), cause: withoutProse(cause) }, by }
  }
}

const NO_TIME: SettleFailure = {
  code: 'no_time_left',
  httpStatus: undefined,
  retryable: false,
  outcome: 'unavailable',
}

/** Our own repeat found the payment spent: the first attempt settled, its answer is gone. */
function receiptLost({ rail, verification }: Settleable): Settlement {
  const settled = {
    success: true,
    payer: verification?.payer,
    transaction: '',
    network: verification?.network ?? rail.paymentRequired.accepts[0]?.network,
  }
  return { settled, creditsUsed: 0n, inV1: false }
}

function toError(failure: SettleFailure, mayHaveSettled: boolean, verified: Settleable): Error {
  const { code, outcome, reason, transaction, cause = new PaymentsError(failure) } = failure
  const { correlationId, agentRequestId, offer } = verified
  if (outcome === 'unknown' || mayHaveSettled) {
    return new SettlementUnknownError(correlationId, agentRequestId, { cause }, transaction)
  }
  if (outcome === 'refused') {
    const why = reason ?? code
    return new PaymentRefusedError('settlement_refused', why, offer, { cause })
  }
  return new PaymentUnavailableError('settlement_unavailable', code, { cause })
}
