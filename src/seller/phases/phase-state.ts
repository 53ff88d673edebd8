import type { Call } from '../events/call.js'
import type { Context } from 'aws-lambda'
import type { Once } from '../../time/once.js'
import type { Sale } from '../options/sale.js'
import type { Settings } from '../options/settings.js'
import type { Settlement } from '../payment/payment.js'
import type { Handoff } from './handoff.js'

/** What both phases of an interceptor work with, whatever the call. */
export interface PhaseState {
  readonly settings: Settings
  readonly handoff: Handoff
  /** By correlation id of the verify: a response handed over twice is settled once. */
  readonly settleOnce: Once<Settlement | undefined>
  /** By correlation id of the settle: what is due is told once. */
  readonly refundOnce: Once<void>
}

/** A sale in two phases. */
export interface PhaseSale extends Sale, PhaseState {}

/** The sale of one call in one phase. */
export function phaseSale(state: PhaseState, call: Call, context: Context | undefined): PhaseSale {
  return { call, context, ...state }
}
