import { ErrorFacts, factsOf, isError, systemCode } from '../../errors/error-facts.js'
import { PaymentError } from '../../errors/payment-error.js'
import type { Challenge } from '../../wire/x402-challenge.js'
import type { SignedPaymentLimits } from '../../limits/signed-payment-limits.js'
import type { Receipt } from './receipt.js'

/** Names of the limits that a buyer can set, as they are written in the limits. */
export type LimitName =
  | keyof SignedPaymentLimits
  | 'plans'
  | 'budgets'
  | 'networks'
  | 'allowUnstatedPrice'
  | 'total'
  | 'trustReceipts'
  | 'confirm'

/** The buyer's own limits forbid to pay what the seller asks. Nothing was paid. */
export class PaymentLimitError extends PaymentError {
  override readonly name = 'PaymentLimitError'
  /** The limit that forbade it. If there are several ways to pay, the limit of the one that came closest. */
  readonly limit: LimitName
  /** What the call costs at most, if its price is known. A decimal string in units of the budget. */
  readonly amount: string | undefined
  /** What `maxAmountPerPayment` allows, or what is left of `total`. A decimal string in units of the budget. */
  readonly allowed: string | undefined
  /** The seller's challenge, in the form of x402 v2. It is what the limits forbade to pay. */
  readonly paymentRequired: Challenge

  constructor(
    limit: LimitName,
    message: string,
    paymentRequired: Challenge,
    amounts: { amount?: bigint; allowed?: bigint } = {},
  ) {
    super('limit_exceeded', `${message}; nothing was paid`)
    this.limit = limit
    this.paymentRequired = paymentRequired
    this.amount = amounts.amount?.toString()
    this.allowed = amounts.allowed?.toString()
  }
}

/**
 * A payment was sent, and the call failed. The connection broke, the caller gave up, the server answered with
 * a JSON-RPC error, or the client refused the answer. `receipt` says what is known of the payment.
 */
export class PaidCallError extends PaymentError {
  override readonly name = 'PaidCallError'
  /** What is known of the payment: whether it was taken, and how much. */
  readonly receipt: Receipt

  constructor(receipt: Receipt, failure: unknown) {
    super('paid_call_failed', `the paid call failed; ${SAYS[receipt.paid]}`, {
      cause: causeOf(failure),
    })
    this.receipt = receipt
  }
}

const SAYS: Readonly<Record<Receipt['paid'], string>> = {
  yes: 'the payment was taken',
  no: 'the payment was not taken',
  unknown:
    'the outcome of the payment is unknown. Do not pay again before you know it: ' +
    'the same call again sends the same payment',
}

/**
 * The facts of an error: its name and code. Its message is left out, since a server can quote the payment in
 * it.
 */
function causeOf(failure: unknown): ErrorFacts {
  const { name } = factsOf(failure, false)
  const code = codeOf(failure) ?? (isError(failure) ? codeOf(failure.cause) : undefined)
  return code === undefined
    ? new ErrorFacts(name, name)
    : new ErrorFacts(name, `${name} ${code}`, { code })
}

/** E.g. `ECONNRESET` from a socket, `-32001` from JSON-RPC. */
function codeOf(failure: unknown): string | number | undefined {
  if (!isError(failure)) return undefined
  const { code } = failure as { code?: unknown }
  return Number.isSafeInteger(code) ? Number(code) : systemCode(failure)
}
