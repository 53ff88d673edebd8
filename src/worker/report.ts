import type { Waiting } from '../seller/options/worker-store.js'

/** What became of one record that was due. */
export type Ending =
  /** It was settled, by the worker or before. */
  | 'settled'
  /** It is certainly not settled. */
  | 'refused'
  /** A call died, its record knows of no charge, and nobody came back. */
  | 'released'
  /** A refund was found to be due. */
  | 'refundsOwed'
  /** The seller was told of a refund. */
  | 'refundsReported'
  /** It was given up. */
  | 'dead'
  /** Its outcome is still not known. The worker looks again later. */
  | 'open'
  /** Nothing was to be done: it ended before, or another process works on it. */
  | 'skipped'
  /** The store, or a hook, failed. The next run looks again. */
  | 'failed'

/** What one run of the worker did. Counts of payments. */
export interface WorkerReport extends Readonly<Record<Ending, number>> {
  /** What waits for a person. `undefined` if the table could not be asked. */
  readonly waiting: Waiting | undefined
  /** The age of the oldest payment whose outcome this run could not find. Unit: s since the call. 0 if there is none. */
  readonly oldestOpenSeconds: number
  /** Whether everything that was due was looked at. Otherwise the time was up, and the next run goes on. */
  readonly isComplete: boolean
}

/** Counts what becomes of records. */
export class Tally {
  readonly #counts: Record<Ending, number> = {
    settled: 0,
    refused: 0,
    released: 0,
    refundsOwed: 0,
    refundsReported: 0,
    dead: 0,
    open: 0,
    skipped: 0,
    failed: 0,
  }
  #oldestOpenMs = 0

  count(ending: Ending, ageMs = 0): void {
    this.#counts[ending] += 1
    if (ending === 'open') this.#oldestOpenMs = Math.max(this.#oldestOpenMs, ageMs)
  }

  report(waiting: Waiting | undefined, isComplete: boolean): WorkerReport {
    const oldestOpenSeconds = Math.floor(this.#oldestOpenMs / 1_000)
    return { ...this.#counts, waiting, oldestOpenSeconds, isComplete }
  }
}

/** The namespace of the metrics. */
const METRICS_NAMESPACE = 'agentcore-x402'

/**
 * The counts as one line in CloudWatch's embedded metric format.
 *
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
 */
export function metricLine(report: WorkerReport, table: string, atMs: number): string {
  const { waiting, isComplete, oldestOpenSeconds, ...counts } = report
  const values = {
    ...Object.fromEntries(Object.entries(counts).map(([name, count]) => [metricName(name), count])),
    ...(waiting && { RefundsDue: waiting.refundsDue, DeadPayments: waiting.dead }),
    OldestOpenSeconds: oldestOpenSeconds,
    Incomplete: isComplete ? 0 : 1,
  }
  const Metrics = Object.keys(values).map((Name) => ({
    Name,
    Unit: Name === 'OldestOpenSeconds' ? 'Seconds' : 'Count',
  }))
  const CloudWatchMetrics = [{ Namespace: METRICS_NAMESPACE, Dimensions: [['Table']], Metrics }]
  return JSON.stringify({ _aws: { Timestamp: atMs, CloudWatchMetrics }, Table: table, ...values })
}

/** E.g. `Settled`. `dead` is what died in this run, and `DeadPayments` is what waits. */
function metricName(name: string): string {
  return name === 'dead' ? 'GivenUp' : `${name.charAt(0).toUpperCase()}${name.slice(1)}`
}
