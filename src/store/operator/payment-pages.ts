import type { PaymentState } from '../../seller/options/payment-record.js'
import { type Item, numberIn, numbers, texts } from '../item.js'
import { DUE_INDEX, DUE_SHARDS, SHARDS } from '../table.js'
import type { ItemPage, OperatorTable } from './operator-table.js'
import { READ_ATTRIBUTES, type SeenPayment, isNewer, seenPayment } from './seen-payment.js'

/** Payments of one request, in the order of the table. */
export interface PaymentPage {
  readonly payments: readonly Placed[]
  /** How many items were read. */
  readonly read: number
  /** How many records a later version of this package wrote. They cannot be read. */
  readonly newer: number
}

/** A payment, and the place behind it, where another listing goes on. */
export interface Placed {
  readonly payment: SeenPayment
  readonly after: string
}

/** What is wanted. The table applies it, so that nothing else is sent. */
export interface Wanted {
  readonly state?: PaymentState | undefined
  /** The first time at which a payment may have come. Unit: ms since the epoch. */
  readonly since?: number | undefined
  /** The time before which a payment came. Unit: ms since the epoch. */
  readonly until?: number | undefined
  /** Whether payments that came at an unknown time are wanted, too. Early versions wrote no time. */
  readonly orUndated?: true
}

/** How a table is read. */
export interface Reading extends Wanted {
  /** The place behind which to go on, of an earlier listing. */
  readonly after?: string | undefined
  /** The most items of one request. Unit: items. */
  readonly pageItems: number
}

/**
 * Scans the table. While a page is worked on, the next one is read.
 *
 * @throws PlaceError if `after` is no place of a scan.
 */
export async function* scannedPages(
  table: OperatorTable,
  { after, pageItems, ...wanted }: Reading,
): AsyncGenerator<PaymentPage> {
  const input = { Limit: pageItems, ...filterOf(wanted) }
  const start = after === undefined ? undefined : texts({ pk: placeIn(after, 's')[0] })
  const ask = (from: Item | undefined): Promise<ItemPage> => {
    const asked = table.scan({ ...input, ...(from && { ExclusiveStartKey: from }) })
    // It may fail while the page before it is worked on.
    asked.catch(() => undefined)
    return asked
  }
  let asked: Promise<ItemPage> | undefined = ask(start)
  while (asked !== undefined) {
    const page: ItemPage = await asked
    const { items, read, next } = page
    asked = next && ask(next)
    yield pageOf(items, read, (item) => `s.${item['pk']?.S ?? ''}`)
  }
}

/** States whose payments are in the index, as they wait for the worker or for a person. */
export const INDEXED: ReadonlySet<string> = new Set([
  ...['unverified', 'claimed', 'settling', 'pending', 'unknown', 'refund_due', 'dead'],
])

/**
 * Reads the payments of a state by the index, which has open payments only. The index is a hint, so every record is
 * read again.
 *
 * @throws PlaceError if `after` is no place of the index.
 */
export async function* indexedPages(
  table: OperatorTable,
  { after, pageItems, ...wanted }: Reading,
): AsyncGenerator<PaymentPage> {
  const [pk, shardText, dueAt] = after === undefined ? [] : placeIn(after, 'i')
  const from = after === undefined ? undefined : Number(shardText)
  for (const shard of shardsOf(wanted.state)) {
    if (from !== undefined && shard < from) continue
    let next: Item | undefined =
      shard === from ? { ...texts({ pk }), ...numbers({ shard, dueAt: Number(dueAt) }) } : undefined
    do {
      const page: ItemPage = await table.query({
        ...{ IndexName: DUE_INDEX, Limit: pageItems },
        KeyConditionExpression: '#shard = :shard',
        ExpressionAttributeNames: { '#shard': 'shard' },
        ExpressionAttributeValues: numbers({ ':shard': shard }),
        ...(next && { ExclusiveStartKey: next }),
      })
      next = page.next
      const items = await readAll(table, page.items)
      const fitting = items.filter((item) => isWanted(item, wanted))
      const dueOf = new Map(page.items.map((item) => [item['pk']?.S, numberIn(item, 'dueAt')]))
      yield pageOf(fitting, page.read, ({ pk: its }) => {
        const name = its?.S ?? ''
        return `i.${name}.${shard}.${dueOf.get(name) ?? 0}`
      })
    } while (next !== undefined)
  }
}

/** A place that no listing gave. */
export class PlaceError extends Error {}

function placeIn(after: string, kind: 's' | 'i'): string[] {
  const [found, ...place] = after.split('.')
  if (found === kind && place.length === (kind === 's' ? 1 : 3)) return place
  throw new PlaceError('not a place of this listing')
}

function shardsOf(state: PaymentState | undefined): number[] {
  const group = (first: number): number[] =>
    Array.from({ length: DUE_SHARDS }, (_, shard) => first + shard)
  if (state === 'dead') return group(SHARDS.dead)
  // Before the seller has heard of a refund, it waits for the worker.
  if (state === 'refund_due') return [...group(SHARDS.due), ...group(SHARDS.refundsDue)]
  return group(SHARDS.due)
}

/** How many records are read at once. */
const AT_ONCE = 16

async function readAll(table: OperatorTable, found: readonly Item[]): Promise<Item[]> {
  const items: Item[] = []
  for (let first = 0; first < found.length; first += AT_ONCE) {
    const some = found.slice(first, first + AT_ONCE)
    const read = await Promise.all(some.map((item) => table.get(item['pk']?.S ?? '')))
    items.push(...read.filter((item) => item !== undefined))
  }
  return items
}

function isWanted(item: Item, { state, since = 0, until = Infinity }: Wanted): boolean {
  const createdAt = numberIn(item, 'createdAt')
  const isOf = state === undefined || item['state']?.S === state
  return item['kind']?.S === 'payment' && isOf && createdAt >= since && createdAt < until
}

function filterOf({ state, since, until, orUndated }: Wanted) {
  const times = [
    ...(since === undefined ? [] : ['#createdAt >= :since']),
    ...(until === undefined ? [] : ['#createdAt < :until']),
  ].join(' AND ')
  // AND binds more tightly than OR. DynamoDB refuses parentheses that change nothing.
  const orNone = `(attribute_not_exists(#createdAt) OR ${times})`
  const conditions = [
    '#kind = :kind',
    ...(state === undefined ? [] : ['#state = :state']),
    ...(times === '' ? [] : [orUndated === true ? orNone : times]),
  ]
  return {
    FilterExpression: conditions.join(' AND '),
    ProjectionExpression: READ_ATTRIBUTES.map((name) => `#${name}`).join(', '),
    ExpressionAttributeNames: Object.fromEntries(READ_ATTRIBUTES.map((name) => [`#${name}`, name])),
    ExpressionAttributeValues: {
      ...texts({ ':kind': 'payment', ':state': state }),
      ...(since !== undefined && numbers({ ':since': since })),
      ...(until !== undefined && numbers({ ':until': until })),
    },
  }
}

function pageOf(
  items: readonly Item[],
  read: number,
  afterOf: (item: Item) => string,
): PaymentPage {
  const known = items.filter((item) => !isNewer(item))
  return {
    payments: known.map((item) => ({ payment: seenPayment(item, false), after: afterOf(item) })),
    read,
    newer: items.length - known.length,
  }
}
