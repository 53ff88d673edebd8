import { sameId } from '../../wire/amounts.js'
import { caip2 } from '../../wire/networks.js'
import { payerOf } from '../../wire/payment-key.js'
import { SettleResponseSchema, type SettleResponse } from '../../wire/x402.js'
import type { SettleablePayment, Settlement } from './payment.js'
import { UNREADABLE, refused, wholeIn, type SettleFailure } from './rail.js'

/**
 * Settled is what names a transaction, on our network, of the payer who signed, for no more than was asked.
 *
 * @param network the seller's own, in CAIP-2 form.
 */
export function readAssetSettlement(
  answer: unknown,
  payment: SettleablePayment,
  amount: bigint,
  network: string,
): Settlement | SettleFailure {
  const parsed = SettleResponseSchema.safeParse(answer)
  if (!parsed.success) return UNREADABLE
  const settled = parsed.data
  if (!settled.success) return failureOf(settled, payment)
  const payload = payment.payload ?? {}
  const payer = payerOf(payload)
  const charged = wholeIn(settled.amount) ?? amount
  const isOurs =
    Boolean(settled.transaction) &&
    (!settled.network || caip2(settled.network) === network) &&
    (!settled.payer || payer === undefined || sameId(settled.payer, payer)) &&
    charged <= amount
  if (!isOurs) return { ...UNREADABLE, transaction: named(settled.transaction) }
  const ours = { ...settled, network, amount: charged.toString() }
  return { settled: ours, creditsUsed: 0n, inV1: payload['x402Version'] === 1 }
}

/**
 * `settlement_pending` was sent and not yet seen. A nonce that is used although it was not at verify was used
 * by somebody: by a race of the buyer's own, or by anyone who sent the signature in, and then we are paid.
 *
 * @see https://eips.ethereum.org/EIPS/eip-3009#security-considerations
 */
function failureOf(
  { errorReason, transaction }: SettleResponse,
  { verification }: SettleablePayment,
): SettleFailure {
  if (errorReason === 'settlement_pending') {
    return { ...UNREADABLE, code: 'settlement_pending', transaction: named(transaction) }
  }
  const wasUnused = verification !== undefined
  if (wasUnused && isNonceUsed(errorReason)) return { ...UNREADABLE, code: 'nonce_used' }
  return transaction || mayHaveBeenSent(errorReason)
    ? { ...UNREADABLE, code: 'settlement_unknown', transaction: named(transaction) }
    : refused(errorReason)
}

/** It is shown to the buyer: no prose of a facilitator's. */
function named(transaction: SettleResponse['transaction']): string | undefined {
  return transaction && /^[\w-]{1,128}$/.test(transaction) ? transaction : undefined
}

/** Names have drifted between releases: `…_nonce_already_used`, `permit2_invalid_nonce`. */
function isNonceUsed(reason: SettleResponse['errorReason']): boolean {
  return typeof reason === 'string' && /nonce(_already)?_used|invalid_nonce/.test(reason)
}

/**
 * Sent and reverted, where the same race is lost or the money is gone since; or sent, and how it ended was not
 * seen. Named by `@x402/evm`, by the specification, and by the facilitator of Coinbase.
 */
function mayHaveBeenSent(reason: SettleResponse['errorReason']): boolean {
  return typeof reason === 'string' && SENT.test(reason)
}

const SENT =
  /transaction_failed|transfer_event_mismatch|unexpected_settle_error|invalid_transaction_state|time(d[ _]?)?out|failed_onchain|node_failure/i
