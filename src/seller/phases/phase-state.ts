import type { Handoff } from './handoff.js'
import type { Once } from '../../time/once.js'
import type { Settings } from '../options/settings.js'
import type { Settlement } from '../payment/payment.js'

/** What both phases of an interceptor work with. */
export interface Desk {
  readonly settings: Settings
  readonly handoff: Handoff
  /** By correlation id of the verify: a response handed over twice is settled once. */
  readonly settleOnce: Once<Settlement | undefined>
  /** By correlation id of the settle: what is due is told once. */
  readonly refundOnce: Once<void>
}
