import { PaymentRefusedError, SettlementUnknownError } from '../errors/payment-error.js'
import type { DeadCode } from '../seller/options/dead-code.js'
import type { Chosen } from '../seller/payment/chosen.js'
import { closeOpen } from '../seller/payment/open-settle.js'
import { resume } from '../seller/payment/resume.js'
import { TakenOverError } from '../seller/records/hold.js'
import { emit } from './emit.js'
import { chosenOf } from './kept-chosen.js'
import type { Ending } from './report.js'
import { type Due, type Run, begunAt } from './run.js'

/** Pauses between two looks at one payment. The last one is the longest. Unit: ms. */
const PAUSES_MS = [30_000, 60_000, 120_000, 300_000, 600_000]

/**
 * Finds out what became of a payment that may have been settled. If nobody knows and it cannot be settled twice, it is
 * settled again. Its kept answer can then be fetched. Without an answer, its call did no work: the buyer can still come
 * back for it, and a refund is due later.
 */
export async function settleOpen(run: Run, due: Due): Promise<Ending> {
  const { settings } = run
  const { record, hold, owner, leaseUntil } = due
  const chosen = await chosenOf(settings, record)
  if (typeof chosen === 'string') return lookLater(run, due, chosen)
  // The answer is read first: once money may have moved, a failing store must not end the visit.
  const answer = await settings.paymentStore.readAnswer(record.key, settings.now())
  const hasWork = record.isDelivered || answer !== undefined
  if (!(await hold.takeOver({ state: 'settling', owner, leaseUntil }, undefined))) return 'skipped'
  try {
    await settleChosen(run, due, chosen, hasWork)
    return 'settled'
  } catch (thrown) {
    if (thrown instanceof PaymentRefusedError) return 'refused'
    if (thrown instanceof TakenOverError) return 'skipped'
    if (!(thrown instanceof SettlementUnknownError)) throw thrown
    return lookLater(run, due, 'outcome_unknown')
  }
}

async function settleChosen(
  { settings, context }: Run,
  { record, hold }: Due,
  chosen: Chosen,
  hasWork: boolean,
): Promise<void> {
  const sale = { store: settings.paymentStore, settings, context }
  // A plan can be asked in no other way. Money that nobody got anything for is not taken.
  const maySettle = hasWork || chosen.rail.name === 'plan'
  const { settlement, isProvenOurs } = await resume(sale, chosen, hold, maySettle)
  await closeOpen(sale, chosen, hold, settlement)
  // If another call may have taken the money, that call may have delivered for it.
  if (hasWork || !isProvenOurs) await hold.settled(settlement)
  else await hold.paid(settlement, 0)
  const { transaction } = settlement.settled
  const what = { ...chosen.rail.chargedFor(settlement), ...(transaction && { transaction }) }
  emit(settings, record, { type: 'settled', ...what })
}

/** Waits longer each time. After the limit the payment is given up. */
async function lookLater(
  { settings }: Run,
  { record, hold }: Due,
  code: DeadCode,
): Promise<Ending> {
  const nowMs = settings.now()
  if (nowMs - begunAt(record) >= settings.giveUpAfterMs) {
    if (!(await hold.givenUp(code))) return 'skipped'
    settings.logger.error('a payment was given up', {
      code,
      key: record.key,
      tool: record.sold?.tool ?? '',
      correlationId: record.asked?.correlationId,
    })
    emit(settings, record, { type: 'given-up', code })
    return 'dead'
  }
  const pauseMs = PAUSES_MS[record.attempts] ?? PAUSES_MS.at(-1) ?? 0
  const change = { attempts: record.attempts + 1, nextAttemptAt: nowMs + pauseMs }
  return (await hold.lookAgain(change)) ? 'open' : 'skipped'
}
