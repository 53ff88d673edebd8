import { readAnswer } from './answer/read-answer.js'
import type { Answer } from './answer/answer.js'
import { readHttpAnswer } from './answer/read-http-answer.js'
import { asError } from '../errors/payment-error.js'
import type { Call } from './events/call.js'
import type { Sale } from './options/sale.js'
import type { VerifiedPayment } from './payment/payment.js'
import { requireSendable } from './events/sendable.js'

/** Calls the seller's handler. */
export type Run = (call: Call, payment: VerifiedPayment) => unknown

/** @returns `undefined` if the handler threw or answered in no known format; both are logged. */
export async function runHandler(
  { call, settings }: Sale,
  run: Run,
  payment: VerifiedPayment,
): Promise<Answer | undefined> {
  const { creditsFrom, logger } = settings
  const tool = call.label
  try {
    const read = call.transport.protocol === 'http' ? readHttpAnswer : readAnswer
    const answer = read(await run(call, payment), creditsFrom)
    if (answer === undefined) logger.error('the handler answered in no known format', { tool })
    else requireSendable(answer, call.transport)
    return answer
  } catch (error) {
    logger.error('the handler failed', { tool, error: asError(error) })
    return undefined
  }
}
