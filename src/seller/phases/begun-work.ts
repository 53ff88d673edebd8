import { assetPaymentKey, tokenKey } from '../../wire/payment-key.js'
import type { FoundPayment } from '../events/payment-carriers.js'
import type { PaymentRecord } from '../options/payment-record.js'
import type { Sale } from '../options/sale.js'
import { Hold } from '../records/hold.js'
import { ownerOf } from './phase-entry.js'

/**
 * Ends the work that the request phase of this call began. Nothing was charged, and the payment may be used
 * again at once. If another call has the same owner, it is not known whose answer this is, and the work goes
 * on.
 *
 * @returns whether no work goes on.
 */
export async function endWork(sale: Sale, keys: readonly string[]): Promise<boolean> {
  const begun = await begunBy(sale, keys)
  for (const record of begun) {
    if (!record.isDisputed) await sale.store.remove(record)
  }
  return begun.every(({ isDisputed }) => !isDisputed)
}

/**
 * Records that a call came with a payment that it does not use. Another call of the same owner may have it in
 * work.
 */
export async function dispute(sale: Sale, payment: FoundPayment): Promise<void> {
  for (const record of await begunBy(sale, keysOf(payment))) {
    await new Hold(sale, record, false).dispute()
  }
}

/** The keys that the payment may have. Only a quote would say which of the two it is. */
export function keysOf(payment: FoundPayment): string[] {
  if (payment.kind !== 'token') return []
  const { payload, token } = payment
  const keys = [tokenKey(payload, token), payload && assetPaymentKey(payload, NOWHERE)]
  return keys.filter((key) => key !== undefined)
}

/** Terms without network and asset: a payment of x402 version 2 names both itself. */
const NOWHERE = { network: '', asset: '' }

async function begunBy(sale: Sale, keys: readonly string[]): Promise<PaymentRecord[]> {
  const { store, settings } = sale
  const records = await Promise.all(keys.map((key) => store.read(key, settings.now())))
  const isBegun = ({ state, owner }: PaymentRecord): boolean =>
    (state === 'unverified' || state === 'claimed') && owner === ownerOf(sale)
  return records.filter((record) => record !== undefined && isBegun(record)) as PaymentRecord[]
}
