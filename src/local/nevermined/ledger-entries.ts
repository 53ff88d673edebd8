import { randomBytes, randomUUID } from 'node:crypto'

/** A plan as the local stack sells it. Money in US cents, credits whole. */
export interface LocalPlan {
  planId: string
  name: string
  /** Paid by card through this provider; absent: paid on chain. */
  fiatProvider?: 'stripe' | 'braintree' | 'visa'
  billingModel: 'credits' | 'pay-as-you-go'
  /** Price of one order, or of one call where pay-as-you-go. */
  priceCents: bigint
  creditsPerOrder: bigint
  /** A settlement burns at least this many credits. */
  minAmount: bigint
  /** A settlement burns at most this many; equal to `minAmount`, exactly this many. */
  maxAmount: bigint
}

export interface LocalAccount {
  address: string
  /** On-chain funds for orders. */
  walletCents: bigint
  /** Whether the card of this account is accepted. */
  cardAccepted: boolean
}

export interface LocalDelegation {
  delegationId: string
  owner: string
  provider: string
  currency: string
  providerPaymentMethodId: string | null
  apiKeyId: string | null
  status: 'Active' | 'Revoked' | 'Expired' | 'Exhausted'
  spendingLimitCents: bigint
  amountSpentCents: bigint
  transactionCount: number
  maxTransactions?: number
  planId?: string
  createdAt: number
  expiresAt: number
}

/** One settlement that moved something. */
export interface LocalSettlement {
  transaction: string
  planId: string
  payer: string
  /** What the seller asked for. */
  requested: bigint
  /** What was burned after the plan's own bounds. */
  redeemed: bigint
  remainingBalance: bigint
  orderTx?: string
  billingModel: LocalPlan['billingModel']
  agentRequestId?: string
  /** The nonce of a single-use token. */
  nonce?: string
}

export interface SettleOrder {
  planId: string
  payer: string
  amount: bigint | undefined
  delegationId: string | undefined
  nonce: string | undefined
  agentRequestId: string | undefined
}

/** A plan; what is not given has the default of the local stack. */
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

/** What a delegation is made of at least. */
export type DelegationTerms = Partial<LocalDelegation> & {
  spendingLimitCents: bigint
  /** @default 3600 */
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
