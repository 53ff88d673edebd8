import type { PaymentRecord } from '../../seller/options/payment-record.js'
import { type Item, SCHEMA, numberIn } from '../item.js'
import { recordOf } from '../record-item.js'
import type { Sealer } from '../sealer.js'
import { TTL_ATTRIBUTE } from '../table.js'

/** A payment as an operator may see it, without the table's secret. */
export interface SeenPayment {
  readonly record: PaymentRecord
  /** Whether the table still has the signed payment. `undefined` if it was not asked for. */
  readonly hasPayment: boolean | undefined
  /** Whether the table was given an answer to keep. `undefined` if it was not asked for. */
  readonly hasAnswer: boolean | undefined
  /** When DynamoDB may delete the record. `undefined` if it stays. Unit: ms since the epoch. */
  readonly deletedAt: number | undefined
}

/** Leaves out what is encrypted. So an operator needs no secret, and none can be printed. */
export const CLOSED_SEALER: Sealer = {
  seal: () => {
    throw new Error('an operator encrypts nothing')
  },
  open: () => Buffer.from('{}'),
}

/** The attributes of a record that lists, reports and exports read. */
export const READ_ATTRIBUTES: readonly string[] = [
  ...[
    'pk',
    'kind',
    'schema',
    'state',
    'version',
    'owner',
    'leaseUntil',
    'expiresAt',
    'isDelivered',
  ],
  ...['isDisputed', 'wasTakenOver', 'wasUsedBefore', 'asked', 'settlement', 'refund'],
  ...['isRefundReported', 'transaction', 'settlementId', 'sold', 'createdAt', 'changedAt'],
  ...['attempts', 'nextAttemptAt', 'code', TTL_ATTRIBUTE],
]

/** Whether a later version of this package wrote the item. */
export function isNewer(item: Item): boolean {
  return numberIn(item, 'schema') > SCHEMA
}

/** @param isWhole whether the item was read with every attribute. */
export function seenPayment(item: Item, isWhole: boolean): SeenPayment {
  const seconds = numberIn(item, TTL_ATTRIBUTE)
  return {
    record: recordOf(item, CLOSED_SEALER),
    hasPayment: isWhole ? item['payment'] !== undefined : undefined,
    hasAnswer: isWhole ? item['answerId'] !== undefined : undefined,
    deletedAt: seconds === 0 ? undefined : seconds * 1_000,
  }
}
