import { randomUUID } from 'node:crypto'
import type { PaymentRecord } from '../seller/options/payment-record.js'
import { type Item, numbers, texts, ttl } from './item.js'
import { OPTIONAL_ATTRIBUTES } from './record-item.js'
import { TTL_ATTRIBUTE } from './table.js'
import type { Part } from './table-requests.js'

export function aliasKey(alias: string): string {
  return `alias#${alias}`
}

export const ABSENT = { ConditionExpression: 'attribute_not_exists(pk)' }

/** The condition that nobody has written the item since. */
export function stillWrittenBy(item: Item) {
  return {
    ConditionExpression: 'writeId = :writeId',
    ExpressionAttributeValues: texts({ ':writeId': item['writeId']?.S }),
  }
}

/** The owner of a record that was removed. */
export const NOBODY = ''

/**
 * Makes a record expire instead of deleting it, and takes it from its owner. So the next record in its place knows
 * that it is not the first.
 */
export function forgotten(seen: PaymentRecord, writeId: string, keepClosedMs: number) {
  const still = stillSeen(seen)
  return {
    Key: texts({ pk: seen.key }),
    ...still,
    ExpressionAttributeNames: {
      ...still.ExpressionAttributeNames,
      '#shard': 'shard',
      '#ttl': TTL_ATTRIBUTE,
    },
    UpdateExpression:
      'SET #owner = :nobody, expiresAt = :never, #ttl = :ttl, writeId = :writeId, heldBefore = :yes ' +
      'REMOVE #shard, dueAt, payment',
    ExpressionAttributeValues: {
      ...still.ExpressionAttributeValues,
      ...numbers({ ':never': 0 }),
      ':ttl': ttl(seen.expiresAt + keepClosedMs)[TTL_ATTRIBUTE] ?? { NULL: true },
      ...texts({ ':nobody': NOBODY, ':writeId': writeId }),
      ':yes': { BOOL: true },
    },
  }
}

/** The condition that a record is still as it was seen. */
export function stillSeen({ owner, version, state }: PaymentRecord, more = '') {
  return {
    ConditionExpression: `#owner = :seenOwner AND #version = :seenVersion AND #state = :seenState${more}`,
    ExpressionAttributeNames: { '#owner': 'owner', '#version': 'version', '#state': 'state' },
    ExpressionAttributeValues: {
      ...texts({ ':seenOwner': owner, ':seenState': state }),
      ...numbers({ ':seenVersion': version }),
    },
  }
}

/** Writes the attributes that are different. @param item the record as it is to be. */
export function updateRecord(seen: PaymentRecord, next: PaymentRecord, { pk, ...item }: Item) {
  const condition = stillSeen(seen)
  const isSame = (name: string): boolean =>
    NEVER_CHANGED.has(name) || FIELDS.some((field) => field === name && seen[field] === next[field])
  const set = Object.keys(item).filter((name) => !isSame(name))
  const removed = OPTIONAL_ATTRIBUTES.filter((name) => !(name in item) && !isSame(name))
  if (!UNSETTLED.has(next.state)) removed.push('payment')
  const removes =
    removed.length === 0 ? '' : ` REMOVE ${removed.map((one) => `#${one}`).join(', ')}`
  return {
    Key: { pk: pk ?? { S: seen.key } },
    ...condition,
    UpdateExpression: `SET ${set.map((name) => `#${name} = :${name}`).join(', ')}${removes}`,
    ExpressionAttributeNames: {
      ...condition.ExpressionAttributeNames,
      ...Object.fromEntries([...set, ...removed].map((name) => [`#${name}`, name])),
    },
    ExpressionAttributeValues: {
      ...condition.ExpressionAttributeValues,
      ...Object.fromEntries(set.map((name) => [`:${name}`, item[name] ?? { NULL: true }])),
    },
  }
}

/** States in which a settle may still be sent, or looked up. An operator may take up again what was given up. */
const UNSETTLED: ReadonlySet<string> = new Set([
  ...['unverified', 'claimed', 'settling', 'pending', 'unknown', 'dead'],
])

const NEVER_CHANGED: ReadonlySet<string> = new Set(['kind', 'schema'])

/** Attributes that an item has whenever its record has the field. */
const FIELDS = [
  ...(['alias', 'payloadHash', 'fingerprint', 'state', 'owner', 'leaseUntil'] as const),
  ...([
    'expiresAt',
    'isDelivered',
    'isDisputed',
    'wasTakenOver',
    'wasUsedBefore',
    'asked',
  ] as const),
  ...(['settlement', 'refund', 'transaction', 'settlementId'] as const),
  ...(['sold', 'createdAt', 'changedAt', 'attempts', 'nextAttemptAt', 'code'] as const),
]

/** The place of a new record. */
export interface Place {
  /** The expired item in this place. */
  readonly expired: Item | undefined
  readonly alias: Takeover
}

/** How an alias is taken. */
export interface Takeover {
  readonly condition: Omit<Extract<Part, { Put: unknown }>['Put'], 'Item'>
  readonly besides: readonly Part[]
}

export const FREE: Takeover = { condition: ABSENT, besides: [] }

/** Takes an alias from the payment that no longer has it. A refused payment that has the alias is forgotten. */
export function takeoverOf(
  aliasItem: Item,
  holder: PaymentRecord | undefined,
  keepClosedMs: number,
): Takeover {
  const condition = stillWrittenBy(aliasItem)
  if (holder === undefined) return { condition, besides: [] }
  return { condition, besides: [{ Update: forgotten(holder, randomUUID(), keepClosedMs) }] }
}

export function namesNobodyBut(key: string) {
  return {
    ConditionExpression: 'attribute_not_exists(pk) OR #of = :key',
    ExpressionAttributeNames: { '#of': 'of' },
    ExpressionAttributeValues: texts({ ':key': key }),
  }
}
