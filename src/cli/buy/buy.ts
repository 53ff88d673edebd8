import { createInterface } from 'node:readline/promises'
import type { PaymentLimits } from '../../client/buying/limits.js'
import type { Payer } from '../../client/buying/payer.js'
import { type Receipt, receiptOf } from '../../client/buying/receipt.js'
import type { Challenge } from '../../wire/x402-challenge.js'
import { EXIT, Ended } from '../ended.js'
import type { Work } from '../interruptible.js'
import { plainText } from '../output/plain-text.js'
import type { BuyOptions } from './buy-options.js'
import { type Offer, offersIn } from './offers.js'
import { failedPurchase } from './outcome.js'
import { NEEDS, type Wallet } from './wallets.js'

/** A seller that is called: over HTTP, or over MCP. */
export interface Seller<Answer> {
  /** Calls without payment. */
  readonly ask: () => Promise<{
    readonly answer: Answer
    readonly challenge: Challenge | undefined
  }>
  /** Makes the same call with payment. The call without payment is not made again. */
  readonly pay: (payer: Payer, limits: PaymentLimits) => Promise<Answer & object>
}

/** What came of a purchase. */
export interface Bought<Answer> {
  readonly answer: Answer
  /** What was agreed to, e.g. `$0.01`. `undefined` for a free call. */
  readonly price: string | undefined
  readonly receipt: Receipt | undefined
}

/** A payment is asked for, and none was made. */
export class Unpaid extends Ended {
  override readonly exitCode = EXIT.unpaid
  readonly offers: readonly Offer[]

  constructor(why: string, offers: readonly Offer[]) {
    super(`${why}. Nothing was paid`)
    this.offers = offers
  }
}

const NOTHING_PAID = 'Nothing was paid.'

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
  work.soFar = () => NOTHING_PAID
  const { answer, challenge } = await seller.ask()
  if (challenge === undefined) return { answer, price: undefined, receipt: undefined }
  const offers = offersIn(challenge, wallets, options)
  const chosen = offers.find(({ whyNot }) => whyNot === undefined)
  if (!options.json) say(offers.map((offer) => offerText(offer, options)))
  if (!options.pay)
    throw new Unpaid(`a payment is asked for: add --pay and ${limitFor(offers)}`, offers)
  if (chosen?.wallet === undefined || chosen.limits === undefined) {
    throw new Unpaid(whyNone(offers, wallets), offers)
  }
  await confirm(chosen, options)
  work.soFar = () =>
    'The payment may have been sent: do not pay again before you know what became of it.'
  work.exitCode = EXIT.perhapsPaid
  try {
    const paid = await seller.pay(chosen.wallet.payer, chosen.limits)
    return { answer: paid, price: chosen.price, receipt: receiptOf(paid) }
  } catch (error) {
    throw failedPurchase(error)
  }
}

/** Writes to the standard error, since the answer goes to the standard output. */
export function say(lines: readonly string[]): void {
  process.stderr.write(lines.map((line) => `${plainText(line)}\n`).join(''))
}

function offerText({ price, by, wallet, whyNot }: Offer, options: BuyOptions): string {
  // Without --pay, every price is just shown.
  const isFit = whyNot === undefined || (!options.pay && wallet !== undefined)
  const why = isFit ? `paid by ${wallet?.words ?? 'nobody'}` : whyNot
  return `${isFit ? 'price' : 'no   '}   ${price} ${by}: ${why}`
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
  const said = await lines
    .question(plainText(`Pay ${offer.price}? [y/N] `))
    .finally(() => lines.close())
  if (!/^y(es)?$/i.test(said.trim())) throw new Unpaid('you did not agree', [offer])
}
