import { sameId } from '../../wire/amounts.js'
import { caip2 } from '../../wire/networks.js'
import { payerOf } from '../../wire/payment-key.js'
import { settlementNames } from '../../facilitators/settlement-status.js'
import { SettleResponseSchema } from '../../wire/x402.js'
import type { Settlement } from '../options/payment-record.js'
import type { Payload } from './payment.js'
import { UNREADABLE, wholeIn, type SaidNo, type SettleFailure } from './rail.js'

/**
 * Reads the answer to settle. It is a settlement only if it names a transaction on our network, of the payer
 * who signed, for no more than was asked.
 *
 * @param network the seller's own network, in CAIP-2 form
 */
export function readAssetSettlement(
  answer: unknown,
  payload: Payload,
  amount: bigint,
  network: string,
): Settlement | SettleFailure | SaidNo {
  const parsed = SettleResponseSchema.safeParse(answer)
  if (!parsed.success) return UNREADABLE
  const settled = parsed.data
  if (!settled.success) return { saidNo: settled }
  const payer = payerOf(payload ?? {})
  const charged = wholeIn(settled.amount) ?? amount
  const isOurs =
    Boolean(settled.transaction) &&
    (!settled.network || caip2(settled.network) === network) &&
    (!settled.payer || payer === undefined || sameId(settled.payer, payer)) &&
    charged <= amount
  if (!isOurs) return { ...UNREADABLE, ...settlementNames(settled) }
  const ours = { ...settled, network, amount: charged.toString() }
  return { settled: ours, creditsUsed: 0n, inV1: payload?.['x402Version'] === 1 }
}
