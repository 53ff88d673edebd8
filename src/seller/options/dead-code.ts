/**
 * Why a worker gave a payment up.
 * - `outcome_unknown`: neither a facilitator nor a chain says whether it was settled.
 * - `payment_not_kept`: the record does not hold the payment, so nobody can be asked.
 * - `terms_not_served`: the worker has no `payments` or `facilitators` for the payment.
 * - `settled_unrecorded`: it was settled without a record. Whether it was delivered is not known.
 */
export type DeadCode =
  | 'outcome_unknown'
  | 'payment_not_kept'
  | 'terms_not_served'
  | 'settled_unrecorded'
