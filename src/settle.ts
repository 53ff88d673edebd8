import { setTimeout as sleep } from 'node:timers/promises'
import type { Context } from 'aws-lambda'
import { remainingMs, withDeadline } from './deadline.js'
import { PaymentRefusedError, PaymentUnavailableError, SettlementUnknownError } from './errors.js'
import {
  PaymentsError,
  failureOfError,
  withoutProse,
  type FacilitatorFailure,
} from './payments-error.js'
import { publicReason } from './reason.js'
import type { Settings } from './settings.js'
import type { Verified } from './verify.js'
import { SettleResponseSchema, decodeToken, tokenVersion, type SettleResponse } from './x402.js'

/** A settlement that happened. */
export interface Settlement {
  readonly settled: SettleResponse
  /** What was redeemed as reported, never as requested; 0 for pay-as-you-go plans. */
  readonly creditsUsed: bigint
}

const MAX_ATTEMPTS = 3
const FIRST_PAUSE_MS = 100
/** `BCK.X402.0059`: the single-use token is spent. */
const ALREADY_SPENT = 'BCK.X402.0059'

/**
 * Settles until the outcome is known, there is no safe way to ask again, or time is up. A settle is
 * repeated only if nothing was sent, if the facilitator says it is retryable, or if repeating cannot
 * charge twice (single-use token; a request id where `retrySettleByRequestId` says so).
 *
 * @throws PaymentRefusedError if the facilitator refused; nothing was charged.
 * @throws PaymentUnavailableError if it could not be asked; nothing was charged.
 * @throws SettlementUnknownError if the payer may have been charged.
 */
export async function settle(
  verified: Verified,
  credits: bigint,
  settings: Settings,
  context: Context | undefined,
): Promise<Settlement> {
  let mayHaveSettled = false
  for (let attempt = 1; ; attempt++) {
    const outcome = await attemptSettle(verified, credits, settings, context)
    if ('settled' in outcome) return outcome
    if (outcome.code === ALREADY_SPENT && mayHaveSettled) return receiptLost(verified)
    if (outcome.outcome === 'unknown') mayHaveSettled = true
    const pauseMs = FIRST_PAUSE_MS * 4 ** (attempt - 1)
    const hasTime = remainingMs(context) - settings.settleReserveMs > pauseMs
    if (attempt === MAX_ATTEMPTS || !hasTime || !mayRepeat(outcome, verified, settings)) {
      throw toError(outcome, mayHaveSettled, verified)
    }
    await sleep(pauseMs)
  }
}

interface Failure extends FacilitatorFailure {
  reason?: string | undefined
  cause?: unknown
}

async function attemptSettle(
  verified: Verified,
  credits: bigint,
  settings: Settings,
  context: Context | undefined,
): Promise<Settlement | Failure> {
  const { correlationId, token, quote, agentRequestId } = verified
  const params = {
    paymentRequired: quote.paymentRequired,
    x402AccessToken: token,
    maxAmount: credits,
    ...(agentRequestId !== undefined && { agentRequestId }),
  }
  const leftMs = remainingMs(context) - settings.settleReserveMs
  if (leftMs <= 0) return NO_TIME
  try {
    const answer = await withDeadline(Math.min(settings.settleTimeoutMs, leftMs), (timeoutMs) =>
      settings.facilitator.settlePermissions(params, { timeoutMs, correlationId }),
    )
    return readSettlement(answer)
  } catch (cause) {
    return { ...failureOfError(cause), cause: withoutProse(cause) }
  }
}

const NO_TIME: Failure = {
  code: 'no_time_left',
  httpStatus: undefined,
  retryable: false,
  outcome: 'unavailable',
}

const UNREADABLE: Failure = {
  code: 'unreadable_answer',
  httpStatus: 200,
  retryable: false,
  outcome: 'unknown',
}

/** `success: true` alone proves nothing: a redemption, a charge or an order must be named. */
function readSettlement(answer: unknown): Settlement | Failure {
  const parsed = SettleResponseSchema.safeParse(answer)
  if (!parsed.success) return UNREADABLE
  const settled = parsed.data
  if (!settled.success) return refused(publicReason(settled.errorReason) ?? 'settlement refused')
  const creditsUsed = digits(settled.creditsRedeemed)
  if (creditsUsed !== undefined && creditsUsed > 0n) return { settled, creditsUsed }
  // Pay-as-you-go charges money and redeems no credits; older answers do not name the billing model.
  const charged = settled.orderTx || (settled.billingModel !== 'credits' && settled.transaction)
  if (charged) return { settled, creditsUsed: creditsUsed ?? 0n }
  return creditsUsed === undefined ? UNREADABLE : refused('nothing was redeemed')
}

function refused(reason: string): Failure {
  return {
    code: 'settlement_refused',
    httpStatus: 200,
    retryable: false,
    outcome: 'refused',
    reason,
  }
}

/** The API writes decimal strings; a number is taken too. */
function digits(value: SettleResponse['creditsRedeemed']): bigint | undefined {
  const text = String(value ?? '')
  return /^\d+$/.test(text) ? BigInt(text) : undefined
}

function mayRepeat(failure: Failure, verified: Verified, settings: Settings): boolean {
  if (failure.retryable) return true
  // A code of Nevermined's own that may mean "charged" says: do not retry.
  const lostAnswer = failure.outcome === 'unknown' && !/^BCK\.(?!HTTP)/.test(failure.code)
  if (!lostAnswer) return false
  // Single-use: settling it twice cannot charge twice.
  if (tokenVersion(decodeToken(verified.token)) === 3) return true
  return settings.retrySettleByRequestId && verified.agentRequestId !== undefined
}

/** Our own repeat found the single-use token spent: the first attempt settled, its answer is gone. */
function receiptLost({ quote, verification }: Verified): Settlement {
  const settled = {
    success: true,
    payer: verification.payer,
    transaction: '',
    network: verification.network ?? quote.paymentRequired.accepts[0]?.network,
  }
  return { settled, creditsUsed: 0n }
}

function toError(failure: Failure, mayHaveSettled: boolean, verified: Verified): Error {
  const { code, outcome, reason, cause = new PaymentsError(failure) } = failure
  const { correlationId, agentRequestId, quote } = verified
  if (outcome === 'unknown' || mayHaveSettled) {
    return new SettlementUnknownError(correlationId, agentRequestId, { cause })
  }
  if (outcome === 'refused') {
    const why = reason ?? code
    return new PaymentRefusedError('settlement_refused', why, quote.offer, { cause })
  }
  return new PaymentUnavailableError('settlement_unavailable', code, { cause })
}
