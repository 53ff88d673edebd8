/**
 * A mistake in a setup, or in what a buyer sends, that this package can explain. It is logged in words, once for each
 * container. `docs/errors.md` has cause and cure of each.
 */
export type MistakeCode =
  | 'plan_not_found'
  | 'agent_not_found'
  | 'agent_without_plan'
  | 'key_refused'
  | 'key_of_other_environment'
  | 'backend_unreachable'
  | 'backend_not_nevermined'
  | 'facilitator_unreachable'
  | 'facilitator_not_x402'
  | 'facilitator_key_refused'
  | 'kind_not_supported'
  | 'http_library_missing'
  | 'clock_off'
  | 'payment_unreadable'
  | 'payment_in_wrong_place'
  | 'challenge_sent_back'
  | 'payment_for_another_offer'

/** A mistake in words. It holds no key, no token and no payment, so it is safe to log. */
export interface Mistake {
  /** Which mistake it is. */
  readonly code: MistakeCode
  /** The option, or the place in a call, that is wrong, e.g. `planId`. */
  readonly field: string
  /** What is wrong, with the value that was given: a clause without a full stop. */
  readonly problem: string
  /** What was expected: a noun with what belongs to it. */
  readonly expected: string
  /** What to do: one or several sentences. */
  readonly cure: string
}

/** The mistake as one text: where it is, what is wrong, what was expected, and what to do. */
export function inWords({ field, problem, expected, cure }: Mistake): string {
  return `${field}: ${problem}. Expected ${expected}. ${cure}`
}
