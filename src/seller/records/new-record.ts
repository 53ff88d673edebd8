import type { PaymentRecord } from '../options/payment-record.js'
import type { Entry } from './entry.js'
import type { Identity } from './identity.js'

/** The record of a new payment. */
export function newRecord(
  { key, alias, payloadHash, fingerprint, expiresAt }: Identity,
  { owner, leaseMs }: Pick<Entry, 'owner' | 'leaseMs'>,
  sold: PaymentRecord['sold'],
  nowMs: number,
): PaymentRecord {
  return {
    key,
    alias,
    payloadHash,
    fingerprint,
    version: 1,
    state: 'unverified',
    owner,
    leaseUntil: nowMs + leaseMs,
    expiresAt,
    isDelivered: false,
    isDisputed: false,
    wasTakenOver: false,
    wasUsedBefore: false,
    asked: undefined,
    settlement: undefined,
    refund: undefined,
    isRefundReported: false,
    transaction: undefined,
    settlementId: undefined,
    sold,
    createdAt: nowMs,
    changedAt: nowMs,
    attempts: 0,
    nextAttemptAt: 0,
    code: undefined,
  }
}
