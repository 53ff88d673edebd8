import type { OperatorTable } from '../../store/operator/operator-table.js'
import {
  INDEXED,
  type PaymentPage,
  PlaceError,
  type Reading,
  indexedPages,
  scannedPages,
} from '../../store/operator/payment-pages.js'
import { UsageError } from '../ended.js'

/** How many items one request reads. Two pages are in memory at a time. */
export const PAGE_ITEMS = 500

/** Reads payments page by page, by the index if it has all of them. @throws UsageError if `after` is no place. */
export async function* wantedPages(
  table: OperatorTable,
  reading: Omit<Reading, 'pageItems'> & Partial<Pick<Reading, 'pageItems'>>,
): AsyncGenerator<PaymentPage> {
  const { state } = reading
  const isIndexed = state !== undefined && INDEXED.has(state)
  const pages = isIndexed ? indexedPages : scannedPages
  try {
    yield* pages(table, { pageItems: PAGE_ITEMS, ...reading })
  } catch (error) {
    if (!(error instanceof PlaceError)) throw error
    throw new UsageError('--next expects what an earlier command with the same options printed')
  }
}
