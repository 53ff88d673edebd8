import type { Context } from 'aws-lambda'
import { inCall } from '../errors/in-call.js'
import { asError } from '../errors/payment-error.js'
import { remainingMs } from '../time/deadline.js'
import { type WorkerReport, Tally, metricLine } from './report.js'
import {
  type SettlementWorkerOptions,
  type WorkerSettings,
  toWorkerSettings,
} from './worker-options.js'
import { visit } from './visit.js'

/** A Lambda handler for a schedule. It ignores its event. */
export type SettlementWorker = (event?: unknown, context?: Context) => Promise<WorkerReport>

/** With less than this left, no further payment is begun. Unit: ms. */
const STOP_BEFORE_MS = 10_000

/**
 * Makes a Lambda handler that brings open payments to an end. Let a schedule call it every minute, or every five.
 *
 * It takes the records that are due, looks up what became of them, and settles again where that cannot charge twice.
 * If the outcome stays unknown, it waits longer each time, up to 10 minutes. After `giveUpAfterHours` the payment is
 * given up. It also ends calls that died: what was not charged is released, and what was paid in advance is owed back.
 *
 * Every write is conditional. It may be stopped at any point, and may run twice at once.
 *
 * @example
 * export const handler = createSettlementWorker({ paymentStore: dynamoDbStore({ table, secret }), payments })
 * @throws OptionsError naming the option that is wrong, when the worker is made. The worker itself throws only if the
 * index of the table cannot be read.
 */
export function createSettlementWorker(options: SettlementWorkerOptions): SettlementWorker {
  const settings = inCall('createSettlementWorker', { ...options, options }, () =>
    toWorkerSettings(options),
  )
  return (_, context) => run(settings, context)
}

async function run(settings: WorkerSettings, context: Context | undefined): Promise<WorkerReport> {
  const tally = new Tally()
  const isComplete = await visitAll(settings, context, tally)
  const report = tally.report(await waitingIn(settings), isComplete)
  if (settings.hasMetrics) {
    // Lambda would wrap what goes through `console`, and CloudWatch would find no metrics in it.
    process.stdout.write(`${metricLine(report, settings.paymentStore.name, settings.now())}\n`)
  }
  return report
}

/** @returns whether everything that was due was looked at. */
async function visitAll(
  settings: WorkerSettings,
  context: Context | undefined,
  tally: Tally,
): Promise<boolean> {
  const working = new Set<Promise<void>>()
  try {
    for await (const key of settings.paymentStore.due(settings.now())) {
      if (remainingMs(context) < STOP_BEFORE_MS) return false
      const one = visit({ settings, context, tally }, key).finally(() => working.delete(one))
      working.add(one)
      if (working.size >= settings.concurrency) await Promise.race(working)
    }
    return true
  } finally {
    await Promise.all(working)
  }
}

async function waitingIn({ paymentStore, logger }: WorkerSettings) {
  try {
    return await paymentStore.waiting()
  } catch (thrown) {
    logger.error('the payment store could not be asked', { error: asError(thrown) })
    return undefined
  }
}
