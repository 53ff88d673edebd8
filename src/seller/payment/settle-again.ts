import { setTimeout as sleep } from 'node:timers/promises'
import { countdown } from '../../time/countdown.js'
import {
  PaymentRefusedError,
  PaymentUnavailableError,
  SettlementUnknownError,
  type UnsettledState,
} from '../../errors/payment-error.js'
import { failureOfError, withoutProse } from '../../errors/facilitator-failure.js'
import { PaymentsError } from '../../errors/payments-error.js'
import { spentState } from '../../errors/used-codes.js'
import { SettleFailedError } from '../../facilitators/settle-at.js'
import { type SettlementNames, namesIn } from '../../facilitators/settlement-status.js'
import type { Settlement } from '../options/payment-record.js'
import type { SettlementSale } from '../options/sale.js'
import type { Outcome, SettleFailure } from '../rails/rail.js'
import { refused, unsettled } from '../rails/unsettled.js'
import type { Before } from '../records/sole-use.js'
import { type FailedAttempt, attemptSettle } from './attempt-settle.js'
import { leftFor } from './call-limits.js'
import type { Settleable } from './chosen.js'

const MAX_ATTEMPTS = 3
const FIRST_PAUSE_MS = 100

/** Goes on after a first attempt that did not end in a settlement. `settle` says how. */
export async function settleAgain(
  sale: SettlementSale,
  { payment, amount }: Pick<Tried, 'payment' | 'amount'>,
  first: FailedAttempt,
  earlier: Before,
): Promise<Settlement> {
  let failed = first
  let tried: Tried = {
    payment,
    amount,
    mayHaveSettled: false,
    mayBeOurs: false,
    hadUnknown: false,
    isPending: false,
    names: {},
  }
  for (let attempt = 1; ; attempt++) {
    const before = tried
    const outcome = failureOf(failed)
    const used = await settledBySoleUse(outcome, before, earlier)
    if (used !== undefined) return used
    tried = noted(before, outcome, facilitatorOf(failed))
    const found = outcome.state === 'pending' ? await awaitStatus(sale, tried) : undefined
    if (found !== undefined) return settledBy(found, outcome, before, tried)
    const pauseMs = nextPause(outcome, before, attempt)
    const mayRepeat = payment.rail.mayRepeat(outcome, payment, sale.settings)
    if (pauseMs === undefined || !mayRepeat || leftFor(sale) <= pauseMs) {
      throw toError(outcome, tried)
    }
    await sleep(pauseMs)
    const next = await attemptSettle(sale, tried.payment, amount, !tried.mayHaveSettled)
    if ('settled' in next) return next
    failed = next
  }
}

/**
 * Settlement of a used payment, if it was used by an attempt of ours. "Used" does not say who used it: an
 * attempt of ours, another container, or anybody who saw it. Two things show that it was ours. One of our
 * attempts may have come through, and a store that all sellers share shows that nobody else had the payment.
 */
async function settledBySoleUse(
  outcome: SettleFailure,
  { payment, amount, mayBeOurs }: Tried,
  { hadAttempt, isHeldAlone }: Before,
): Promise<Settlement | undefined> {
  if (outcome.state !== 'used' || !(mayBeOurs || hadAttempt)) return undefined
  if (payment.rail.keyOf(payment) === undefined) return undefined
  const settlement = payment.rail.settledBySoleUse(payment, amount)
  return settlement !== undefined && (await isHeldAlone()) ? settlement : undefined
}

/**
 * The pause before the next attempt. A pending settlement is sent once more, at once. @returns `undefined` if
 * nothing more is sent. Unit: ms.
 */
function nextPause(outcome: SettleFailure, before: Tried, attempt: number): number | undefined {
  if (before.isPending) return undefined
  if (outcome.state === 'pending') return 0
  return attempt < MAX_ATTEMPTS ? FIRST_PAUSE_MS * 4 ** (attempt - 1) : undefined
}

/**
 * The settlement by the facilitator's final status. @throws PaymentError if nothing was settled, or the
 * outcome is unknown.
 */
function settledBy(
  found: Outcome,
  outcome: SettleFailure,
  before: Tried,
  tried: Tried,
): Settlement {
  if (found.kind === 'settled') return found.settlement
  const { names, hadUnknown } = tried
  // The id is of the last attempt. The status says nothing of an attempt before it.
  if (found.kind === 'not-settled') {
    throw toError(refused(found.reason), { ...before, names, hadUnknown })
  }
  throw toError(outcome, { ...tried, names: { ...names, ...namesIn(found) } })
}

/** The attempts so far. */
interface Tried {
  /**
   * The payment. Its facilitator is the one that may have settled: of several facilitators only that one
   * knows.
   */
  readonly payment: Settleable
  readonly amount: bigint
  /** Whether any attempt may have settled. */
  readonly mayHaveSettled: boolean
  /** Whether any attempt may have settled, apart from attempts that found the payment used. */
  readonly mayBeOurs: boolean
  /** Whether an attempt before the last one may have settled. */
  readonly hadUnknown: boolean
  /** Every name that a facilitator gave the settlement. */
  readonly names: SettlementNames
  /** Whether it was called pending. It is then sent once more, and not again. */
  readonly isPending: boolean
}

function noted(tried: Tried, outcome: SettleFailure, by: number | undefined): Tried {
  const { payment, amount, names } = tried
  return {
    payment: { ...payment, facilitator: by ?? payment.facilitator },
    amount,
    hadUnknown: tried.mayHaveSettled,
    mayHaveSettled: tried.mayHaveSettled || outcome.outcome === 'unknown',
    mayBeOurs: tried.mayBeOurs || (outcome.outcome === 'unknown' && outcome.state !== 'used'),
    names: { ...names, ...namesIn(outcome) },
    isPending: tried.isPending || outcome.state === 'pending',
  }
}

/** Index of the one of the `facilitators` that was asked. */
function facilitatorOf(failed: FailedAttempt): number | undefined {
  if ('read' in failed) return failed.by
  return failed.thrown instanceof SettleFailedError ? failed.thrown.by : undefined
}

/** The failure of an attempt. A used payment is not refused: it may have been used for this call. */
function failureOf(failed: FailedAttempt): SettleFailure {
  if ('read' in failed) return 'saidNo' in failed.read ? unsettled(failed.read.saidNo) : failed.read
  const { thrown } = failed
  const failure = { ...failureOfError(thrown), cause: withoutProse(thrown) }
  if (spentState(failure.code) !== 'used') return failure
  return { ...failure, outcome: 'unknown', state: 'used' }
}

/** Pauses before a pending settlement is asked about again. Unit: ms. */
const STATUS_PAUSES_MS = [1_000, 1_000, 2_000]

/**
 * Asks what became of a pending settlement until that is known, or until the time of one settle is up.
 *
 * @returns `undefined` if the facilitator cannot be asked.
 */
async function awaitStatus(
  sale: SettlementSale,
  { payment, amount, names }: Tried,
): Promise<Outcome | undefined> {
  const { rail, correlationId } = payment
  const leftMs = countdown(Math.min(sale.settings.settleTimeoutMs, leftFor(sale)))
  let found: Outcome | undefined
  for (let asked = 0; ; asked++) {
    const pauseMs = STATUS_PAUSES_MS[asked] ?? STATUS_PAUSES_MS.at(-1) ?? 0
    const call = { timeoutMs: leftMs() - pauseMs, correlationId }
    if (call.timeoutMs <= 0) return found
    found = await rail.statusOf(payment, { amount, ...names }, call)
    if (found?.kind !== 'unknown' || !found.isPending) return found
    await sleep(pauseMs)
  }
}

function toError(failure: SettleFailure, tried: Tried): Error {
  const { code, outcome, reason, cause = new PaymentsError(failure) } = failure
  const { correlationId, agentRequestId, offer } = tried.payment
  if (outcome === 'unknown' || tried.mayHaveSettled) {
    const { hadUnknown: hasEarlier, names } = tried
    const facts = { state: stateOf(failure, tried), hasEarlier, ...names }
    return new SettlementUnknownError(correlationId, agentRequestId, { cause }, facts)
  }
  if (outcome === 'refused') {
    const why = reason ?? code
    return new PaymentRefusedError('settlement_refused', why, offer, { cause })
  }
  return new PaymentUnavailableError('settlement_unavailable', code, { cause })
}

/** What is known of an unknown outcome. After an attempt of ours, "used" may be about that attempt. */
function stateOf({ state }: SettleFailure, { isPending, hadUnknown }: Tried): UnsettledState {
  if (isPending) return 'pending'
  return state === undefined || (state === 'used' && hadUnknown) ? 'unknown' : state
}
