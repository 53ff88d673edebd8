import { BUG, SOLANA_REASONS } from './solana-reasons.js'
import type { ReasonRow } from './text.js'

const SIGN_AGAIN = 'The buyer signs a new payment, with one of the official clients.'
const NEWEST = 'The buyer pays the newest challenge.'
const SELLER = 'Check `network`, `scheme` and `price`, and what the facilitator serves.'
const WAIT = 'The facilitator had trouble. The buyer comes back with the same payment.'

/**
 * Reasons that `@x402/evm`, x402 v1 and the facilitator of Coinbase (CDP) give to refuse `exact` and `upto`.
 * Names drift between releases: what we do is decided by their words, not by this list.
 *
 * @see https://github.com/coinbase/x402/blob/main/specs/x402-specification-v2.md
 */
export const FACILITATOR_REASONS: readonly ReasonRow[] = [
  {
    reasons: [
      'insufficient_funds',
      'invalid_exact_evm_insufficient_balance',
      'invalid_exact_evm_insufficient_funds',
      'permit2_insufficient_balance',
      'invalid_exact_svm_payload_transaction_sender_ata_not_found',
    ],
    cause: 'The wallet of the buyer holds too little of the asset.',
    cure: 'The buyer funds the wallet.',
  },
  {
    reasons: ['erc20_approval_insufficient_eth_for_gas'],
    cause: 'The wallet of the buyer holds too little to pay for gas.',
    cure: 'The buyer funds the wallet with the coin of the chain.',
  },
  {
    reasons: [
      'invalid_exact_evm_authorization_value',
      'invalid_exact_evm_payload_authorization_value',
      'invalid_exact_evm_payload_authorization_value_mismatch',
      'invalid_exact_evm_payload_authorization_value_too_low',
      'invalid_exact_evm_permit2_payload_amount',
      'permit2_amount_mismatch',
      'permit2_invalid_amount',
      'permit2_2612_amount_mismatch',
      'upto_amount_exceeds_permitted',
      'invalid_exact_svm_payload_transaction_amount_mismatch',
      'invalid_exact_solana_payload_amount_insufficient',
    ],
    cause: 'The payment is signed for another amount than asked.',
    cure: NEWEST,
  },
  {
    reasons: ['amount_too_low', 'invalid_amount', 'invalid_exact_evm_required_amount'],
    cause: 'The facilitator does not take the amount that the seller asks for.',
    cure: 'Check `price`: the facilitator may have a minimum.',
  },
  {
    reasons: ['invalid_upto_evm_payload_settlement_exceeds_amount'],
    cause: 'The seller charges more than the buyer signed.',
    cure: 'Check what the handler gives as `_meta.amountToCharge`.',
  },
  {
    reasons: [
      'invalid_exact_evm_payload_recipient_mismatch',
      'invalid_exact_evm_recipient_mismatch',
      'invalid_exact_evm_permit2_payload_recipient',
      'invalid_permit2_recipient_mismatch',
      'permit2_invalid_destination',
      'invalid_exact_solana_payload_recipient_mismatch',
    ],
    cause: 'The payment is signed for another address than `payTo`.',
    cure: NEWEST,
  },
  {
    reasons: [
      'invalid_exact_evm_network_mismatch',
      'invalid_upto_evm_network_mismatch',
      'invalid_exact_solana_network_mismatch',
      'permit2_token_mismatch',
      'invalid_exact_solana_payload_mint_mismatch',
    ],
    cause: 'The payment is signed for another network or asset than asked.',
    cure: NEWEST,
  },
  {
    reasons: [
      'invalid_exact_evm_payload_authorization_valid_before',
      'invalid_exact_evm_permit2_payload_deadline',
      'permit2_deadline_expired',
      'payment_expired',
    ],
    cause: 'The payment is expired, or will be before it can be settled.',
    cure: 'The buyer signs a new payment. Set `maxTimeoutSeconds` higher if it is frequent.',
  },
  {
    reasons: [
      'invalid_exact_evm_payload_authorization_valid_after',
      'invalid_exact_evm_permit2_payload_valid_after',
      'permit2_not_yet_valid',
      'permit2_payment_too_early',
    ],
    cause: 'The payment is not valid yet.',
    cure: "Compare the clocks of the buyer and the chain. Wait for the chain's next block.",
  },
  {
    reasons: [
      'invalid_exact_evm_signature',
      'invalid_exact_evm_signature_format',
      'invalid_exact_evm_failed_to_parse_signature',
      'invalid_exact_evm_payload_signature',
      'invalid_exact_evm_payload_missing_signature',
      'invalid_exact_evm_payload_signature_address',
      'invalid_exact_evm_payload_authorization_typed_data_message',
      'invalid_exact_evm_permit2_payload_signature',
      'invalid_permit2_signature',
      'permit2_invalid_owner',
    ],
    cause: 'The signature is bad, or of another address than the payer.',
    cure: SIGN_AGAIN,
  },
  {
    reasons: [
      'invalid_exact_evm_missing_eip712_domain',
      'invalid_exact_evm_token_name_mismatch',
      'invalid_exact_evm_token_version_mismatch',
    ],
    cause: 'Name or version of the token (`extra`) is missing or wrong.',
    cure: 'Give `extra: { name, version }` with the price, as the contract of the token has them.',
  },
  {
    reasons: [
      'invalid_exact_evm_eip3009_not_supported',
      'asset_not_deployed_contract',
      'invalid_exact_evm_failed_to_get_network_config',
    ],
    cause: 'The asset is no contract on this network, or cannot be paid by EIP-3009.',
    cure: 'Check `asset` and `network` of the price.',
  },
  {
    reasons: [
      'invalid_scheme',
      'unsupported_scheme',
      'invalid_network',
      'invalid_x402_version',
      'invalid_exact_evm_scheme',
      'invalid_exact_evm_unsupported_scheme',
      'invalid_upto_evm_scheme',
      'invalid_exact_solana_unsupported_scheme',
      'unsupported_payload_type',
      'unsupported_payment_flow',
      'unsupported_asset_transfer_method',
      'permit2_disabled',
    ],
    cause: 'The facilitator does not serve this scheme, network, version or way to pay.',
    cure: SELLER,
  },
  {
    reasons: [
      'invalid_payload',
      'invalid_payment',
      'invalid_payment_requirements',
      'invalid_exact_evm_payload',
      'invalid_exact_evm_extra_field',
      'invalid_exact_solana_extra_field',
      'invalid_bazaar_extension',
      'preflight_validation_failed',
    ],
    cause: 'The facilitator cannot read the payment, or what it is for.',
    cure: "Look at the facilitator's own message. The log has the correlation id.",
  },
  {
    reasons: [
      'permit2_allowance_required',
      'invalid_exact_evm_permit2_payload_allowance_required',
      'permit2_proxy_not_deployed',
      'invalid_exact_evm_permit2_payload_spender',
      'invalid_permit2_spender',
    ],
    cause: 'Permit2 may not move the token of the buyer, or the permission is for another spender.',
    cure: 'The buyer approves Permit2 for this token. `PaymentManager` has `permit2AllowanceLimit`.',
  },
  {
    reasons: [
      'invalid_erc20_approval_extension_format',
      'erc20_approval_asset_mismatch',
      'erc20_approval_from_mismatch',
      'erc20_approval_spender_not_permit2',
      'erc20_approval_tx_invalid_calldata',
      'erc20_approval_tx_invalid_signature',
      'erc20_approval_tx_parse_failed',
      'erc20_approval_tx_signer_mismatch',
      'erc20_approval_tx_wrong_selector',
      'erc20_approval_tx_wrong_spender',
      'erc20_approval_tx_wrong_target',
    ],
    cause: 'The approval that the buyer sent for Permit2 is not good.',
    cure: BUG,
  },
  {
    reasons: ['erc20_approval_broadcast_failed', 'erc20_approval_tx_failed'],
    cause: 'The approval for Permit2 failed on the chain.',
    cure: 'The buyer looks at the funds for gas, and signs again.',
  },
  {
    reasons: [
      'invalid_eip2612_extension_format',
      'eip2612_asset_mismatch',
      'eip2612_deadline_expired',
      'eip2612_from_mismatch',
      'eip2612_spender_not_permit2',
    ],
    cause: 'The permit (EIP-2612) that the buyer signed for Permit2 is not good.',
    cure: SIGN_AGAIN,
  },
  {
    reasons: ['upto_facilitator_mismatch', 'upto_unauthorized_facilitator'],
    cause: 'The payment names another facilitator than the one that settles.',
    cure: 'Check `extra.facilitatorAddress` of the price. Payments of one price need one facilitator.',
  },
  {
    reasons: [
      'invalid_exact_evm_payload_undeployed_smart_wallet',
      'smart_wallet_deployment_failed',
      'eip6492_factory_not_allowed',
      'invalid_exact_evm_failed_to_check_deployment',
    ],
    cause: 'The smart wallet of the buyer is not deployed, or cannot be.',
    cure: 'The buyer deploys the wallet, or pays with another one.',
  },
  {
    reasons: [
      'invalid_exact_evm_payload_authorization_from_address_kyt',
      'invalid_exact_evm_payload_authorization_to_address_kyt',
      'kyt_risk_detected',
      'request_blocked_by_location',
      'self_send_not_allowed',
    ],
    cause: 'The facilitator may not serve these addresses or this place.',
    cure: 'Ask the facilitator. Take another address or facilitator.',
  },
  {
    reasons: ['credential_bound_elsewhere', 'registration_required'],
    cause: 'Circle: the payment was shown to another seller, or the seller has to register.',
    cure: 'The buyer signs a new payment, or you register at Circle.',
  },
  ...SOLANA_REASONS,
  {
    reasons: [
      'invalid_exact_evm_failed_to_check_nonce',
      'invalid_exact_evm_failed_to_get_balance',
      'invalid_exact_evm_failed_to_verify_signature',
      'invalid_exact_evm_verification_failed',
      'invalid_exact_solana_verification_failed',
      'invalid_exact_solana_transaction_signing_failed',
    ],
    cause: 'The facilitator could not check the payment.',
    cure: WAIT,
  },
  {
    reasons: [
      'invalid_exact_evm_failed_to_execute_transfer',
      'invalid_exact_evm_failed_to_get_receipt',
    ],
    cause: 'The facilitator could not send the transaction, or see its receipt.',
    cure: WAIT,
  },
  {
    reasons: [
      'invalid_exact_evm_transaction_simulation_failed',
      'invalid_exact_svm_payload_transaction_simulation_failed',
      'invalid_exact_solana_transaction_simulation_failed',
      'permit2_simulation_failed',
    ],
    cause:
      'The facilitator tried the transaction, and it would fail. A used payment fails like this.',
    cure: 'Look on the chain whether the payment is used. `rpcUrls` lets this package look.',
  },
  {
    reasons: [
      'invalid_exact_evm_transaction_failed',
      'invalid_exact_evm_transaction_state',
      'invalid_exact_evm_transfer_event_mismatch',
      'invalid_exact_solana_transaction_failed',
      'invalid_upto_evm_transaction_failed',
      'invalid_transaction_state',
      'settle_exact_failed_onchain',
    ],
    cause: 'The transaction failed on the chain, or a used payment was sent again.',
    cure: 'Look on the chain whether the payment is used. `rpcUrls` lets this package look.',
  },
  {
    reasons: [
      'settlement_pending',
      'settle_exact_evm_transaction_confirmation_timed_out',
      'settle_exact_svm_transaction_confirmation_timed_out',
      'settle_exact_svm_block_height_exceeded',
      'invalid_exact_solana_transaction_confirmation_failed',
    ],
    cause: 'The transaction was sent, and the facilitator did not see it confirmed.',
    cure: 'Wait, and look for the transaction. The same payment again asks, too.',
  },
  {
    reasons: [
      'settle_exact_node_failure',
      'unexpected_settle_error',
      'unexpected_verify_error',
      'unknown_error',
      'unknown_settlement_error',
    ],
    cause: 'The facilitator failed, perhaps after it sent the transaction.',
    cure: WAIT,
  },
  {
    reasons: [
      'invalid_exact_evm_nonce_already_used',
      'permit2_invalid_nonce',
      'duplicate_settlement',
    ],
    cause: 'The payment is used. By which call, the code does not say.',
    cure: 'Look on the chain. `rpcUrls` lets this package look.',
  },
]
