import type { Receipt } from '../../client/buying/receipt.js'
import { isLoopback } from '../../wire/loopback.js'
import { Ended } from '../ended.js'
import { Output } from '../output/output.js'
import { Unpaid } from './buy.js'
import type { BuyOptions } from './buy-options.js'

/** What a purchase is, for programs. */
export interface PrintedPurchase {
  readonly price: string | undefined
  readonly receipt: Receipt | undefined
  readonly status?: number
  readonly answer: unknown
}

export function printJson({ price, receipt, status, answer }: PrintedPurchase): Promise<void> {
  return new Output().json({ price, paid: receipt?.paid ?? 'no', receipt, status, answer })
}

/** Ends a command whose call was not bought. Programs are told what it would have cost. @throws the error */
export async function printUnpaid(error: unknown, { json }: BuyOptions, url: URL): Promise<never> {
  if (json && error instanceof Unpaid) {
    const offers = error.offers.map(({ requirement, price, whyNot, wallet }) => {
      return { price, whyNot, wallet: wallet?.name, requirement }
    })
    await new Output().json({ paid: 'no', offers })
  }
  if (error instanceof Ended || !(error instanceof Error)) throw error
  const { cause, name } = error as Error & { cause?: { code?: string } }
  const why = cause?.code ?? (name === 'TimeoutError' ? 'no answer in time' : name)
  const hint = isLoopback(url.hostname) ? 'Does the local stack run? ' : ''
  throw new Ended(`${url.origin} cannot be called: ${why}. ${hint}Nothing was paid`)
}
