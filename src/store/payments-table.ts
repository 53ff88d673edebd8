import { randomUUID } from 'node:crypto'
import { PaymentUnavailableError } from '../errors/payment-error.js'
import type { KeptPayment, PaymentRecord } from '../seller/options/payment-record.js'
import type { Kept, PaymentStore } from '../seller/options/payment-store.js'
import { answerIn, answerItem, answerKey } from './answer-item.js'
import { type Item, SCHEMA, numberIn, numbers, requireKnown, texts, ttl } from './item.js'
import {
  ABSENT,
  FREE,
  type Place,
  aliasKey,
  NOBODY,
  forgotten,
  namesNobodyBut,
  stillSeen,
  stillWrittenBy,
  takeoverOf,
  updateRecord,
} from './conditional-writes.js'
import { openPayment } from './kept-payment.js'
import { type ItemOptions, type Write, recordItem, recordOf } from './record-item.js'
import type { TableRequests, Written } from './table-requests.js'

/** If other containers were faster this many times, the payment is left to them. */
const MAX_ADD_TRIES = 5

/**
 * Keeps payments in a table that every container shares. Each write has its own name. If its reply is lost, it is
 * sent again. The name then shows whether the first one was carried out.
 */
export class PaymentsTable implements PaymentStore {
  readonly scope = 'shared'
  readonly #requests: TableRequests
  readonly #options: ItemOptions

  constructor(requests: TableRequests, options: ItemOptions) {
    this.#requests = requests
    this.#options = options
  }

  async add(record: PaymentRecord, nowMs: number, kept?: Kept): Promise<PaymentRecord | undefined> {
    let place: Place = { expired: undefined, alias: FREE }
    for (let tries = 1; tries <= MAX_ADD_TRIES; tries++) {
      const writeId = randomUUID()
      const { isDone, conditions } = await this.#insert(record, place, { ...kept, writeId })
      if (isDone) return undefined
      const [ofRecord, ofAlias] = conditions
      if (ofRecord?.isLost === true) {
        const item = ofRecord.item ?? (await this.#get(record.key))
        // It is this very write. Its reply was lost.
        if (isBy(item, writeId)) return undefined
        if (isLive(item, nowMs)) return recordOf(item, this.#options.sealer)
        place = { ...place, expired: item }
      } else if (ofAlias?.isLost === true && record.alias !== undefined) {
        const item = ofAlias.item ?? (await this.#get(aliasKey(record.alias)))
        const holder = await this.#holderOf(item, record.alias, nowMs)
        if (holder !== undefined && holder.state !== 'refused') return holder
        place = {
          ...place,
          alias: item === undefined ? FREE : takeoverOf(item, holder, this.#options.keepClosedMs),
        }
      }
    }
    const busy = 'too many calls take one payment at once'
    throw new PaymentUnavailableError('store_unavailable', busy)
  }

  async read(key: string, nowMs: number): Promise<PaymentRecord | undefined> {
    const item = await this.#get(key)
    return isLive(item, nowMs) ? recordOf(item, this.#options.sealer) : undefined
  }

  async replace(
    seen: PaymentRecord,
    next: PaymentRecord,
    { answer, payment }: Kept = {},
  ): Promise<boolean> {
    const writeId = randomUUID()
    const answerId = answer === undefined ? undefined : writeId
    const item = recordItem(next, { writeId, answerId, payment }, this.#options)
    const update = updateRecord(seen, next, item)
    // An answer counts only if its record names it. It is written beside the record. If the record lets the next call
    // have the answer, the answer is written first.
    const kept = answer === undefined ? undefined : this.#keep(next, answer, writeId)
    if (next.isDelivered) await kept
    const [written, answered] = await Promise.allSettled([this.#requests.update(update), kept])
    if (written.status === 'rejected') throw written.reason
    const { isDone, conditions } = written.value
    if (!isDone && !isBy(conditions[0]?.item, writeId)) return false
    if (answered.status === 'rejected') throw answered.reason
    return true
  }

  async remove(seen: PaymentRecord): Promise<boolean> {
    const { key, alias } = seen
    const itself = {
      Key: texts({ pk: key }),
      ...stillSeen(seen, ' AND attribute_not_exists(heldBefore)'),
    }
    if (alias !== undefined) {
      const name = { Key: texts({ pk: aliasKey(alias) }), ...namesNobodyBut(key) }
      const both = [{ Delete: itself }, { Delete: name }]
      const { isDone, conditions, isRepeated } = await this.#requests.transact(randomUUID(), both)
      const [ofRecord] = conditions
      if (isDone) return true
      if (ofRecord?.isLost === true) return this.#end(seen, ofRecord.item, isRepeated)
      // Another payment has the name now.
    }
    const { isDone, conditions, isRepeated } = await this.#requests.delete(itself)
    return isDone || this.#end(seen, conditions[0]?.item, isRepeated)
  }

  async retire(seen: PaymentRecord): Promise<boolean> {
    const writeId = randomUUID()
    const { isDone, conditions } = await this.#requests.update(
      forgotten(seen, writeId, this.#options.keepClosedMs),
    )
    return isDone || isBy(conditions[0]?.item, writeId)
  }

  /** Whether the table has never forgotten another record of this payment. */
  async heldAlone(key: string): Promise<boolean> {
    const item = await this.#get(key)
    if (item === undefined) return false
    requireKnown(item)
    return item['heldBefore']?.BOOL !== true
  }

  async readPayment(key: string): Promise<KeptPayment | undefined> {
    const item = await this.#get(key)
    return item && openPayment(item['payment'], key, this.#options.sealer)
  }

  async readAnswer(key: string, nowMs: number): Promise<string | undefined> {
    const item = await this.#get(key)
    const answerId = isLive(item, nowMs) ? item['answerId']?.S : undefined
    const answer = answerId && (await this.#get(answerKey(key, answerId)))
    return answer ? answerIn(answer, nowMs, this.#options.sealer) : undefined
  }

  /** Record and alias are written together, or not at all. */
  async #insert(record: PaymentRecord, { expired, alias }: Place, write: Write): Promise<Written> {
    const { writeId } = write
    const item = recordItem(record, write, this.#options)
    const put =
      expired === undefined
        ? { Item: item, ...ABSENT }
        : { Item: { ...item, heldBefore: { BOOL: true } }, ...stillWrittenBy(expired) }
    if (record.alias === undefined) return this.#requests.put(put)
    const name = { Item: this.#aliasItem(record, record.alias, writeId), ...alias.condition }
    return this.#requests.transact(writeId, [{ Put: put }, { Put: name }, ...alias.besides])
  }

  /** Says what a removal that was refused means: true if nothing is left all the same. */
  async #end(seen: PaymentRecord, item: Item | undefined, isRepeated: boolean): Promise<boolean> {
    // An earlier try may have deleted it, and its reply was lost.
    if (item === undefined) return isRepeated
    return item['heldBefore'] === undefined ? false : this.retire(seen)
  }

  /** The payment that has an alias, or `undefined` if that payment is gone. */
  async #holderOf(
    aliasItem: Item | undefined,
    alias: string,
    nowMs: number,
  ): Promise<PaymentRecord | undefined> {
    if (aliasItem === undefined) return undefined
    requireKnown(aliasItem)
    const holder = await this.read(aliasItem['of']?.S ?? '', nowMs)
    return holder?.alias === alias ? holder : undefined
  }

  #get(pk: string): Promise<Item | undefined> {
    return this.#requests.get({ Key: texts({ pk }) })
  }

  async #keep({ key, expiresAt }: PaymentRecord, text: string, answerId: string) {
    const answer = { key, text, answerId, expiresAt }
    return this.#requests.put({ Item: await answerItem(answer, this.#options.sealer) })
  }

  #aliasItem({ key, expiresAt }: PaymentRecord, alias: string, writeId: string): Item {
    return {
      ...texts({ pk: aliasKey(alias), kind: 'alias', of: key, writeId }),
      ...numbers({ schema: SCHEMA }),
      ...ttl(expiresAt + this.#options.keepClosedMs),
    }
  }
}

/** A record does not expire if money may have moved, or is owed: somebody must find out what became of it. */
function isLive(item: Item | undefined, nowMs: number): item is Item {
  if (item === undefined) return false
  requireKnown(item)
  return numberIn(item, 'expiresAt') > nowMs || (item['owner']?.S !== NOBODY && isOwed(item))
}

function isOwed(item: Item): boolean {
  const state = item['state']?.S ?? ''
  return state === 'settled' ? item['isDelivered']?.BOOL !== true : OWED.has(state)
}

const OWED: ReadonlySet<string> = new Set(['settling', 'pending', 'unknown', 'refund_due'])

function isBy(item: Item | undefined, writeId: string): boolean {
  return item?.['writeId']?.S === writeId
}
