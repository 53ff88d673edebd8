import type { SeenPayment } from '../../store/operator/seen-payment.js'
import { amountOf, amountText, networkText } from './amounts.js'
import { styleOf } from './meanings.js'
import type { Output } from './output.js'
import { namesOf } from './payment-json.js'
import { plainText } from './plain-text.js'
import { type Cell, type Column, tableLines } from './table-text.js'
import { timeText } from './times.js'

/** How much of a key is shown in a terminal. It is enough for `show`. Unit: characters. */
export const KEY_CHARS = 12

const COLUMNS: readonly Column[] = [
  { title: 'KEY', weight: 10, isPrefix: true },
  { title: 'CAME (UTC)', weight: 8 },
  { title: 'STATE', weight: 9 },
  { title: 'AMOUNT', weight: 7, least: 8, isRight: true },
  { title: 'TOOL', weight: 6, least: 8 },
  { title: 'PAYER', weight: 4 },
  { title: 'PAID ON', weight: 2, least: 8 },
  { title: 'TRANSACTION', weight: 3 },
]

/** Makes a table of payments. */
export function paymentTable(payments: readonly SeenPayment[], output: Output): string[] {
  return tableLines(
    COLUMNS,
    payments.map((payment) => rowOf(payment, output.isTerminal)),
    output,
  )
}

function rowOf(payment: SeenPayment, isShort: boolean): Cell[] {
  const { record } = payment
  const { tool, payer, planId, network, transaction } = namesOf(payment)
  const amount = amountOf(record)
  const id = (text: string | undefined): string =>
    text === undefined ? '–' : plainText(isShort ? shortId(text) : text)
  const place = planId === undefined ? networkText(network ?? '–') : `plan ${id(planId)}`
  return [
    { text: isShort ? record.key.slice(0, KEY_CHARS) : record.key },
    { text: timeText(record.createdAt), style: 'dim' },
    { text: record.state, style: styleOf(record.state) },
    { text: amount === undefined ? '–' : amountText(amount) },
    { text: plainText(tool ?? '–') },
    { text: id(payer) },
    { text: plainText(place), style: 'dim' },
    { text: id(transaction), style: 'dim' },
  ]
}

/** The beginning and the end of a long id. */
function shortId(id: string): string {
  return id.length <= 13 ? id : `${id.slice(0, 6)}…${id.slice(-4)}`
}
