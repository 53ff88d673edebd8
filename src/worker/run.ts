import type { Context } from 'aws-lambda'
import type { PaymentRecord } from '../seller/options/payment-record.js'
import type { Hold } from '../seller/records/hold.js'
import type { Tally } from './report.js'
import type { WorkerSettings } from './worker-options.js'

/** One run of the worker. */
export interface Run {
  readonly settings: WorkerSettings
  readonly context: Context | undefined
  readonly tally: Tally
}

/** A record that is due, and that nobody works on. */
export interface Due {
  readonly record: PaymentRecord
  readonly hold: Hold
  /** Names this visit as the owner of the record. */
  readonly owner: string
  /** Until then no other process may work on the record. Unit: ms since the epoch. */
  readonly leaseUntil: number
}

/** When a call began. Older versions wrote no time. Theirs counts from the end of the payment. Unit: ms since the epoch. */
export function begunAt({ createdAt, expiresAt }: PaymentRecord): number {
  return createdAt > 0 ? createdAt : expiresAt
}
