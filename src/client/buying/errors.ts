import { ErrorFacts, factsOf, isError, systemCode } from '../../errors/error-facts.js'
import { PaymentError } from '../../errors/payment-error.js'
import type { Challenge } from '../../wire/x402-challenge.js'
import type { Receipt } from './receipt.js'

/** Names of the limits a buyer can set, as they are written there. */
export type LimitName =
  | 'schemes'
  | 'plans'
  | 'assets'
  | 'networks'
  | 'payees'
  | 'hosts'
  | 'maxTimeoutSeconds'
  | 'allowUnstatedPrice'
  | 'perCall'
  | 'total'
  | 'trustReceipts'
  | 'confirm'

/** The buyer's own limits forbid to pay what is asked. Nothing was paid. */
export class PaymentLimitError extends PaymentError {
  override readonly name = 'PaymentLimitError'
  /** The limit that forbade it. With several ways to pay, that of the one which came closest. */
  readonly limit: LimitName
  /** What the call costs at most, where its price is known. Decimal string in units of the budget. */
  readonly amount: string | undefined
  /** What `perCall` allows, or what is left of `total`. Decimal string in units of the budget. */
  readonly allowed: string | undefined
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
 * A payment was sent and the call failed: the connection broke, the caller gave up, the server
 * answered with a JSON-RPC error, or the client would not take the answer. `receipt` says what is
 * known of the payment.
 */
export class PaidCallError extends PaymentError {
  override readonly name = 'PaidCallError'
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
    'the outcome of the payment is unknown, so do not pay again before you know it; ' +
    'the same call again sends the same payment',
}

/** Name and code of an error. Its message is left out: a server can quote the payment in it. */
function causeOf(failure: unknown): ErrorFacts {
  const { name } = factsOf(failure, false)
  const code = codeOf(failure) ?? (isError(failure) ? codeOf(failure.cause) : undefined)
  return code === undefined
    ? new ErrorFacts(name, name)
    : new ErrorFacts(name, `${name} ${code}`, { code })
}

/** `ECONNRESET` of a socket, `-32001` of JSON-RPC. */
function codeOf(failure: unknown): string | number | undefined {
  if (!isError(failure)) return undefined
  const { code } = failure as { code?: unknown }
  return Number.isSafeInteger(code) ? Number(code) : systemCode(failure)
}
