import type { Reply } from '../events/event-shape.js'
import type { Validate } from '../options/tool-options.js'
import type { Sale } from '../options/sale.js'
import { checkInput } from '../price/check-input.js'
import { failure } from './respond.js'
import { retryLater } from './respond-to-failure.js'

/** @returns the answer to a call whose input the seller's check refuses; `undefined` if the input is good. */
export async function refuseInput(sale: Sale, validate: Validate): Promise<Reply | undefined> {
  const problem = await checkInput(sale, validate)
  switch (problem?.kind) {
    case undefined:
      return undefined
    case 'check':
      return retryLater(
        'The seller cannot check the input of this call right now. Try again later. This call charged nothing.',
        503,
      )
    case 'input': {
      const refused = 'The input of this call was refused, and this call charged nothing'
      return failure(problem.why === undefined ? `${refused}.` : `${refused}: ${problem.why}`, 400)
    }
  }
}
