import { inCall } from '../../errors/in-call.js'
import type { Challenge, Requirement } from '../../wire/x402-challenge.js'
import { affordable, leftOf, type Account } from './affordable.js'
import { checkLimits, type CheckedLimits } from './limit-checks.js'
import type { PaymentLimits } from './limits.js'
import type { PaymentUnit } from './units.js'

/**
 * How much of one plan or asset is spent and left. Unit of all amounts: credits of the plan, or atomic units
 * of the asset.
 */
export interface BudgetStanding {
  /** The plan or asset that this standing is about. */
  unit: PaymentUnit
  /** The most that may be spent, as the limits say. */
  total: bigint
  /** What receipts say was charged. A seller that charges more than it said can take this above `total`. */
  spent: bigint
  /** Reserved for payments under way, and for payments whose outcome is unknown. */
  held: bigint
  /** What may still be spent: `total` less `spent` and `held`, never below 0. */
  left: bigint
}

/** The amount that is reserved for one payment. It is released or settled, or stays held. */
export interface Reservation {
  readonly requirement: Requirement
  readonly unit: PaymentUnit
  /** The most that the call costs. */
  readonly amount: bigint
  /** Whether `confirm` has to be called. */
  readonly needsConfirm: boolean
  /** To be called if it is certain that nothing was paid. */
  release(): void
  /** To be called with the amount that was paid, be it less or more than reserved. */
  settle(amount: bigint): void
}

/**
 * Money that several paying clients share. The price of a call is reserved before the payer is called, in one
 * step, so parallel calls never overspend. It lives in memory: a new process starts with a full budget.
 */
export interface Budget {
  /** How much of each plan and asset is spent, held and left, in order of preference. */
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
   * Chooses the way to pay and reserves its price. No other call runs in between.
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
 * Makes a budget that several paying clients share. Give it to each of them in place of limits.
 *
 * @throws OptionsError naming the limit that is missing, unknown or not of its kind.
 */
export function createBudget(limits: PaymentLimits): Budget {
  const checked = inCall('createBudget', { limits }, () => checkLimits(limits))
  return new LimitedBudget(checked)
}

/** The budget of a paying client: the given one, or a new one for the given limits. */
export function budgetOf(limits: PaymentLimits | Budget): LimitedBudget {
  return limits instanceof LimitedBudget
    ? limits
    : new LimitedBudget(checkLimits(limits as PaymentLimits))
}
