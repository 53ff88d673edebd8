import { PaidCallError, PaymentLimitError } from '../../client/buying/errors.js'
import type { Receipt } from '../../client/buying/receipt.js'
import { PaymentError } from '../../errors/payment-error.js'
import { isLoopback } from '../../wire/loopback.js'
import { EXIT, Ended } from '../ended.js'
import { plainText } from '../output/plain-text.js'
import { McpError } from './mcp-error.js'
import type { Offer } from './offers.js'
import type { PaymentSoFar } from './payment-so-far.js'

/** A payment is asked for, and none was made. */
export class Unpaid extends Ended {
  override readonly exitCode = EXIT.unpaid
  readonly offers: readonly Offer[]

  constructor(why: string, offers: readonly Offer[] = []) {
    super(`${why}. Nothing was paid`)
    this.offers = offers
  }
}

/** A payment was sent. Nobody can say what became of it, or it was charged and brought nothing. */
export class PerhapsPaid extends Ended {
  override readonly exitCode = EXIT.perhapsPaid
  readonly receipt: Receipt | undefined
  /** What was agreed to, if that is known. */
  price: string | undefined

  constructor(message: string, receipt?: Receipt) {
    super(message)
    this.receipt = receipt
  }
}

/** What an error means that ended a purchase. */
export function failedPurchase(error: unknown, url: URL, soFar: PaymentSoFar): Ended {
  if (error instanceof PaidCallError) {
    const why = whyBroken(error.cause)
    return endingOf(error.receipt, why, soFar)
  }
  if (error instanceof PaymentLimitError) {
    return new Unpaid(plainText(error.message.replace(/; nothing was paid$/, '')))
  }
  const why = whyFailed(error, url)
  if (mayBePaid(error, soFar)) return new PerhapsPaid(`${why}. ${soFar.words.replace(/\.$/, '')}`)
  if (error instanceof Ended) return error
  return new Ended(/nothing was paid$/i.test(why) ? why : `${why}. Nothing was paid`)
}

/** @param cause its facts. Its message is not printed, since a server can quote the payment in it. */
function whyBroken(cause: unknown): string {
  const { name, code } = cause as Error & { code?: string | number }
  if (name === 'TimeoutError') return 'the paid call got no answer in time'
  return `the paid call failed with ${code ?? name}`
}

/**
 * Whether money may have moved. AgentCore payments charges before anything is sent. Its own errors say whether it may
 * have; other errors, such as that of a timeout, do not know.
 */
function mayBePaid(error: unknown, soFar: PaymentSoFar): boolean {
  if (soFar.isSent) return true
  const message = error instanceof Error ? error.message : ''
  return (
    (soFar.isAsked && !(error instanceof PaymentError)) || /may have been charged/.test(message)
  )
}

/** Why a server could not be called, or refused the call. */
export function whyFailed(error: unknown, { origin, hostname }: URL): string {
  if (error instanceof McpError) {
    return plainText(`the server answers with an error: ${error.message} (${error.code})`)
  }
  if (error instanceof Ended || error instanceof PaymentError) return plainText(error.message)
  const { cause, name } = error as Error & { cause?: { code?: string; message?: string } }
  const why =
    cause?.code ?? cause?.message ?? (name === 'TimeoutError' ? 'no answer in time' : name)
  const hint = isLoopback(hostname) ? ' (does the server run?)' : ''
  return `${origin} cannot be called: ${why}${hint}`
}

/** How the command ends if its payment was sent and did not bring what was bought, or has no receipt. */
export function endingOf(
  receipt: Receipt,
  why: string,
  soFar: PaymentSoFar,
  answer: string = '',
): Ended {
  const { paid, reason, transaction } = receipt
  const [, correlationId] = /\bcorrelation id ([\w-]{1,100})/i.exec(answer) ?? []
  const named = [
    reason,
    transaction && `transaction ${transaction}`,
    correlationId && `correlation id ${correlationId}`,
  ]
  const known = [...named, ...soFar.ids].filter((one) => one !== undefined && one !== '')
  const told = known.length === 0 ? why : `${why} (${known.join(', ')})`
  if (paid === 'no')
    return new RefusedPayment(`${told}. The seller says that it took nothing`, receipt)
  const advice =
    paid === 'yes'
      ? 'It was charged: ask the seller, and do not pay again'
      : 'The outcome of the payment is unknown: do not pay again before you know it'
  return new PerhapsPaid(`${told}. ${advice}`, receipt)
}

/** The seller says that it took nothing. */
export class RefusedPayment extends Ended {
  readonly receipt: Receipt
  /** What was agreed to, if that is known. */
  price: string | undefined

  constructor(message: string, receipt: Receipt) {
    super(message)
    this.receipt = receipt
  }
}
