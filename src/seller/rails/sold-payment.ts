import type { KeptPayment, Sold } from '../options/payment-record.js'
import type { Sale } from '../options/sale.js'
import type { OfferedPayment } from './payment.js'
import type { Rail } from './rail.js'

/** A longer payment is not kept: one item of a table has 400 KB of room. Unit: characters. */
const MAX_TOKEN_CHARS = 65_536

/** What the record of a payment says of it. Only in a store that other processes share, somebody reads it. */
export function soldPayment(
  { call, store }: Sale,
  offered: OfferedPayment & { readonly rail: Rail },
): { sold: Sold | undefined; payment: KeptPayment | undefined } {
  if (store.scope !== 'shared') return { sold: undefined, payment: undefined }
  const { rail, token } = offered
  const payment =
    token.length <= MAX_TOKEN_CHARS ? { token, offer: rail.paymentRequired } : undefined
  return { sold: soldOf(call.label, offered), payment }
}

function soldOf(tool: string, offered: OfferedPayment & { readonly rail: Rail }): Sold {
  const { rail, payload, paymentId, amount } = offered
  const payer = rail.payerOf(payload)
  const { planId, network } = rail.termsOf(offered)
  return {
    tool,
    rail: rail.name,
    ...rail.charged(amount),
    ...(payer !== undefined && { payer }),
    ...(planId !== undefined && { planId }),
    ...(network !== undefined && { network }),
    ...(paymentId !== undefined && { paymentId }),
  }
}
