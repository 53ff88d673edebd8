import { MAX_RESERVATIONS } from '../wire/amounts.js'
import { randomUUID } from 'node:crypto'
import { PaymentUnavailableError } from '../errors/payment-error.js'
import {
  type InFlight,
  type Reservation,
  type ReservationTerms,
} from '../seller/options/payment-store.js'
import { ABSENT } from './conditional-writes.js'
import { type Item, SCHEMA, numbers, requireKnown, texts, ttl } from './item.js'
import { TTL_ATTRIBUTE } from './table.js'
import type { TableRequests } from './table-requests.js'

/** After this time without a new reservation, DynamoDB may delete the item. Unit: ms. */
const KEPT_MS = 24 * 3_600_000
/** If other containers were faster this many times, the call comes back later. */
const MAX_TRIES = 5
/** One expression of DynamoDB has at most 4 KB. */
const MAX_ENDED_AT_ONCE = 50

/** Enough to tell the writes of one moment apart. Unit: characters. */
const BY_CHARS = 13

/**
 * Keeps the reservations of one balance in one item. A new one is added in the same step that reads the others. What is
 * over stays until somebody writes, and does not count.
 */
export class ReservationsTable {
  readonly #requests: TableRequests

  constructor(requests: TableRequests) {
    this.#requests = requests
  }

  async inFlight(account: string, nowMs: number): Promise<InFlight> {
    return inFlightIn(await this.#requests.get(keyOf(account)), nowMs)
  }

  async reserve(
    account: string,
    mine: Reservation,
    { isNew, nowMs }: ReservationTerms,
  ): Promise<InFlight | undefined> {
    const by = randomUUID().slice(0, BY_CHARS)
    for (let tries = 1; tries <= MAX_TRIES; tries++) {
      const added = await this.#add(account, mine, { by, isNew, nowMs })
      if (added.isDone) {
        await this.#endOver(account, added.item, nowMs)
        return inFlightIn(added.item, nowMs)
      }
      const item = added.item ?? (await this.#create(account, mine, { by, nowMs }))
      if (item === undefined) continue
      requireKnown(item)
      // It is this very write. Its reply was lost.
      if (item['held']?.M?.[mine.name]?.M?.['by']?.S === by) {
        return inFlightIn(item, nowMs)
      }
      if (!(await this.#endOver(account, item, nowMs))) return undefined
    }
    const busy = 'too many calls draw on one balance at once'
    throw new PaymentUnavailableError('store_unavailable', busy)
  }

  async endReservation(account: string, name: string): Promise<void> {
    await this.#requests.update({
      ...keyOf(account),
      UpdateExpression: 'SET mark = :mark REMOVE held.#me',
      ConditionExpression: 'attribute_exists(held.#me)',
      ExpressionAttributeNames: { '#me': name },
      ExpressionAttributeValues: texts({ ':mark': randomUUID() }),
    })
  }

  /** Adds to the item, if it is there and has room. @returns the item as it is now. */
  async #add(account: string, mine: Reservation, { by, isNew, nowMs }: Write) {
    const isFree =
      ' AND (attribute_not_exists(held.#me) OR held.#me.#by = :by OR held.#me.#until <= :now)'
    const { isDone, item, conditions } = await this.#requests.update({
      ...keyOf(account),
      UpdateExpression: 'SET held.#me = :mine, #ttl = :ttl',
      ConditionExpression:
        'attribute_exists(pk) AND #schema <= :schema AND (attribute_exists(held.#me) OR size(held) < :max)' +
        (isNew ? isFree : ''),
      ExpressionAttributeNames: {
        '#me': mine.name,
        '#ttl': TTL_ATTRIBUTE,
        '#schema': 'schema',
        ...(isNew && { '#until': 'until', '#by': 'by' }),
      },
      ExpressionAttributeValues: {
        ':mine': entryOf(mine, by),
        ':ttl': ttl(nowMs + KEPT_MS)[TTL_ATTRIBUTE] ?? { NULL: true },
        ...numbers({ ':max': MAX_RESERVATIONS, ':schema': SCHEMA }),
        ...(isNew && { ...texts({ ':by': by }), ...numbers({ ':now': nowMs }) }),
      },
      ReturnValues: 'ALL_NEW',
    })
    return { isDone, item: isDone ? item : conditions[0]?.item }
  }

  /** Makes the item. @returns it, or the item that another container has made meanwhile. */
  async #create(
    account: string,
    mine: Reservation,
    { by, nowMs }: Pick<Write, 'by' | 'nowMs'>,
  ): Promise<Item | undefined> {
    const item: Item = {
      ...keyOf(account).Key,
      ...texts({ kind: 'reservations' }),
      ...numbers({ schema: SCHEMA }),
      ...ttl(nowMs + KEPT_MS),
      held: { M: { [mine.name]: entryOf(mine, by) } },
    }
    const { isDone } = await this.#requests.put({ Item: item, ...ABSENT })
    return isDone ? item : undefined
  }

  /** Removes what is over. @returns whether there was anything. */
  async #endOver(account: string, item: Item | undefined, nowMs: number): Promise<boolean> {
    const over = Object.entries(item?.['held']?.M ?? {})
      .filter(([, entry]) => untilIn(entry.M) <= nowMs)
      .slice(0, MAX_ENDED_AT_ONCE)
    if (over.length === 0) return false
    const names = over.map(([name], i) => [`#n${i}`, name])
    const until = over.map(([, entry], i) => [`:u${i}`, entry.M?.['until'] ?? { NULL: true }])
    await this.#requests.update({
      ...keyOf(account),
      UpdateExpression: `SET mark = :mark REMOVE ${over.map((_, i) => `held.#n${i}`).join(', ')}`,
      ConditionExpression: over.map((_, i) => `held.#n${i}.#until = :u${i}`).join(' AND '),
      ExpressionAttributeNames: { '#until': 'until', ...(Object.fromEntries(names) as object) },
      ExpressionAttributeValues: {
        ...texts({ ':mark': randomUUID() }),
        ...(Object.fromEntries(until) as Item),
      },
    })
    return true
  }
}

interface Write extends ReservationTerms {
  /** Names the write. If its reply is lost, the item shows whether it was carried out. */
  readonly by: string
}

function keyOf(account: string) {
  return { Key: texts({ pk: `balance#${account}` }) }
}

function entryOf({ amount, until }: Reservation, by: string) {
  // A number of DynamoDB has 38 digits, and an amount may have more.
  return { M: { ...texts({ amount: amount.toString(), by }), ...numbers({ until }) } }
}

function inFlightIn(item: Item | undefined, nowMs: number): InFlight {
  if (item === undefined) return { reservations: [], mark: undefined }
  requireKnown(item)
  const reservations = Object.entries(item['held']?.M ?? {}).map(([name, { M }]) => ({
    name,
    amount: BigInt(M?.['amount']?.S ?? 0),
    until: untilIn(M),
  }))
  return {
    reservations: reservations.filter(({ until }) => until > nowMs),
    mark: item['mark']?.S,
  }
}

function untilIn(entry: Item | undefined): number {
  return Number(entry?.['until']?.N ?? 0)
}
