import { sameId } from '../../wire/amounts.js'
import { caip2 } from '../../wire/networks.js'
import type { FacilitatorFailure } from '../../errors/facilitator-failure.js'
import { publicReason } from '../../errors/redact.js'
import type { Settleable, Settlement } from './payment.js'
import { payerOf } from '../../wire/payment-key.js'
import { SettleResponseSchema, decodeHeader, type SettleResponse } from '../../wire/x402.js'

/** A settle that did not come to a settlement. */
export interface SettleFailure extends FacilitatorFailure {
  reason?: string | undefined
  /** Of a settlement that was sent and not confirmed. */
  transaction?: string | undefined
  cause?: unknown
}

const UNREADABLE: SettleFailure = {
  code: 'unreadable_answer',
  httpStatus: 200,
  retryable: false,
  outcome: 'unknown',
}

/** `success: true` alone proves nothing: a redemption, a charge or an order must be named. */
export function readPlanSettlement(answer: unknown): Settlement | SettleFailure {
  const parsed = SettleResponseSchema.safeParse(answer)
  if (!parsed.success) return UNREADABLE
  const settled = parsed.data
  if (!settled.success) return refused(settled)
  const creditsUsed = digits(settled.creditsRedeemed)
  if (creditsUsed !== undefined && creditsUsed > 0n) return { settled, creditsUsed, inV1: false }
  // Pay-as-you-go charges money and redeems no credits; older answers do not name the billing model.
  const charged = settled.orderTx || (settled.billingModel !== 'credits' && settled.transaction)
  if (charged) return { settled, creditsUsed: creditsUsed ?? 0n, inV1: false }
  return creditsUsed === undefined
    ? UNREADABLE
    : refused({ success: false, errorReason: 'nothing was redeemed' })
}

/**
 * Settled is what names a transaction, on our network, of the payer who signed, for no more than was asked.
 *
 * `settlement_pending` was sent and not yet seen. A nonce that is used although it was not at verify was used
 * by somebody: by a race of the buyer's own, or by anyone who sent the signature in, and then we are paid.
 *
 * @see https://eips.ethereum.org/EIPS/eip-3009#security-considerations
 */
export function readAssetSettlement(
  answer: unknown,
  { terms, token, verification }: Settleable,
  amount: bigint,
): Settlement | SettleFailure {
  const parsed = SettleResponseSchema.safeParse(answer)
  if (!parsed.success || terms.kind !== 'asset') return UNREADABLE
  const { requirements } = terms
  const settled = parsed.data
  if (!settled.success) {
    const { errorReason, transaction } = settled
    if (errorReason === 'settlement_pending') {
      return { ...UNREADABLE, code: 'settlement_pending', transaction: named(transaction) }
    }
    const wasUnused = verification !== undefined
    if (wasUnused && isNonceUsed(errorReason)) return { ...UNREADABLE, code: 'nonce_used' }
    return transaction || mayHaveBeenSent(errorReason)
      ? { ...UNREADABLE, code: 'settlement_unknown', transaction: named(transaction) }
      : refused(settled)
  }
  const payload = decodeHeader(token) ?? {}
  const payer = payerOf(payload)
  const charged = digits(settled.amount) ?? amount
  const isOurs =
    Boolean(settled.transaction) &&
    (!settled.network || caip2(settled.network) === requirements.network) &&
    (!settled.payer || payer === undefined || sameId(settled.payer, payer)) &&
    charged <= amount
  if (!isOurs) return { ...UNREADABLE, transaction: named(settled.transaction) }
  const ours = { ...settled, network: requirements.network, amount: charged.toString() }
  return { settled: ours, creditsUsed: 0n, inV1: payload['x402Version'] === 1 }
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

function refused({ errorReason }: Pick<SettleResponse, 'success' | 'errorReason'>): SettleFailure {
  return {
    code: 'settlement_refused',
    httpStatus: 200,
    retryable: false,
    outcome: 'refused',
    reason: publicReason(errorReason) ?? 'settlement refused',
  }
}

/** The API writes decimal strings; a number is taken too. */
function digits(value: SettleResponse['creditsRedeemed']): bigint | undefined {
  const text = String(value ?? '')
  return /^\d+$/.test(text) ? BigInt(text) : undefined
}
