import type { OperatorPayments } from '../../store/operator/operator-payments.js'
import type { OperatorTable } from '../../store/operator/operator-table.js'
import type { SeenPayment } from '../../store/operator/seen-payment.js'
import { sameId } from '../../wire/amounts.js'
import { keyOfRefund } from '../../wire/payment-key.js'
import { namesOf } from '../output/payment-json.js'
import type { Progress } from '../output/progress.js'
import { wantedPages } from './wanted-pages.js'

/** A shorter text is taken for a whole id, not for the beginning of a key. Unit: characters. */
export const MIN_PREFIX_CHARS = 8
/** No two keys of a table begin alike for this long. Unit: characters. */
const UNIQUE_CHARS = 12
const KEY_CHARS = 43
/** More are not shown. */
export const MAX_FOUND = 200

/** Where payments are looked up. */
export interface Lookup {
  readonly table: OperatorTable
  readonly payments: OperatorPayments
  readonly progress: Progress
}

/** @returns the payment with this key, or with a refund of this id. It costs one read. */
async function paymentByKey(
  { payments }: Pick<Lookup, 'payments'>,
  text: string,
): Promise<SeenPayment | undefined> {
  const refundOf = keyOfRefund(text)
  for (const key of [text, refundOf].filter(isKey)) {
    const found = await payments.read(key)
    if (found !== undefined) return found
  }
  return undefined
}

/** Whether a text has the form of a whole key. */
export function isKey(text: string): boolean {
  return text.length === KEY_CHARS && /^[\w-]+$/.test(text)
}

/**
 * Finds payments by anything that names them: key or its beginning, transaction, payer, payment id, refund id,
 * correlation id, or an id of a facilitator. If the text is no key, the whole table is read.
 */
export async function findPayments(lookup: Lookup, text: string): Promise<SeenPayment[]> {
  const byKey = await paymentByKey(lookup, text)
  if (byKey !== undefined) return [byKey]
  const found: SeenPayment[] = []
  let read = 0
  for await (const page of wantedPages(lookup.table, {})) {
    read += page.read
    lookup.progress.show(read, 'items read')
    const matching = page.payments.filter(({ payment }) => isNamed(payment, text))
    found.push(...matching.map(({ payment }) => payment))
    const [first] = found
    if (text.length >= UNIQUE_CHARS && first?.record.key.startsWith(text)) break
    if (found.length >= MAX_FOUND) break
  }
  return found
}

function isNamed(payment: SeenPayment, text: string): boolean {
  const { record } = payment
  if (text.length >= MIN_PREFIX_CHARS && record.key.startsWith(text)) return true
  const { payer, transaction, orderTransaction, paymentId, ...names } = namesOf(payment)
  const ids = [
    ...[payer, transaction, orderTransaction, paymentId],
    ...[names.correlationId, names.settlementId, names.agentRequestId],
    ...[record.refund?.id, record.refund?.correlationId, record.refund?.transaction],
    ...[record.sold?.payer, record.transaction],
  ]
  return ids.some((id) => id !== undefined && sameId(id, text))
}
