import { assetPaymentKey, tokenKey } from '../../wire/payment-key.js'
import type { FoundPayment } from '../events/payment-carriers.js'
import type { PaymentRecord } from '../options/payment-record.js'
import type { Sale } from '../options/sale.js'
import { Hold } from '../records/hold.js'
import { ownerOf } from './phase-entry.js'

/**
 * Ends the work that the request phase of this call began: nothing was charged, and the payment may be used again at
 * once. Where another call bears the same name, nobody knows whose answer this is, and the work goes on.
 */
export async function endWork(sale: Sale, keys: readonly string[]): Promise<void> {
  for (const record of await begunBy(sale, keys)) {
    if (!record.isDisputed) await sale.store.remove(record)
  }
}

/** Notes that a call came with a payment that it does not use, and that may be in work under the same name. */
export async function dispute(sale: Sale, payment: FoundPayment): Promise<void> {
  for (const record of await begunBy(sale, keysOf(payment))) {
    await new Hold(sale, record, false).dispute()
  }
}

/** By which of the two a payment is known, only a quote would say. */
export function keysOf(payment: FoundPayment): string[] {
  if (payment.kind !== 'token') return []
  const { payload, token } = payment
  const keys = [tokenKey(payload, token), payload && assetPaymentKey(payload, NOWHERE)]
  return keys.filter((key) => key !== undefined)
}

/** A payment of x402 version 2 says itself where it is settled. */
const NOWHERE = { network: '', asset: '' }

async function begunBy(sale: Sale, keys: readonly string[]): Promise<PaymentRecord[]> {
  const { store, settings } = sale
  const records = await Promise.all(keys.map((key) => store.read(key, settings.now())))
  const isBegun = ({ state, owner }: PaymentRecord): boolean =>
    (state === 'unverified' || state === 'claimed') && owner === ownerOf(sale)
  return records.filter((record) => record !== undefined && isBegun(record)) as PaymentRecord[]
}
