import { randomUUID } from 'node:crypto'
import { PaymentUnavailableError } from '../../errors/payment-error.js'
import type { PaymentRecord } from '../../seller/options/payment-record.js'
import type { PaymentStore } from '../../seller/options/payment-store.js'
import { answerKey } from '../answer-item.js'
import { NOBODY, aliasKey, stillSeen, updateRecord } from '../conditional-writes.js'
import { type Item, numbers, requireKnown, texts, ttl } from '../item.js'
import { recordItem, recordOf } from '../record-item.js'
import { TTL_ATTRIBUTE } from '../table.js'
import type { OperatorTable } from './operator-table.js'
import { CLOSED_SEALER, type SeenPayment, seenPayment } from './seen-payment.js'

/** What an operator does with one payment. It needs no secret: what is encrypted stays as it is. */
export class OperatorPayments {
  readonly #table: OperatorTable
  readonly #keepClosedMs: number

  /** @param keepClosedMs how long a record that an operator closes stays in the table. */
  constructor(table: OperatorTable, keepClosedMs: number) {
    this.#table = table
    this.#keepClosedMs = keepClosedMs
  }

  /** @throws PaymentUnavailableError if a later version of this package wrote the record. */
  async read(key: string): Promise<SeenPayment | undefined> {
    const item = await this.#itemOf(key)
    return item && seenPayment(item, true)
  }

  /**
   * Writes a record in the place of the one that was seen, if that has not changed since.
   *
   * @returns whether it was written.
   */
  async replace(seen: PaymentRecord, next: PaymentRecord): Promise<boolean> {
    const item = await this.#itemOf(seen.key)
    if (item === undefined) return false
    const writeId = randomUUID()
    const options = { sealer: CLOSED_SEALER, keepClosedMs: this.#keepClosedMs }
    const { keyId, sealed } = item
    const written = {
      ...recordItem(next, { writeId }, options),
      ...(keyId && sealed && { keyId, sealed }),
    }
    return this.#table.update(updateRecord(seen, next, written), writeId)
  }

  /**
   * Deletes what the table knows of a payment: its answer, its alias and everything in its record. The record keeps the
   * hash of the payment, and that it was held before. Otherwise the same payment could count as new, and be delivered
   * without a charge.
   *
   * @returns whether it was forgotten. `false` if the record has changed since it was seen.
   */
  async forget(seen: PaymentRecord): Promise<boolean> {
    const item = await this.#itemOf(seen.key)
    if (item === undefined) return false
    const writeId = randomUUID()
    if (!(await this.#table.update(this.#emptied(seen, item, writeId), writeId))) return false
    const answerId = item['answerId']?.S
    if (answerId !== undefined) await this.#table.delete(answerKey(seen.key, answerId))
    if (seen.alias !== undefined) await this.#deleteAlias(aliasKey(seen.alias), seen.key)
    return true
  }

  /** The store that `markRefunded` takes. It does nothing else. */
  asStore(): PaymentStore {
    return {
      scope: 'shared',
      read: async (key) => {
        const item = await this.#itemOf(key)
        return item && recordOf(item, CLOSED_SEALER)
      },
      replace: (seen, next) => this.replace(seen, next),
      add: refuse,
      remove: refuse,
      readAnswer: refuse,
    }
  }

  async #itemOf(key: string): Promise<Item | undefined> {
    const item = await this.#table.get(key)
    if (item === undefined) return undefined
    requireKnown(item)
    return item['kind']?.S === 'payment' ? item : undefined
  }

  #emptied(seen: PaymentRecord, item: Item, writeId: string) {
    const still = stillSeen(seen)
    const kept = {
      ...texts({ kind: 'forgotten', owner: NOBODY, writeId }),
      ...numbers({ expiresAt: 0 }),
      ...ttl(Math.max(seen.expiresAt, Date.now()) + this.#keepClosedMs),
      heldBefore: { BOOL: true },
    }
    const names = Object.keys(kept)
    const stays = new Set(['pk', 'schema', TTL_ATTRIBUTE, ...names])
    const removed = Object.keys(item).filter((name) => !stays.has(name))
    return {
      Key: texts({ pk: seen.key }),
      ...still,
      UpdateExpression:
        `SET ${names.map((name) => `#${name} = :${name}`).join(', ')}` +
        (removed.length === 0 ? '' : ` REMOVE ${removed.map((name) => `#${name}`).join(', ')}`),
      ExpressionAttributeNames: {
        ...still.ExpressionAttributeNames,
        ...Object.fromEntries([...names, ...removed].map((name) => [`#${name}`, name])),
      },
      ExpressionAttributeValues: {
        ...still.ExpressionAttributeValues,
        ...Object.fromEntries(Object.entries(kept).map(([name, value]) => [`:${name}`, value])),
      },
    }
  }

  /** Deletes an alias, unless another payment has it by now. */
  async #deleteAlias(pk: string, key: string): Promise<void> {
    const alias = await this.#table.get(pk)
    if (alias?.['of']?.S === key) await this.#table.delete(pk)
  }
}

function refuse(): never {
  throw new PaymentUnavailableError('store_unavailable', 'an operator sells nothing')
}
