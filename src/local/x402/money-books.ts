import * as z from 'zod/mini'
import { TextSet, Whole, mapOf } from '../kept/shapes.js'
import type { X402Settlement } from './facilitator.js'

/** What the ledger of the facilitator holds. */
export interface MoneyBooks {
  /** Atomic units, by address in lower case. */
  balances: Map<string, bigint>
  /** The payments that were used. */
  used: Set<string>
  settlements: X402Settlement[]
}

export function newMoneyBooks(): MoneyBooks {
  return { balances: new Map(), used: new Set(), settlements: [] }
}

const Settlement: z.ZodMiniType<X402Settlement> = z.object({
  transaction: z.string(),
  scheme: z.enum(['exact', 'upto']),
  network: z.string(),
  asset: z.string(),
  payer: z.string(),
  payTo: z.string(),
  amount: Whole,
  nonce: z.string(),
})

/** The books as they are kept in a file. */
export const KeptMoney: z.ZodMiniType<MoneyBooks> = z.object({
  balances: mapOf(Whole),
  used: TextSet,
  settlements: z.array(Settlement),
})
