import { isRecord } from '../../wire/json.js'
import { OperatorTable } from '../../store/operator/operator-table.js'
import { scannedPages } from '../../store/operator/payment-pages.js'
import type { SeenPayment } from '../../store/operator/seen-payment.js'
import type { LocalTable } from '../table/payment-table.js'
import { cutSecrets } from './cut-secrets.js'
import type { PagePayment, PagePayments } from './messages.js'

/** The most items that are read for the page. `agentcore-x402 payments` reads all. */
const MAX_ITEMS = 2_000
const PAGE_ITEMS = 500
/** The most payments that are shown. */
const MAX_SHOWN = 50

/** Reads the payments of the table, for the page. */
export async function pagePayments(place: LocalTable | undefined): Promise<PagePayments> {
  if (place === undefined) return { hasTable: false, byState: {}, latest: [], hasMore: false }
  const { name, region, endpoint } = place
  const table = await OperatorTable.open({ table: name, region, endpoint })
  try {
    const { found, hasMore } = await readSome(table)
    const byState: Record<string, number> = {}
    for (const { record } of found) byState[record.state] = (byState[record.state] ?? 0) + 1
    const latest = found.sort((one, other) => other.record.createdAt - one.record.createdAt)
    return {
      ...{ hasTable: true, byState, hasMore },
      latest: latest.slice(0, MAX_SHOWN).map(payment),
    }
  } finally {
    table.close()
  }
}

async function readSome(table: OperatorTable): Promise<{ found: SeenPayment[]; hasMore: boolean }> {
  const found: SeenPayment[] = []
  let read = 0
  for await (const page of scannedPages(table, { pageItems: PAGE_ITEMS })) {
    if (read >= MAX_ITEMS) return { found, hasMore: true }
    found.push(...page.payments.map((one) => one.payment))
    read += page.read
  }
  return { found, hasMore: false }
}

function payment({ record }: SeenPayment): PagePayment {
  const { key, state, createdAt, sold, settlement } = record
  const plain: unknown = JSON.parse(JSON.stringify({ ...record, settlement }, withoutBigInts))
  return {
    ...{ key, state, at: createdAt, tool: sold?.tool ?? '' },
    payer: sold?.payer ?? '',
    record: isRecord(plain) ? cutSecrets(plain) : {},
  }
}

function withoutBigInts(_: string, value: unknown): unknown {
  return typeof value === 'bigint' ? value.toString() : value
}
