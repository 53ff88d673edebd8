import type { PaymentRecord } from '../options/payment-record.js'

/** What one write changes. */
export type Change = Partial<
  Omit<PaymentRecord, 'key' | 'alias' | 'payloadHash' | 'fingerprint' | 'version'>
>

/** The next version of a record. Every member is named: V8 is many times slower at adding members to a copy. */
export function changedRecord(seen: PaymentRecord, change: Change, nowMs: number): PaymentRecord {
  const of = <Name extends keyof Change>(name: Name): PaymentRecord[Name] =>
    change[name] ?? seen[name]
  return {
    key: seen.key,
    alias: seen.alias,
    payloadHash: seen.payloadHash,
    fingerprint: seen.fingerprint,
    version: seen.version + 1,
    state: of('state'),
    owner: of('owner'),
    leaseUntil: of('leaseUntil'),
    expiresAt: of('expiresAt'),
    isDelivered: of('isDelivered'),
    isDisputed: of('isDisputed'),
    wasTakenOver: of('wasTakenOver'),
    wasUsedBefore: of('wasUsedBefore'),
    asked: of('asked'),
    settlement: of('settlement'),
    refund: of('refund'),
    isRefundReported: of('isRefundReported'),
    transaction: of('transaction'),
    settlementId: of('settlementId'),
    sold: seen.sold,
    createdAt: seen.createdAt,
    changedAt: nowMs,
    attempts: of('attempts'),
    nextAttemptAt: of('nextAttemptAt'),
    code: of('code'),
  }
}
