export { payingFetch } from './paying-fetch.js'
export type { PayingFetchOptions } from './paying-fetch.js'
export { payingAxios } from './paying-axios.js'
export { payingMcp } from './paying-mcp.js'
export type { PayingMcpOptions } from './paying-mcp.js'
export type { McpClient } from './mcp/call-tool.js'
export { createBudget } from './buying/budget.js'
export type { Budget, BudgetStanding } from './buying/budget.js'
export type { Allowance, Intent, PaymentLimits } from './buying/limits.js'
export type { SignedPaymentLimits } from '../limits/signed-payment-limits.js'
export type { Amount } from '../wire/amounts.js'
export type { PaymentUnit } from './buying/units.js'
export type {
  PayFunction,
  Payer,
  PayerAnswer,
  PayerCall,
  PlanBalances,
  Protocol,
} from './buying/payer.js'
export { payerOf } from './buying/payer-of.js'
export type { SigningAccount } from './buying/payer-of.js'
export { receiptOf } from './buying/receipt.js'
export type { Receipt } from './buying/receipt.js'
export { OptionsError, PaymentError } from '../errors/payment-error.js'
export type { PaymentErrorCode } from '../errors/payment-error.js'
export { PaidCallError, PaymentLimitError } from './buying/errors.js'
export type { LimitName } from './buying/errors.js'
export type { MppChallenge, MppRequest } from '../wire/mpp.js'
export type { Challenge, Requirement, RequirementV1 } from '../wire/x402-challenge.js'
