import type { Receipt } from '../../client/buying/receipt.js'
import { Ended } from '../ended.js'
import { endingOf } from './outcome.js'
import type { PaymentSoFar } from './payment-so-far.js'

/** An answer that was printed. */
export interface Finished {
  /** `undefined` if nothing was paid. */
  readonly receipt: Receipt | undefined
  readonly soFar: PaymentSoFar
  /** Why it is not what was asked for. `undefined` if it is. */
  readonly problem: string | undefined
  /** Its text, in which a seller may name an id. */
  readonly text: string
}

/** @returns the error that the command ends with; `undefined` if the call was answered, and paid if needed. */
export function endOf({ receipt, soFar, problem, text }: Finished): Ended | undefined {
  if (receipt === undefined) {
    return problem === undefined ? undefined : new Ended(`${problem}. Nothing was paid`)
  }
  if (problem === undefined && receipt.paid !== 'unknown') return undefined
  return endingOf(receipt, problem ?? 'the call was answered', soFar, text)
}
