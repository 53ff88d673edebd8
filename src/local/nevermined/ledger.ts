import { randomBytes } from 'node:crypto'
import { ApiError } from './api-error.js'
import { newBooks, type LedgerBooks } from './ledger-books.js'
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

/**
 * Balances, plans and delegations, with the rules of the real ledger. A settlement never takes a balance
 * below zero.
 */
export class Ledger {
  /** The plans, by their ids. */
  readonly plans: Map<string, LocalPlan>
  /** The accounts, by their addresses. */
  readonly accounts: Map<string, LocalAccount>
  /** The delegations, by their ids. */
  readonly delegations: Map<string, LocalDelegation>
  /** Every settlement that moved something, in order. */
  readonly settlements: LocalSettlement[]
  readonly #balances: Map<string, bigint>
  readonly #spentNonces: Set<string>
  readonly #byRequest: Map<string, LocalSettlement>
  readonly #now: () => number

  constructor(now: () => number, books: LedgerBooks = newBooks()) {
    this.#now = now
    this.plans = books.plans
    this.accounts = books.accounts
    this.delegations = books.delegations
    this.settlements = books.settlements
    this.#balances = books.balances
    this.#spentNonces = books.spentNonces
    this.#byRequest = new Map(books.settlements.map((one) => [requestKey(one), one]))
  }

  /** Adds a plan. What is left out: $1.00 for 100 credits, 1 to 1000 credits a call. */
  addPlan(plan: Partial<LocalPlan> = {}): LocalPlan {
    const full = newPlan(plan)
    this.plans.set(full.planId, full)
    return full
  }

  /** Adds an account. What is left out: a new address, $10 in its wallet, and a card that is accepted. */
  addAccount(account: Partial<LocalAccount> = {}): LocalAccount {
    const full = newAccount(account)
    this.accounts.set(full.address, full)
    return full
  }

  /** Adds a delegation of an account. What is left out: on chain, in USDC, for an hour. */
  addDelegation(owner: string, terms: DelegationTerms): LocalDelegation {
    const full = newDelegation(owner, terms, this.#now())
    this.delegations.set(full.delegationId, full)
    return full
  }

  /**
   * Finds a plan.
   *
   * @throws ApiError `BCK.PROTOCOL.0003` if there is no such plan.
   */
  plan(planId: string): LocalPlan {
    const plan = this.plans.get(planId)
    if (plan === undefined) throw new ApiError(404, 'BCK.PROTOCOL.0003', 'Plan not found')
    return plan
  }

  /** How many credits of a plan an account holds. */
  balance(planId: string, holder: string): bigint {
    return this.#balances.get(balanceKey(planId, holder)) ?? 0n
  }

  /** Adds credits to what an account holds; a negative number takes them. */
  credit(planId: string, holder: string, credits: bigint): void {
    this.#balances.set(balanceKey(planId, holder), this.balance(planId, holder) + credits)
  }

  /** How many credits a settlement of `amount` takes, within the bounds of the plan. */
  burnOf(plan: LocalPlan, amount: bigint | undefined): bigint {
    const { minAmount, maxAmount } = plan
    if (amount === undefined || amount > maxAmount) return maxAmount
    return amount < minAmount ? minAmount : amount
  }

  /** Whether verify finds the payment good. A card delegation is not asked whether it has funds. */
  covers(order: Omit<SettleOrder, 'nonce' | 'agentRequestId'>): boolean {
    const plan = this.plan(order.planId)
    const delegation = this.#delegation(order.delegationId)
    if (plan.fiatProvider !== undefined && delegation !== undefined) {
      return this.stateOf(delegation) === 'Active'
    }
    if (plan.billingModel === 'credits') {
      const missing = this.burnOf(plan, order.amount) - this.balance(plan.planId, order.payer)
      if (missing <= 0n) return true
      if (missing > plan.creditsPerOrder) return false // A settlement orders once at most.
    }
    return delegation !== undefined && affords(delegation, plan, this.#now())
  }

  /**
   * Takes credits. If they do not suffice and the token has a delegation, it orders credits first. A repeated
   * `agentRequestId` gets the first settlement again, as the real API documents.
   *
   * @throws ApiError with a code of the real API. Nothing has moved then.
   */
  settle(order: SettleOrder): LocalSettlement {
    const plan = this.plan(order.planId)
    if (order.nonce !== undefined && this.#spentNonces.has(order.nonce)) {
      throw new ApiError(402, 'BCK.X402.0059', 'Access token already used')
    }
    const earlier =
      order.agentRequestId === undefined ? undefined : this.#byRequest.get(requestKey(order))
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
    if (order.agentRequestId !== undefined) this.#byRequest.set(requestKey(order), settlement)
    return settlement
  }

  /**
   * Buys a plan from the account's own wallet.
   *
   * @returns the hash of the order, which is made up
   */
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

  /** Takes the price of the plan from the delegation. All checks come first, then all changes. */
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

  /** The status of a delegation as of now. It may have expired, or be used up, since it was stored. */
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

function requestKey(of: {
  payer: string
  planId: string
  agentRequestId?: string | undefined
}): string {
  return `${of.payer} ${of.planId} ${of.agentRequestId}`
}

function balanceKey(planId: string, holder: string): string {
  return `${planId} ${holder.toLowerCase()}`
}

function transactionHash(): string {
  return `0x${randomBytes(32).toString('hex')}`
}
