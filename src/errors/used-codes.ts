/**
 * What a facilitator's refusal says about the use of a payment:
 * - `used`: the payment was settled or cancelled before, or its settlement is under way. The code does not
 *   say by whom, and whether it paid for this call.
 * - `ambiguous`: the payment may be used. Facilitators give such codes for a used nonce, among other causes.
 * - `other`: the code says nothing about a use.
 *
 * `other` is no proof that the payment is unused. After an attempt of ours whose outcome is unknown, the
 * outcome stays unknown.
 */
export type SpentState = 'used' | 'ambiguous' | 'other'

/**
 * Classifies the reason of a refused verify or settle, or the code of its error. Codes differ between
 * releases and facilitators, so words are compared, and not whole codes.
 * `invalid_exact_evm_nonce_already_used`, `permit2_invalid_nonce`, `NonceAlreadyUsed` and
 * `authorization is used or canceled` mean the same.
 *
 * Give the reason as the facilitator wrote it: `publicReason` hides some.
 *
 * @see https://github.com/coinbase/x402/blob/main/specs/x402-specification-v2.md
 */
export function spentState(code: unknown): SpentState {
  if (typeof code !== 'string') return 'other'
  if (NEVERMINED_USED.has(code.trim())) return 'used'
  const words = wordsOf(code.slice(0, MAX_CHARS))
  if (USED.test(words)) return 'used'
  return AMBIGUOUS.test(words) ? 'ambiguous' : 'other'
}

/** This is Nevermined's only code that speaks of a use: the single-use (version 3) token is spent. */
const NEVERMINED_USED: ReadonlySet<string> = new Set(['BCK.X402.0059'])

/** Codes are shorter. Some facilitators write a sentence. Unit: characters. */
const MAX_CHARS = 300

/** Turns `NonceAlreadyUsed`, `nonce-already-used` and `Nonce already used` into `_nonce_already_used_`. */
function wordsOf(code: string): string {
  const snake = code.replace(/([a-z\d])(?=[A-Z])/g, '$1_').toLowerCase()
  return `_${snake.replace(/[^a-z\d]+/g, '_')}_`
}

/** Names of the thing that is used up: the payment, or what makes it unique. */
const WHAT =
  '_(nonce|authori[sz]ation|payment|signature|token|credential|transaction|permit|voucher)'
const LINK = '(_(is|was|were|has|have|been|already|previously)){0,4}'
const DONE =
  '_(used|reused|consumed|spent|settled|redeemed|replayed|processed|executed|paid|claimed|seen)_'

const USED = new RegExp(
  [
    WHAT + LINK + DONE,
    `_already(_(been|is|was))?${DONE}`,
    // The Permit2 contract says `InvalidNonce()` if a nonce is used.
    '_permit2(_[a-z]+){0,3}_invalid_nonce_',
    '_invalid(_[a-z]+){0,2}_permit2(_[a-z]+){0,2}_nonce_',
    '_duplicate_(settlement|payment|transaction|nonce|authori[sz]ation|request|signature)_',
    '_(reused|replayed|duplicated?)_(nonce|payment|authori[sz]ation|transaction|signature)_',
    '_(payment|nonce|transaction|settlement)_(replay|reuse)_|_replay_(detected|attack)_',
    '_double_spen[dt]',
  ].join('|'),
)

/**
 * A simulation or transaction that failed can have failed because the nonce is used. One that was not seen to
 * end can have succeeded. `invalid_transaction_state` is Circle's name for a reused authorization, and other
 * facilitators' name for a revert. A facilitator that could not send the
 * transaction, or get its receipt, may have sent it.
 */
const AMBIGUOUS =
  /_simulation_(failed|failure|error|reverted)_|_simulat(e|ion)_|_failed_simulation_|_transaction_state_|_transaction_(failed|reverted|rejected)_|_(execution|call)_reverted_|_failed_on_?chain_|_transfer_event_mismatch_|_gas_estimation_|_estimate_gas_|_invalid_nonce_|_nonce_invalid_|_nonce_too_low_|_already_known_|_settlement_pending_|_unexpected_(settle|verify)_error_|_node_failure_|_tim(ed|e)_?out_|_block_height_exceeded_|_confirmation_failed_|_failed_to_(execute_transfer|get_receipt)_|_unknown_(settlement_)?error_/
