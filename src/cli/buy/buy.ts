import { createInterface } from 'node:readline/promises'
import type { PaymentLimits } from '../../client/buying/limits.js'
import type { PayFunction, Payer } from '../../client/buying/payer.js'
import { type Receipt, receiptOf } from '../../client/buying/receipt.js'
import type { Challenge } from '../../wire/x402-challenge.js'
import type { Work } from '../interruptible.js'
import { plainText } from '../output/plain-text.js'
import type { BuyOptions } from './buy-options.js'
import { type Offer, chosenFrom, offersIn } from './offers.js'
import { PerhapsPaid, RefusedPayment, Unpaid, failedPurchase } from './outcome.js'
import { PaymentSoFar } from './payment-so-far.js'
import { NEEDS, type Wallet } from './wallets.js'

/** What a seller answered to a call without a payment of ours. */
export interface Asked<Answer> {
  readonly answer: Answer
  readonly challenge: Challenge | undefined
  /** Why a challenge is not paid, however much may be spent. */
  readonly hint?: string | undefined
}

/** A seller that is called: over HTTP, or over MCP. */
export interface Seller<Answer> {
  readonly url: URL
  /** The caller's own payment goes with the call. */
  readonly isPaidByCaller: boolean
  /** Calls without payment. */
  readonly ask: () => Promise<Asked<Answer>>
  /**
   * Makes the same call with payment. The call without payment is not made again.
   *
   * @param sends is called before a payment goes out
   */
  readonly pay: (
    payer: Payer,
    limits: PaymentLimits,
    sends: (payment: unknown) => void,
  ) => Promise<Answer & object>
}

/** What came of a purchase. */
export interface Bought<Answer> {
  readonly answer: Answer
  /** What was agreed to, e.g. `$0.01`. `undefined` for a free call. */
  readonly price: string | undefined
  readonly receipt: Receipt | undefined
  readonly soFar: PaymentSoFar
}

/**
 * Buys once: calls without payment, shows the price, asks, and pays.
 *
 * @throws Unpaid if a payment is asked for, and none may be made. @throws Ended if the purchase failed.
 */
export async function buy<Answer>(
  seller: Seller<Answer>,
  wallets: readonly Wallet[],
  options: BuyOptions,
  work: Work,
): Promise<Bought<Answer>> {
  const soFar = new PaymentSoFar(work)
  if (seller.isPaidByCaller) soFar.sends(undefined)
  let price: string | undefined
  try {
    const { answer, challenge, hint } = await seller.ask()
    if (challenge === undefined) {
      const receipt = seller.isPaidByCaller ? receiptOf(answer) : undefined
      return { answer, price, receipt, soFar }
    }
    const chosen = await agreed(challenge, wallets, options, hint)
    const { wallet, limits } = chosen
    price = chosen.price
    const payer = wallet.name === 'agentcore' ? noted(wallet.payer, soFar) : wallet.payer
    const paid = await seller.pay(payer, limits, (payment) => soFar.sends(payment))
    return { answer: paid, price, receipt: receiptOf(paid), soFar }
  } catch (error) {
    const ended = failedPurchase(error, seller.url, soFar)
    if (ended instanceof PerhapsPaid || ended instanceof RefusedPayment) ended.price = price
    throw ended
  }
}

/** An offer that is going to be paid. */
type Agreed = Offer & { readonly wallet: Wallet; readonly limits: PaymentLimits }

/** Shows what is asked for. @returns what to pay. @throws Unpaid if nothing is. */
async function agreed(
  challenge: Challenge,
  wallets: readonly Wallet[],
  options: BuyOptions,
  hint: string | undefined,
): Promise<Agreed> {
  const offers = offersIn(challenge, wallets, options)
  say(offers.flatMap((offer) => offerLines(offer, options)))
  if (!options.pay) {
    const how = ['--pay', limitFor(offers), ...(hint === undefined ? [] : [hint])].join(' and ')
    throw new Unpaid(`a payment is asked for: add ${how}`, offers)
  }
  if (hint !== undefined) throw new Unpaid(`a payment is asked for: add ${hint}`, offers)
  const { wallet, limits, ...offer } = chosenFrom(offers) ?? {}
  if (wallet === undefined || limits === undefined) {
    throw new Unpaid(whyNone(offers, wallets), offers)
  }
  const chosen = { ...(offer as Offer), wallet, limits }
  await confirm(chosen, options)
  return chosen
}

/** Notes when the payer is asked. AgentCore payments charges its session then. */
function noted(payer: Payer, soFar: PaymentSoFar): Payer {
  const pay: PayFunction = (...args) => {
    soFar.asks()
    return typeof payer === 'function' ? payer(...args) : payer.pay(...args)
  }
  const protocols = typeof payer === 'function' ? undefined : payer.protocols
  return { pay, ...(protocols && { protocols }) }
}

/** Writes to the standard error, since the answer goes to the standard output. */
export function say(lines: readonly string[]): void {
  process.stderr.write(lines.map((line) => `${plainText(line)}\n`).join(''))
}

function offerLines({ price, by, terms, wallet, whyNot }: Offer, { pay }: BuyOptions): string[] {
  // Without --pay, every price is just shown.
  const isFit = whyNot === undefined || (!pay && wallet !== undefined)
  const why = isFit ? `paid by ${wallet?.words ?? 'nobody'}` : whyNot
  return [`${isFit ? 'price' : 'no   '}   ${price} ${by}: ${why}`, `        ${terms}`]
}

function limitFor(offers: readonly Offer[]): string {
  const isCredits = offers.every(({ requirement }) => typeof requirement.planId === 'string')
  return isCredits ? '--max-credits <n>' : "--max '$…'"
}

function whyNone(offers: readonly Offer[], wallets: readonly Wallet[]): string {
  if (wallets.length === 0) {
    return `there is no wallet. Set one up: ${Object.values(NEEDS).join('; or ')}`
  }
  const reasons = offers.map(({ price, whyNot }) => `${price}: ${whyNot ?? ''}`)
  return `no way to pay fits: ${plainText(reasons.join('; '))}`
}

/** Asks the person at the terminal. Without a terminal, the limits are the agreement. */
async function confirm(offer: Offer, { yes }: BuyOptions): Promise<void> {
  if (yes || !process.stdin.isTTY || !process.stderr.isTTY) return
  const lines = createInterface({ input: process.stdin, output: process.stderr })
  // Ctrl+C ends the command as everywhere.
  lines.once('SIGINT', () => process.emit('SIGINT'))
  // Ctrl+D ends the input without an answer.
  const closed = new Promise<string>((resolve) => void lines.once('close', () => resolve('')))
  const question = lines.question(plainText(`Pay ${offer.price}? [y/N] `))
  const said = await Promise.race([question, closed]).finally(() => lines.close())
  if (!/^y(es)?$/i.test(said.trim())) throw new Unpaid('you did not agree', [offer])
}
