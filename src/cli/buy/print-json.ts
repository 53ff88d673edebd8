import type { Receipt } from '../../client/buying/receipt.js'
import { Output } from '../output/output.js'
import type { BuyOptions } from './buy-options.js'
import type { Offer } from './offers.js'
import { PerhapsPaid, RefusedPayment, Unpaid } from './outcome.js'

/** What a purchase is, for programs. */
export interface PrintedPurchase {
  readonly price?: string | undefined
  readonly paid?: Receipt['paid']
  readonly receipt?: Receipt | undefined
  /** The status of HTTP. */
  readonly status?: number | undefined
  readonly answer?: unknown
  readonly offers?: readonly Offer[]
}

/** Prints one object. It always has the same members. Only a call that was not paid has `offers` too. */
export function printJson(bought: PrintedPurchase): Promise<void> {
  const { price, receipt, status, answer, offers } = bought
  const { paid = receipt?.paid ?? 'no' } = bought
  const known = {
    ...{ price, paid, receipt, status, answer },
    ...(offers && { offers: offers.map(offerJson) }),
  }
  const text = JSON.stringify(known, (_, value: unknown) => value ?? null, 2)
  return new Output().write(`${forTerminal(text)}\n`)
}

function offerJson({ price, by, terms, wallet, whyNot, requirement }: Offer): object {
  return { price, by, terms, wallet: wallet?.name, whyNot, requirement }
}

/** JSON escapes most characters that steer a terminal. These are the others. */
function forTerminal(json: string): string {
  if (!process.stdout.isTTY) return json
  return json.replace(
    /[\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g,
    (one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}

/** Tells programs how a purchase failed. @throws the error, which tells people. */
export async function printFailed(error: unknown, { json }: BuyOptions): Promise<never> {
  if (json) await printJson(failedJson(error))
  throw error
}

function failedJson(error: unknown): PrintedPurchase {
  if (error instanceof Unpaid) return { price: error.offers[0]?.price, offers: error.offers }
  if (error instanceof PerhapsPaid) return { paid: 'unknown', ...seen(error) }
  return error instanceof RefusedPayment ? seen(error) : {}
}

function seen({ price, receipt }: PerhapsPaid | RefusedPayment): PrintedPurchase {
  return { price, ...(receipt && { receipt, paid: receipt.paid }) }
}
