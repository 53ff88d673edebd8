import type { CallOutcome } from './call-report.js'

/** What became of a call whose payment failed, by the code of the error. Other codes: no payment can be taken now. */
export const CODES: Readonly<Record<string, CallOutcome>> = {
  payment_required: 'unpaid',
  payment_malformed: 'unpaid',
  payment_ambiguous: 'unpaid',
  payment_identifier_invalid: 'unpaid',
  verification_refused: 'refused',
  settlement_refused: 'refused',
  settlement_unknown: 'unknown',
  payment_used: 'used',
  payment_conflict: 'conflict',
  payment_in_use: 'in_work',
  balance_in_use: 'in_work',
}
