import { randomBytes, randomUUID } from 'node:crypto'

/** A plan as the local stack sells it. Unit of money: US cents. Credits are whole. */
export interface LocalPlan {
  /** The plan's id. */
  planId: string
  /** The plan's name, for people. */
  name: string
  /** The provider that charges the card. Absent: the plan is paid on chain. */
  fiatProvider?: 'stripe' | 'braintree' | 'visa'
  /** How the plan is paid: credits that are ordered before, or each call for itself. */
  billingModel: 'credits' | 'pay-as-you-go'
  /** The price of one order. With pay-as-you-go, the price of one call. Unit: cents. */
  priceCents: bigint
  /** How many credits one order gives. Unit: credits. */
  creditsPerOrder: bigint
  /** The least that a settlement takes. Unit: credits. */
  minAmount: bigint
  /**
   * The most that a settlement takes. If it equals `minAmount`, every settlement takes exactly this. Unit:
   * credits.
   */
  maxAmount: bigint
}

/** An account that can hold credits and order plans. */
export interface LocalAccount {
  /** The account's address. */
  address: string
  /** What the account can spend on chain. Unit: cents. */
  walletCents: bigint
  /** Whether the card of this account is accepted. */
  cardAccepted: boolean
}

/** A right to spend, from which a settlement may order credits. */
export interface LocalDelegation {
  /** The id. A token that is minted with it may spend from the delegation. */
  delegationId: string
  /** The address of the account that gave it. */
  owner: string
  /** Who is charged: `erc4337` spends on chain, the others charge a card. */
  provider: string
  /** `usdc` or `eurc` on chain, `usd` or `eur` by card. */
  currency: string
  /** The provider's id of the card; `null` if none was given. */
  providerPaymentMethodId: string | null
  /** The API key that it is bound to; `null` if to none. */
  apiKeyId: string | null
  /** Its status as it is stored. `ledger.stateOf` tells whether it has expired or is used up since. */
  status: 'Active' | 'Revoked' | 'Expired' | 'Exhausted'
  /** The most that may be spent. Unit: cents. */
  spendingLimitCents: bigint
  /** What was spent so far. Unit: cents. */
  amountSpentCents: bigint
  /** How many orders it has paid. Unit: orders. */
  transactionCount: number
  /** How many orders it may pay. Unit: orders. Absent: any number. */
  maxTransactions?: number
  /** The plan that it is bound to. Absent: every plan. */
  planId?: string
  /** When it was made. Unit: ms since the epoch. */
  createdAt: number
  /** When it ends. Unit: ms since the epoch. */
  expiresAt: number
}

/** One settlement that moved something. */
export interface LocalSettlement {
  /** The transaction's hash, which is made up. */
  transaction: string
  /** The plan that paid. */
  planId: string
  /** The address of the payer. */
  payer: string
  /** What the seller asked for. Unit: credits. */
  requested: bigint
  /** What was taken, within the bounds of the plan. Unit: credits. */
  redeemed: bigint
  /** What the payer has left. Unit: credits. */
  remainingBalance: bigint
  /** The transaction of the order, if the settlement had to order credits first. */
  orderTx?: string
  /** The billing model of the plan. */
  billingModel: LocalPlan['billingModel']
  /** The id that verify gave the call. A settle that repeats it gets this settlement again. */
  agentRequestId?: string
  /** The nonce of a single-use token. */
  nonce?: string
}

/** A settle as the ledger takes it. */
export interface SettleOrder {
  /** The plan to take credits of. */
  planId: string
  /** The address of the payer. */
  payer: string
  /** What to take. Unit: credits. `undefined`: the plan's `maxAmount`. */
  amount: bigint | undefined
  /** The delegation that may order credits. */
  delegationId: string | undefined
  /** The nonce of a single-use token. */
  nonce: string | undefined
  /** The id that verify gave the call. */
  agentRequestId: string | undefined
}

/** Makes a plan. What is left out has the default of the local stack. */
export function newPlan(plan: Partial<LocalPlan>): LocalPlan {
  return {
    planId: BigInt(`0x${randomBytes(32).toString('hex')}`).toString(),
    name: 'Local plan',
    billingModel: 'credits',
    priceCents: 100n,
    creditsPerOrder: 100n,
    minAmount: 1n,
    maxAmount: 1_000n,
    ...plan,
  }
}

export function newAccount(account: Partial<LocalAccount>): LocalAccount {
  return {
    address: `0x${randomBytes(20).toString('hex')}`,
    walletCents: 1_000n,
    cardAccepted: true,
    ...account,
  }
}

/** What a delegation needs at least. */
export type DelegationTerms = Partial<LocalDelegation> & {
  spendingLimitCents: bigint
  /**
   * How long the delegation lasts. Unit: s.
   *
   * @default 3600
   */
  durationSecs?: number
}

export function newDelegation(
  owner: string,
  { durationSecs = 3_600, ...terms }: DelegationTerms,
  nowMs: number,
): LocalDelegation {
  return {
    delegationId: randomUUID(),
    owner,
    provider: 'erc4337',
    currency: 'usdc',
    providerPaymentMethodId: null,
    apiKeyId: null,
    status: 'Active',
    amountSpentCents: 0n,
    transactionCount: 0,
    createdAt: nowMs,
    expiresAt: nowMs + durationSecs * 1_000,
    ...terms,
  }
}
