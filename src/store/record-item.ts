import type { RefundDue } from '../seller/options/payment-events.js'
import type { KeptPayment, PaymentRecord, Settlement } from '../seller/options/payment-record.js'
import { type Item, SCHEMA, numberIn, numbers, requireKnown, texts, ttl } from './item.js'
import { sealPayment } from './kept-payment.js'
import type { Sealer } from './sealer.js'
import { DUE_SHARDS, SHARDS, TTL_ATTRIBUTE } from './table.js'

/** How items are written. */
export interface ItemOptions {
  readonly sealer: Sealer
  /** How long a closed record stays in the table after it expired. Unit: ms. */
  readonly keepClosedMs: number
}

/** What makes one write different from every other. */
export interface Write {
  readonly writeId: string
  /** The write that brought the kept answer. `undefined` changes nothing. */
  readonly answerId?: string | undefined
  /** The signed payment to keep. `undefined` changes nothing. */
  readonly payment?: KeptPayment | undefined
}

/**
 * Makes an item of a record. The seller's operator may see everything in it. What a facilitator says beyond the
 * receipt is encrypted.
 */
export function recordItem(
  record: PaymentRecord,
  { writeId, answerId, payment }: Write,
  { sealer, keepClosedMs }: ItemOptions,
): Item {
  const { settlement } = record
  const [receipt, rest] = settlement === undefined ? [] : split(settlement.settled)
  const sealed = rest && sealer.seal(Buffer.from(JSON.stringify(rest)), record.key)
  const kept = settlement && {
    settled: receipt,
    creditsUsed: settlement.creditsUsed.toString(),
    inV1: settlement.inV1,
  }
  return {
    pk: { S: record.key },
    ...texts({
      kind: 'payment',
      alias: record.alias,
      payloadHash: record.payloadHash,
      fingerprint: record.fingerprint,
      state: record.state,
      owner: record.owner,
      asked: json(record.asked),
      settlement: json(kept),
      refund: json(record.refund),
      transaction: record.transaction,
      settlementId: record.settlementId,
      writeId,
      answerId,
      keyId: sealed?.keyId,
      sold: json(record.sold),
      code: record.code,
    }),
    ...numbers({
      schema: SCHEMA,
      version: record.version,
      leaseUntil: record.leaseUntil,
      expiresAt: record.expiresAt,
      createdAt: record.createdAt,
      changedAt: record.changedAt,
    }),
    isDelivered: { BOOL: record.isDelivered },
    isDisputed: { BOOL: record.isDisputed },
    wasUsedBefore: { BOOL: record.wasUsedBefore },
    ...(record.wasTakenOver && { wasTakenOver: { BOOL: true } }),
    ...(record.refund && { isRefundReported: { BOOL: record.isRefundReported } }),
    ...(sealed && { sealed: { B: sealed.bytes } }),
    ...(payment && { payment: sealPayment(payment, record.key, sealer) }),
    ...(record.nextAttemptAt > 0 && attemptsOf(record)),
    ...endOf(record, keepClosedMs),
  }
}

/** Attributes that an item may lack. A write removes those that the record has no longer. */
export const OPTIONAL_ATTRIBUTES = [
  ...['asked', 'settlement', 'refund', 'isRefundReported', 'transaction', 'settlementId'],
  ...['keyId', 'sealed', 'attempts', 'nextAttemptAt', 'code'],
  ...['shard', 'dueAt', TTL_ATTRIBUTE],
]

/** Makes a record of an item. @throws PaymentUnavailableError if a later version of this package wrote it. */
export function recordOf(item: Item, sealer: Sealer): PaymentRecord {
  requireKnown(item)
  const text = (name: string): string | undefined => item[name]?.S
  const parsed = <T>(name: string): T | undefined => {
    const found = text(name)
    return found === undefined ? undefined : (JSON.parse(found) as T)
  }
  const key = text('pk') ?? ''
  return {
    key,
    alias: text('alias'),
    payloadHash: text('payloadHash') ?? '',
    fingerprint: text('fingerprint') ?? '',
    state: text('state') as PaymentRecord['state'],
    version: numberIn(item, 'version'),
    owner: text('owner') ?? '',
    leaseUntil: numberIn(item, 'leaseUntil'),
    expiresAt: numberIn(item, 'expiresAt'),
    isDelivered: item['isDelivered']?.BOOL === true,
    isDisputed: item['isDisputed']?.BOOL === true,
    wasTakenOver: item['wasTakenOver']?.BOOL === true,
    wasUsedBefore: item['wasUsedBefore']?.BOOL === true,
    asked: parsed('asked'),
    settlement: settlementIn(parsed('settlement'), item, sealer),
    ...refundIn(key, parsed('refund'), item),
    transaction: text('transaction'),
    settlementId: text('settlementId'),
    sold: parsed('sold'),
    createdAt: numberIn(item, 'createdAt'),
    changedAt: numberIn(item, 'changedAt'),
    attempts: numberIn(item, 'attempts'),
    nextAttemptAt: numberIn(item, 'nextAttemptAt'),
    code: text('code') as PaymentRecord['code'],
  }
}

/**
 * Reads the refund of a record. Older containers wrote no `isRefundReported`, and reported the refund at once. So it
 * is not reported again. It gets an id here, for `markRefunded`. The id begins with the key, like every other one.
 */
function refundIn(
  key: string,
  refund: (Omit<RefundDue, 'id'> & { id?: string }) | undefined,
  { isRefundReported }: Item,
): Pick<PaymentRecord, 'refund' | 'isRefundReported'> {
  if (refund === undefined) return { refund, isRefundReported: false }
  const { id = `${key}.0`, ...due } = refund
  return { refund: { id, ...due }, isRefundReported: isRefundReported?.BOOL ?? true }
}

/**
 * Says whether a record is in the index, and when it expires. The index has records that wait for the worker, or for a
 * person. Records that have ended expire, and so does work that was not charged. A refund that is due, and what may
 * have been charged, never expire.
 */
function endOf(record: PaymentRecord, keepClosedMs: number): Item {
  const { state, isDelivered, expiresAt } = record
  const isClosed = state === 'settled' ? isDelivered : CLOSED.has(state)
  return {
    ...placeInIndex(record, isClosed),
    ...((isClosed || UNCHARGED.has(state)) && ttl(expiresAt + keepClosedMs)),
  }
}

function placeInIndex(record: PaymentRecord, isClosed: boolean): Item {
  const { key, state, leaseUntil, nextAttemptAt, changedAt } = record
  const shard = shardOf(key)
  if (state === 'dead') return numbers({ shard: SHARDS.dead + shard, dueAt: changedAt })
  if (state === 'refund_due' && record.isRefundReported) {
    return numbers({ shard: SHARDS.refundsDue + shard, dueAt: changedAt })
  }
  if (isClosed) return {}
  return numbers({ shard: SHARDS.due + shard, dueAt: Math.max(leaseUntil, nextAttemptAt) })
}

const CLOSED: ReadonlySet<string> = new Set(['refused', 'refunded', 'dead'])
const UNCHARGED: ReadonlySet<string> = new Set(['unverified', 'claimed'])

/** Spreads the keys over the shards. Keys are hashes, so their characters are spread evenly. */
function shardOf(key: string): number {
  const sum = Buffer.from(key).reduce((hash, byte) => (hash * 31 + byte) >>> 0, 0)
  return sum % DUE_SHARDS
}

type Receipt = Settlement['settled']

/** The members of a receipt that everybody may see. */
const RECEIPT_FIELDS: ReadonlySet<string> = new Set([
  ...['success', 'payer', 'transaction', 'network', 'amount', 'creditsRedeemed', 'orderTx'],
  'billingModel',
])

/** @returns the receipt, and everything else that the facilitator said. */
function split(settled: Receipt): [Partial<Receipt>, Partial<Receipt>?] {
  const all = Object.entries(settled)
  const isReceipt = ([name]: [string, unknown]): boolean => RECEIPT_FIELDS.has(name)
  const rest = all.filter((one) => !isReceipt(one))
  const receipt = Object.fromEntries(all.filter(isReceipt))
  return rest.length === 0 ? [receipt] : [receipt, Object.fromEntries(rest)]
}

function settlementIn(
  kept: { settled: Receipt; creditsUsed: string; inV1: boolean } | undefined,
  item: Item,
  sealer: Sealer,
): Settlement | undefined {
  if (kept === undefined) return undefined
  const { sealed, keyId, pk } = item
  const rest =
    sealed?.B && keyId?.S
      ? (JSON.parse(
          sealer.open({ keyId: keyId.S, bytes: sealed.B }, pk?.S ?? '').toString(),
        ) as object)
      : {}
  const settled = { ...kept.settled, ...rest }
  return { settled, creditsUsed: BigInt(kept.creditsUsed), inV1: kept.inV1 }
}

function attemptsOf({ attempts, nextAttemptAt }: PaymentRecord): Item {
  return numbers({ attempts, nextAttemptAt })
}

function json(value: object | undefined): string | undefined {
  return value === undefined ? undefined : JSON.stringify(value)
}
