import { setTimeout as sleep } from 'node:timers/promises'
import type { Context } from 'aws-lambda'
import { remainingMs, withDeadline } from '../../time/deadline.js'
import {
  PaymentRefusedError,
  PaymentUnavailableError,
  SettlementUnknownError,
} from '../../errors/payment-error.js'
import { PaymentsError, failureOfError, withoutProse } from '../../errors/facilitator-failure.js'
import { type SettleFailure, readAssetSettlement, readPlanSettlement } from './read-settlement.js'
import type { Settings } from '../options/settings.js'
import { settleAsset } from './ask-facilitators.js'
import { SettleFailedError } from '../../facilitators/settle-at.js'
import { decodeToken, tokenVersion } from '../../wire/x402.js'
import type { Settleable, Settlement } from './payment.js'

const MAX_ATTEMPTS = 3
const FIRST_PAUSE_MS = 100
/** `BCK.X402.0059`: the single-use token is spent. */
const ALREADY_SPENT = 'BCK.X402.0059'

/**
 * Settles until the outcome is known, there is no safe way to ask again, or time is up. A settle is
 * repeated only if nothing was sent, if the facilitator says it is retryable, or if repeating cannot
 * charge twice (a signature with a nonce; a request id where `retrySettleByRequestId` says so).
 *
 * @throws PaymentRefusedError if the facilitator refused; nothing was charged.
 * @throws PaymentUnavailableError if it could not be asked; nothing was charged.
 * @throws SettlementUnknownError if the payer may have been charged.
 */
export async function settle(
  verified: Settleable,
  amount: bigint,
  settings: Settings,
  context: Context | undefined,
): Promise<Settlement> {
  let { facilitator } = verified
  let mayHaveSettled = false
  let transaction: string | undefined
  for (let attempt = 1; ; attempt++) {
    const payment = { ...verified, facilitator }
    const { outcome, by } = await attemptSettle(payment, amount, mayHaveSettled, settings, context)
    if ('settled' in outcome) return outcome
    // Of several, the one that may have settled is the only one to know.
    facilitator = by ?? facilitator
    if (outcome.code === ALREADY_SPENT && mayHaveSettled) return receiptLost(verified)
    if (outcome.outcome === 'unknown') mayHaveSettled = true
    transaction = outcome.transaction ?? transaction
    const pauseMs = FIRST_PAUSE_MS * 4 ** (attempt - 1)
    const hasTime = remainingMs(context) - settings.settleReserveMs > pauseMs
    if (attempt === MAX_ATTEMPTS || !hasTime || !mayRepeat(outcome, verified, settings)) {
      throw toError({ ...outcome, transaction }, mayHaveSettled, verified)
    }
    await sleep(pauseMs)
  }
}

interface Attempt {
  outcome: Settlement | SettleFailure
  /** Which of the `facilitators` was asked. */
  by?: number | undefined
}

async function attemptSettle(
  verified: Settleable,
  amount: bigint,
  mayHaveSettled: boolean,
  settings: Settings,
  context: Context | undefined,
): Promise<Attempt> {
  const leftMs = remainingMs(context) - settings.settleReserveMs
  if (leftMs <= 0) return { outcome: NO_TIME }
  const { correlationId, terms } = verified
  const timeoutMs = Math.min(settings.settleTimeoutMs, leftMs)
  try {
    if (terms.kind === 'plan') {
      const answer = await withDeadline(timeoutMs, (limitMs) =>
        settlePlan(verified, amount, { timeoutMs: limitMs, correlationId }, settings),
      )
      return { outcome: readPlanSettlement(answer) }
    }
    const call = { timeoutMs, correlationId, mayMoveOn: !mayHaveSettled }
    const { answer, by } = await settleAsset(verified, amount, call, settings)
    return { outcome: readAssetSettlement(answer, verified, amount), by }
  } catch (cause) {
    const by = cause instanceof SettleFailedError ? cause.by : undefined
    return { outcome: { ...failureOfError(cause), cause: withoutProse(cause) }, by }
  }
}

async function settlePlan(
  { token, terms, agentRequestId }: Settleable,
  maxAmount: bigint,
  call: { timeoutMs: number; correlationId: string },
  { facilitator }: Settings,
): Promise<unknown> {
  if (terms.kind !== 'plan' || facilitator === undefined) throw new Error('no facilitator of plans')
  const { paymentRequired } = terms
  const requestId = agentRequestId === undefined ? {} : { agentRequestId }
  const params = { paymentRequired, x402AccessToken: token, maxAmount, ...requestId }
  return facilitator.settlePermissions(params, call)
}

const NO_TIME: SettleFailure = {
  code: 'no_time_left',
  httpStatus: undefined,
  retryable: false,
  outcome: 'unavailable',
}

function mayRepeat(failure: SettleFailure, verified: Settleable, settings: Settings): boolean {
  if (failure.retryable) return true
  // A code of Nevermined's own that may mean "charged" says: do not retry. A nonce that is used stays used.
  const isFinal = /^(BCK\.(?!HTTP)|nonce_used$)/.test(failure.code)
  if (failure.outcome !== 'unknown' || isFinal) return false
  // Single-use: settling it twice cannot charge twice.
  if (verified.terms.kind === 'asset') return true
  if (tokenVersion(decodeToken(verified.token)) === 3) return true
  return settings.retrySettleByRequestId && verified.agentRequestId !== undefined
}

/** Our own repeat found the single-use token spent: the first attempt settled, its answer is gone. */
function receiptLost({ terms, verification }: Settleable): Settlement {
  const accepts = terms.kind === 'plan' ? terms.paymentRequired.accepts : []
  const settled = {
    success: true,
    payer: verification?.payer,
    transaction: '',
    network: verification?.network ?? accepts[0]?.network,
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
