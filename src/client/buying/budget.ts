import { inCall } from '../../errors/in-call.js'
import type { Challenge, Requirement } from '../../wire/x402-challenge.js'
import { affordable, leftOf, type Account } from './affordable.js'
import { checkLimits, type CheckedLimits } from './limit-checks.js'
import type { PaymentLimits } from './limits.js'
import type { PaymentUnit } from './units.js'

/** Where the budget of one plan or asset stands. Unit of all amounts: its credits or atomic units. */
export interface BudgetStanding {
  unit: PaymentUnit
  total: bigint
  /** What receipts say was charged. A seller that charges more than it said can take this above `total`. */
  spent: bigint
  /** Reserved for payments under way, and for those whose outcome is unknown. */
  held: bigint
  left: bigint
}

/** What is set aside for one payment. Ends in one of its three ways, or stays held. */
export interface Reservation {
  readonly requirement: Requirement
  readonly unit: PaymentUnit
  /** The most the call costs. */
  readonly amount: bigint
  /** Whether `confirm` has to be asked. */
  readonly needsConfirm: boolean
  /** It is certain that nothing was paid. */
  release(): void
  /** This much was paid, be it less or more than reserved. */
  settle(amount: bigint): void
}

/**
 * Money that several paying clients share. Amounts are reserved before a payer is asked, in one
 * step, so that parallel calls never overspend. It lives in memory: a new process starts with a
 * full budget.
 */
export interface Budget {
  /** How much of each plan and asset is left, in order of preference. */
  standing(): BudgetStanding[]
}

/** The budget as the paying clients use it. */
export class LimitedBudget implements Budget {
  readonly limits: CheckedLimits
  readonly #accounts: readonly Account[]

  constructor(limits: CheckedLimits) {
    this.limits = limits
    this.#accounts = limits.allowances.map((allowance) => ({ ...allowance, spent: 0n, held: 0n }))
  }

  standing(): BudgetStanding[] {
    return this.#accounts.map((account) => {
      const { unit, total, spent, held } = account
      return { unit: { ...unit }, total, spent, held, left: leftOf(account) }
    })
  }

  /**
   * Picks the way to pay and sets its price aside, without giving way to other calls in between.
   *
   * @throws PaymentLimitError if no way to pay fits the limits.
   */
  reserve(challenge: Challenge): Reservation {
    const { account, requirement, amount } = affordable(challenge, this.#accounts, this.limits)
    account.held += amount
    let open = true
    const close = (spent: bigint) => {
      if (!open) return
      open = false
      account.held -= amount
      account.spent += spent
    }
    const { confirmAbove } = account
    return {
      requirement,
      unit: account.unit,
      amount,
      needsConfirm: this.limits.confirm !== undefined && amount > (confirmAbove ?? -1n),
      release: () => close(0n),
      settle: close,
    }
  }
}

/**
 * A budget to share between several paying clients; they take it where they take limits.
 *
 * @throws OptionsError naming the limit that is missing, unknown or not of its kind.
 */
export function createBudget(limits: PaymentLimits): Budget {
  const checked = inCall('createBudget', { ...limits, limits }, () => checkLimits(limits))
  return new LimitedBudget(checked)
}

/** What was given as limits, as a budget: itself, or a new one of its own. */
export function budgetOf(limits: PaymentLimits | Budget): LimitedBudget {
  return limits instanceof LimitedBudget
    ? limits
    : new LimitedBudget(checkLimits(limits as PaymentLimits))
}
