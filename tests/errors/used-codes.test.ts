import { expect, test } from '@jest/globals'
import { spentState, type SpentState } from '../../src/errors/used-codes.js'

const CODES: Readonly<Record<SpentState, readonly unknown[]>> = {
  used: [
    // Nevermined
    'BCK.X402.0059',
    // @x402/evm, its older releases and version 1
    'invalid_exact_evm_nonce_already_used',
    'invalid_exact_evm_payload_authorization_nonce_used',
    'nonce_already_used',
    'nonce_used',
    'nonce_reused',
    'authorization_already_used',
    'authorization_used_or_canceled',
    'FiatTokenV2: authorization is used or canceled',
    // Permit2
    'permit2_invalid_nonce',
    'invalid_exact_evm_permit2_payload_nonce',
    'invalid_permit2_nonce',
    // Solana
    'duplicate_settlement',
    'invalid_exact_svm_duplicate_transaction',
    'transaction_already_processed',
    'AlreadyProcessed',
    'This transaction has already been processed',
    // written in other ways
    'NonceAlreadyUsed',
    'nonce-already-used',
    'payment_has_already_been_used',
    'already_settled',
    'already_redeemed',
    'payment_already_settled',
    'payment_replay',
    'replay_detected',
    'token_spent',
    'double_spend',
  ],
  ambiguous: [
    'invalid_exact_evm_transaction_simulation_failed',
    'invalid_exact_svm_payload_transaction_simulation_failed',
    'transaction_simulation_failed',
    'permit2_simulation_failed',
    'Transaction simulation failed: custom program error',
    'invalid_transaction_state',
    'invalid_exact_evm_transaction_failed',
    'invalid_upto_evm_transaction_failed',
    'invalid_exact_evm_transfer_event_mismatch',
    'execution reverted',
    'invalid_nonce',
    'already_known',
    'settlement_pending',
    'unexpected_verify_error',
    'unexpected_settle_error',
    'settle_exact_failed_onchain',
    'settle_exact_node_failure',
    // Coinbase
    'invalid_exact_evm_failed_to_execute_transfer',
    'invalid_exact_evm_failed_to_get_receipt',
    'invalid_exact_evm_transaction_state',
    'unknown_error',
    'unknown_settlement_error',
    'settle_exact_evm_transaction_confirmation_timed_out',
    'settle_exact_svm_block_height_exceeded',
    'invalid_exact_solana_transaction_confirmation_failed',
    'timeout',
  ],
  other: [
    'insufficient_funds',
    'invalid_exact_evm_insufficient_balance',
    'invalid_exact_evm_payload_signature',
    'invalid_exact_evm_payload_authorization_valid_before',
    'invalid_exact_evm_payload_authorization_value_mismatch',
    'invalid_exact_evm_missing_eip712_domain',
    'invalid_exact_evm_failed_to_get_balance',
    'invalid_exact_evm_failed_to_check_nonce',
    'permit2_allowance_required',
    'permit2_deadline_expired',
    'invalid_scheme',
    'unsupported_scheme',
    'extension_echo_mismatch',
    'credential_bound_elsewhere',
    'registration_required',
    'nonce_unused',
    'payment_required',
    'Auto-order reverted',
    'BCK.X402.0005',
    'BCK.X402.0049',
    'BCK.X402.00590',
    'BCK.CREDITS.0003',
    '',
    undefined,
    null,
    59,
    { errorReason: 'nonce_used' },
  ],
}

const rows = Object.entries(CODES).flatMap(([state, codes]) =>
  codes.map((code): [unknown, string] => [code, state]),
)

test.each(rows)('the code %p of a refusal counts as %s', (code, state) => {
  expect(spentState(code)).toBe(state)
})

test('a long text of a facilitator is read in linear time', () => {
  const started = performance.now()
  for (const text of ['nonce_already_', '_has_been', 'permit2_a_', 'aA', '_']) {
    expect(spentState(text.repeat(1_000_000 / text.length))).not.toBe('used')
  }
  expect(performance.now() - started).toBeLessThan(200)
})
