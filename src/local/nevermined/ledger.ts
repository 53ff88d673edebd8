import { randomBytes, randomUUID } from 'node:crypto'
import { ApiError } from './api-error.js'

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
}

export interface SettleOrder {
  planId: string
  payer: string
  amount: bigint | undefined
  delegationId: string | undefined
  nonce: string | undefined
  agentRequestId: string | undefined
}

/** Balances, plans and delegations with the rules of the real ledger. Balances never go below zero. */
export class Ledger {
  readonly plans = new Map<string, LocalPlan>()
  readonly accounts = new Map<string, LocalAccount>()
  readonly delegations = new Map<string, LocalDelegation>()
  readonly settlements: LocalSettlement[] = []
  readonly #balances = new Map<string, bigint>()
  readonly #spentNonces = new Set<string>()
  readonly #byRequest = new Map<string, LocalSettlement>()
  readonly #now: () => number

  constructor(now: () => number) {
    this.#now = now
  }

  addPlan(plan: Partial<LocalPlan> = {}): LocalPlan {
    const full: LocalPlan = {
      planId: BigInt(`0x${randomBytes(32).toString('hex')}`).toString(),
      name: 'Local plan',
      billingModel: 'credits',
      priceCents: 100n,
      creditsPerOrder: 100n,
      minAmount: 1n,
      maxAmount: 1_000n,
      ...plan,
    }
    this.plans.set(full.planId, full)
    return full
  }

  addAccount(account: Partial<LocalAccount> = {}): LocalAccount {
    const full: LocalAccount = {
      address: `0x${randomBytes(20).toString('hex')}`,
      walletCents: 1_000n,
      cardAccepted: true,
      ...account,
    }
    this.accounts.set(full.address, full)
    return full
  }

  addDelegation(
    owner: string,
    terms: Partial<LocalDelegation> & { spendingLimitCents: bigint; durationSecs?: number },
  ): LocalDelegation {
    const { durationSecs = 3_600, ...rest } = terms
    const now = this.#now()
    const full: LocalDelegation = {
      delegationId: randomUUID(),
      owner,
      provider: 'erc4337',
      currency: 'usdc',
      providerPaymentMethodId: null,
      apiKeyId: null,
      status: 'Active',
      amountSpentCents: 0n,
      transactionCount: 0,
      createdAt: now,
      expiresAt: now + durationSecs * 1_000,
      ...rest,
    }
    this.delegations.set(full.delegationId, full)
    return full
  }

  /** @throws ApiError `BCK.PROTOCOL.0003` */
  plan(planId: string): LocalPlan {
    const plan = this.plans.get(planId)
    if (plan === undefined) throw new ApiError(404, 'BCK.PROTOCOL.0003', 'Plan not found')
    return plan
  }

  balance(planId: string, holder: string): bigint {
    return this.#balances.get(balanceKey(planId, holder)) ?? 0n
  }

  credit(planId: string, holder: string, credits: bigint): void {
    this.#balances.set(balanceKey(planId, holder), this.balance(planId, holder) + credits)
  }

  /** What a settlement of `amount` would burn, by the plan's own bounds. */
  burnOf(plan: LocalPlan, amount: bigint | undefined): bigint {
    const { minAmount, maxAmount } = plan
    if (amount === undefined || amount > maxAmount) return maxAmount
    return amount < minAmount ? minAmount : amount
  }

  /** Whether verify calls the payment good. A card delegation is not asked for funds. */
  covers(order: Omit<SettleOrder, 'nonce' | 'agentRequestId'>): boolean {
    const plan = this.plan(order.planId)
    const delegation = this.#delegation(order.delegationId)
    if (plan.fiatProvider !== undefined && delegation !== undefined) {
      return this.stateOf(delegation) === 'Active'
    }
    if (plan.billingModel === 'credits') {
      const missing = this.burnOf(plan, order.amount) - this.balance(plan.planId, order.payer)
      if (missing <= 0n) return true
      if (missing > plan.creditsPerOrder) return false // one top-up a settlement
    }
    if (delegation === undefined || this.stateOf(delegation) !== 'Active') return false
    return remainingCents(delegation) >= plan.priceCents
  }

  /**
   * Burns credits, topping up first where the token carries a delegation. Answers a repeated
   * `agentRequestId` with the first settlement, as the real one documents.
   *
   * @throws ApiError with the real codes; nothing has moved then.
   */
  settle(order: SettleOrder): LocalSettlement {
    const plan = this.plan(order.planId)
    if (order.nonce !== undefined && this.#spentNonces.has(order.nonce)) {
      throw new ApiError(402, 'BCK.X402.0059', 'Access token already used')
    }
    const requestKey = `${order.payer} ${order.planId} ${order.agentRequestId}`
    const earlier = order.agentRequestId === undefined ? undefined : this.#byRequest.get(requestKey)
    if (earlier !== undefined) return earlier
    if (order.amount === 0n) throw new ApiError(400, 'BCK.CREDITS.0002', 'Burn must be positive')

    const moved =
      plan.billingModel === 'credits' ? this.#burn(plan, order) : this.#charge(plan, order)
    const settlement: LocalSettlement = {
      transaction: transactionHash(),
      planId: plan.planId,
      payer: order.payer,
      requested: order.amount ?? plan.maxAmount,
      remainingBalance: this.balance(plan.planId, order.payer),
      billingModel: plan.billingModel,
      ...(order.agentRequestId !== undefined && { agentRequestId: order.agentRequestId }),
      ...moved,
    }
    this.settlements.push(settlement)
    if (order.nonce !== undefined) this.#spentNonces.add(order.nonce)
    if (order.agentRequestId !== undefined) this.#byRequest.set(requestKey, settlement)
    return settlement
  }

  /** Buys a plan from the account's own wallet. */
  order(planId: string, address: string): string {
    const plan = this.plan(planId)
    const account = this.#account(address)
    if (account.walletCents < plan.priceCents) {
      throw new ApiError(500, 'BCK.X402.0008', 'The order could not be paid')
    }
    account.walletCents -= plan.priceCents
    this.credit(planId, address, plan.creditsPerOrder)
    return transactionHash()
  }

  #burn(plan: LocalPlan, order: SettleOrder): { redeemed: bigint; orderTx?: string } {
    const redeemed = this.burnOf(plan, order.amount)
    const missing = redeemed - this.balance(plan.planId, order.payer)
    const orderTx = missing > 0n ? this.#topUp(plan, order, missing) : undefined
    this.credit(plan.planId, order.payer, -redeemed)
    return { redeemed, ...(orderTx !== undefined && { orderTx }) }
  }

  #charge(plan: LocalPlan, order: SettleOrder): { redeemed: bigint; orderTx: string } {
    return { redeemed: 0n, orderTx: this.#spend(plan, order) }
  }

  #topUp(plan: LocalPlan, order: SettleOrder, missing: bigint): string {
    if (order.delegationId === undefined || plan.creditsPerOrder < missing) {
      throw new ApiError(402, 'BCK.CREDITS.0003', 'Insufficient credits')
    }
    const orderTx = this.#spend(plan, order)
    this.credit(plan.planId, order.payer, plan.creditsPerOrder)
    return orderTx
  }

  /** Takes the plan's price from the delegation: all checks first, then all changes. */
  #spend(plan: LocalPlan, order: SettleOrder): string {
    const delegation = this.#delegation(order.delegationId)
    if (delegation === undefined) throw new ApiError(402, 'BCK.X402.0019', 'Delegation not found')
    this.#requireActive(delegation)
    if (remainingCents(delegation) < plan.priceCents) {
      throw new ApiError(402, 'BCK.X402.0023', 'The remaining budget is too small')
    }
    const account = this.#account(order.payer)
    if (plan.fiatProvider !== undefined && !account.cardAccepted) {
      throw new ApiError(500, 'BCK.X402.0009', 'The card was declined')
    }
    if (plan.fiatProvider === undefined) {
      if (account.walletCents < plan.priceCents) {
        throw new ApiError(500, 'BCK.X402.0008', 'The order could not be paid')
      }
      account.walletCents -= plan.priceCents
    }
    delegation.amountSpentCents += plan.priceCents
    delegation.transactionCount += 1
    return plan.fiatProvider === undefined
      ? transactionHash()
      : `pi_${randomBytes(12).toString('hex')}`
  }

  #requireActive(delegation: LocalDelegation): void {
    const codes = { Revoked: '0020', Expired: '0021', Exhausted: '0022' }
    const state = this.stateOf(delegation)
    if (state === 'Active') return
    throw new ApiError(402, `BCK.X402.${codes[state]}`, `Delegation ${state.toLowerCase()}`)
  }

  /** As of now: stored, or expired or used up since. */
  stateOf(delegation: LocalDelegation): LocalDelegation['status'] {
    const { status, expiresAt, transactionCount, maxTransactions } = delegation
    if (status !== 'Active') return status
    if (expiresAt <= this.#now()) return 'Expired'
    const used = maxTransactions !== undefined && transactionCount >= maxTransactions
    return used || remainingCents(delegation) <= 0n ? 'Exhausted' : 'Active'
  }

  #delegation(delegationId: string | undefined): LocalDelegation | undefined {
    return delegationId === undefined ? undefined : this.delegations.get(delegationId)
  }

  #account(address: string): LocalAccount {
    const account = this.accounts.get(address)
    if (account === undefined) throw new ApiError(404, 'BCK.X402.0011', 'The payer has no profile')
    return account
  }
}

function remainingCents(delegation: LocalDelegation): bigint {
  return delegation.spendingLimitCents - delegation.amountSpentCents
}

function balanceKey(planId: string, holder: string): string {
  return `${planId} ${holder.toLowerCase()}`
}

function transactionHash(): string {
  return `0x${randomBytes(32).toString('hex')}`
}
