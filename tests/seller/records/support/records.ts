import type { PaymentRecord } from '../../../../src/seller/options/payment-record.js'

/** The time at which the tests of stores begin. Unit: ms since the epoch. */
export const START_MS = Date.UTC(2026, 6, 1, 10)
export const HOUR_MS = 3_600_000

/** The record of a payment whose work has just begun. */
export function recordOf(key: string, more: Partial<PaymentRecord> = {}): PaymentRecord {
  return {
    key,
    alias: undefined,
    payloadHash: `payload of ${key}`,
    fingerprint: `call of ${key}`,
    state: 'claimed',
    version: 1,
    owner: `owner of ${key}`,
    leaseUntil: START_MS + 60_000,
    expiresAt: START_MS + HOUR_MS,
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
    sold: undefined,
    createdAt: START_MS,
    changedAt: START_MS,
    attempts: 0,
    nextAttemptAt: 0,
    code: undefined,
    ...more,
  }
}

/** The next version of a record. */
export function nextOf(seen: PaymentRecord, more: Partial<PaymentRecord> = {}): PaymentRecord {
  return { ...seen, version: seen.version + 1, ...more }
}
