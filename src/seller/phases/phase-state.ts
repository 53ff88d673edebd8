import type { SoldCall } from '../events/call.js'
import type { Context } from 'aws-lambda'
import type { Sale } from '../options/sale.js'
import type { Settings } from '../options/settings.js'
import { storeFor } from '../records/store-for.js'
import type { Handoff } from './handoff.js'
import type { ResponseWatch } from './response-watch.js'

/** What both phases of an interceptor use for every call. */
export interface PhaseState {
  readonly settings: Settings
  readonly handoff: Handoff
  readonly watch: ResponseWatch
}

/** A sale in two phases. */
export interface PhaseSale extends Sale, PhaseState {}

/** The sale of one call in one phase. */
export function phaseSale(
  state: PhaseState,
  call: SoldCall,
  context: Context | undefined,
): PhaseSale {
  return { call, context, store: storeFor(state.settings, context), ...state }
}
