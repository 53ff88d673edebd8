import { randomBytes } from 'node:crypto'
import { ApiError } from './api-error.js'
import {
  newAccount,
  newDelegation,
  newPlan,
  type DelegationTerms,
  type LocalAccount,
  type LocalDelegation,
  type LocalPlan,
  type LocalSettlement,
  type SettleOrder,
} from './ledger-entries.js'
import { affords, charge, payFromWallet, requireBudget, stateOf } from './spending.js'

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
    const full = newPlan(plan)
    this.plans.set(full.planId, full)
    return full
  }

  addAccount(account: Partial<LocalAccount> = {}): LocalAccount {
    const full = newAccount(account)
    this.accounts.set(full.address, full)
    return full
  }

  addDelegation(owner: string, terms: DelegationTerms): LocalDelegation {
    const full = newDelegation(owner, terms, this.#now())
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
    return delegation !== undefined && affords(delegation, plan, this.#now())
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
      plan.billingModel === 'credits'
        ? this.#burn(plan, order)
        : { redeemed: 0n, orderTx: this.#spend(plan, order) }
    const settlement: LocalSettlement = {
      transaction: transactionHash(),
      planId: plan.planId,
      payer: order.payer,
      requested: order.amount ?? plan.maxAmount,
      remainingBalance: this.balance(plan.planId, order.payer),
      billingModel: plan.billingModel,
      ...(order.agentRequestId !== undefined && { agentRequestId: order.agentRequestId }),
      ...(order.nonce !== undefined && { nonce: order.nonce }),
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
    payFromWallet(this.#account(address), plan)
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
    requireBudget(delegation, plan, this.#now())
    const account = this.#account(order.payer)
    const byCard = plan.fiatProvider !== undefined
    if (byCard && !account.cardAccepted) {
      throw new ApiError(500, 'BCK.X402.0009', 'The card was declined')
    }
    if (!byCard) payFromWallet(account, plan)
    charge(delegation, plan)
    return byCard ? `pi_${randomBytes(12).toString('hex')}` : transactionHash()
  }

  /** As of now: stored, or expired or used up since. */
  stateOf(delegation: LocalDelegation): LocalDelegation['status'] {
    return stateOf(delegation, this.#now())
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

function balanceKey(planId: string, holder: string): string {
  return `${planId} ${holder.toLowerCase()}`
}

function transactionHash(): string {
  return `0x${randomBytes(32).toString('hex')}`
}
