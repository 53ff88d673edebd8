import type { ReasonRow } from './text.js'

export const BUG = 'Report it to the makers of the client that the buyer uses.'

/** Reasons of facilitators on Solana. */
export const SOLANA_REASONS: readonly ReasonRow[] = [
  {
    reasons: [
      'invalid_exact_svm_payload_transaction',
      'invalid_exact_svm_payload_transaction_instructions',
      'invalid_exact_svm_payload_transaction_instructions_length',
      'invalid_exact_svm_payload_transaction_instructions_compute_limit_instruction',
      'invalid_exact_svm_payload_transaction_instructions_compute_price_instruction',
      'invalid_exact_svm_payload_transaction_instructions_compute_price_instruction_too_high',
      'invalid_exact_svm_payload_transaction_instruction_not_spl_token_transfer_checked',
      'invalid_exact_svm_payload_transaction_instruction_not_token_2022_transfer_checked',
      'invalid_exact_svm_payload_transaction_not_a_transfer_instruction',
      'invalid_exact_svm_payload_transaction_create_ata_instruction',
      'invalid_exact_svm_payload_transaction_create_ata_instruction_incorrect_asset',
      'invalid_exact_svm_payload_transaction_create_ata_instruction_incorrect_payee',
      'invalid_exact_svm_payload_transaction_cannot_derive_receiver_ata',
      'invalid_exact_svm_payload_transaction_receiver_ata_not_found',
      'invalid_exact_svm_payload_transaction_transfer_to_incorrect_ata',
      'invalid_exact_svm_payload_transaction_fee_payer_included_in_instruction_accounts',
      'invalid_exact_svm_payload_transaction_fee_payer_transferring_funds',
    ],
    cause: 'Solana: the transaction is not the plain transfer that was asked for.',
    cure: BUG,
  },
  {
    reasons: [
      'invalid_exact_solana_payload_transaction',
      'invalid_exact_solana_payload_transaction_could_not_be_decoded',
      'invalid_exact_solana_payload_transaction_instructions_length',
      'invalid_exact_solana_payload_transaction_instructions_compute_limit_instruction',
      'invalid_exact_solana_payload_transaction_instructions_compute_price_instruction',
      'invalid_exact_solana_payload_transaction_instructions_compute_price_instruction_too_high',
      'invalid_exact_solana_payload_no_transfer_instruction',
      'invalid_exact_solana_payload_unknown_fourth_instruction',
      'invalid_exact_solana_payload_unknown_fifth_instruction',
      'invalid_exact_solana_payload_unknown_sixth_instruction',
      'invalid_exact_solana_payload_memo_count',
      'invalid_exact_solana_payload_memo_mismatch',
      'invalid_exact_solana_payload_transaction_fee_payer_transferring_funds',
    ],
    cause:
      'Solana, by the newer names: the transaction is not the plain transfer that was asked for.',
    cure: BUG,
  },
  {
    reasons: [
      'invalid_exact_solana_fee_payer_mismatch',
      'invalid_exact_solana_fee_payer_not_managed_by_facilitator',
      'invalid_exact_solana_invalid_fee_payer',
      'invalid_exact_solana_payload_missing_fee_payer',
    ],
    cause: 'Solana: the transaction has another fee payer than the facilitator.',
    cure: 'Check `extra.feePayer` of the price. Payments of one price need one facilitator.',
  },
]
