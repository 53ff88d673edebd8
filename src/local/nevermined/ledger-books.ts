import * as z from 'zod/mini'
import { TextSet, Whole, mapOf } from '../kept/shapes.js'
import type { LocalAccount, LocalDelegation, LocalPlan, LocalSettlement } from './ledger-entries.js'

/** What a ledger holds. */
export interface LedgerBooks {
  /** The plans, by their ids. */
  plans: Map<string, LocalPlan>
  /** The accounts, by their addresses. */
  accounts: Map<string, LocalAccount>
  /** The delegations, by their ids. */
  delegations: Map<string, LocalDelegation>
  /** Credits, by plan and holder. */
  balances: Map<string, bigint>
  /** The nonces of single-use tokens that were used. */
  spentNonces: Set<string>
  /** Every settlement that moved something, in order. */
  settlements: LocalSettlement[]
}

export function newBooks(): LedgerBooks {
  return {
    plans: new Map(),
    accounts: new Map(),
    delegations: new Map(),
    balances: new Map(),
    spentNonces: new Set(),
    settlements: [],
  }
}

const BillingModel = z.enum(['credits', 'pay-as-you-go'])

const Plan: z.ZodMiniType<LocalPlan> = z.object({
  planId: z.string(),
  name: z.string(),
  fiatProvider: z.exactOptional(z.enum(['stripe', 'braintree', 'visa'])),
  billingModel: BillingModel,
  priceCents: Whole,
  creditsPerOrder: Whole,
  minAmount: Whole,
  maxAmount: Whole,
})

const Account: z.ZodMiniType<LocalAccount> = z.object({
  address: z.string(),
  walletCents: Whole,
  cardAccepted: z.boolean(),
})

const Delegation: z.ZodMiniType<LocalDelegation> = z.object({
  delegationId: z.string(),
  owner: z.string(),
  provider: z.string(),
  currency: z.string(),
  providerPaymentMethodId: z.nullable(z.string()),
  apiKeyId: z.nullable(z.string()),
  status: z.enum(['Active', 'Revoked', 'Expired', 'Exhausted']),
  spendingLimitCents: Whole,
  amountSpentCents: Whole,
  transactionCount: z.number(),
  maxTransactions: z.exactOptional(z.number()),
  planId: z.exactOptional(z.string()),
  createdAt: z.number(),
  expiresAt: z.number(),
})

const Settlement: z.ZodMiniType<LocalSettlement> = z.object({
  transaction: z.string(),
  planId: z.string(),
  payer: z.string(),
  requested: Whole,
  redeemed: Whole,
  remainingBalance: Whole,
  orderTx: z.exactOptional(z.string()),
  billingModel: BillingModel,
  agentRequestId: z.exactOptional(z.string()),
  nonce: z.exactOptional(z.string()),
})

/** The books as they are kept in a file. */
export const KeptBooks: z.ZodMiniType<LedgerBooks> = z.object({
  plans: mapOf(Plan),
  accounts: mapOf(Account),
  delegations: mapOf(Delegation),
  balances: mapOf(Whole),
  spentNonces: TextSet,
  settlements: z.array(Settlement),
})
