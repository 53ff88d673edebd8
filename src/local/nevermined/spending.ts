import { ApiError } from './api-error.js'
import type { LocalAccount, LocalDelegation, LocalPlan } from './ledger-entries.js'

/** What is paid from delegations and wallets, and the checks before that. */

/** The status of a delegation as of now. It may have expired, or be used up, since it was stored. */
export function stateOf(delegation: LocalDelegation, nowMs: number): LocalDelegation['status'] {
  const { status, expiresAt, transactionCount, maxTransactions } = delegation
  if (status !== 'Active') return status
  if (expiresAt <= nowMs) return 'Expired'
  const used = maxTransactions !== undefined && transactionCount >= maxTransactions
  return used || remainingCents(delegation) <= 0n ? 'Exhausted' : 'Active'
}

/** Whether a delegation can pay one order of a plan. */
export function affords(
  delegation: LocalDelegation,
  { priceCents }: LocalPlan,
  nowMs: number,
): boolean {
  return stateOf(delegation, nowMs) === 'Active' && remainingCents(delegation) >= priceCents
}

/**
 * Checks that a delegation can pay one order of a plan.
 *
 * @throws ApiError if it cannot.
 */
export function requireBudget(
  delegation: LocalDelegation | undefined,
  { priceCents }: LocalPlan,
  nowMs: number,
): asserts delegation is LocalDelegation {
  if (delegation === undefined) throw new ApiError(402, 'BCK.X402.0019', 'Delegation not found')
  const codes = { Revoked: '0020', Expired: '0021', Exhausted: '0022' }
  const state = stateOf(delegation, nowMs)
  if (state !== 'Active') {
    throw new ApiError(402, `BCK.X402.${codes[state]}`, `Delegation ${state.toLowerCase()}`)
  }
  if (remainingCents(delegation) < priceCents) {
    throw new ApiError(402, 'BCK.X402.0023', 'The remaining budget is too small')
  }
}

/** Takes the price of one order from a delegation. */
export function charge(delegation: LocalDelegation, { priceCents }: LocalPlan): void {
  delegation.amountSpentCents += priceCents
  delegation.transactionCount += 1
}

/**
 * Takes the price of one order from a wallet on chain.
 *
 * @throws ApiError if the wallet has too little. Nothing has moved then.
 */
export function payFromWallet(account: LocalAccount, { priceCents }: LocalPlan): void {
  if (account.walletCents < priceCents) {
    throw new ApiError(500, 'BCK.X402.0008', 'The order could not be paid')
  }
  account.walletCents -= priceCents
}

function remainingCents(delegation: LocalDelegation): bigint {
  return delegation.spendingLimitCents - delegation.amountSpentCents
}
