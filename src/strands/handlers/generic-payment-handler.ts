import type { Tool } from '@strands-agents/sdk'
import { isRecord } from '../../wire/json.js'
import { inFailure, returnedAnswer } from './good-answer.js'
import { headersIn, withHeader } from './header-place.js'
import { markedAnswer } from './marked-answer.js'
import { takesPayment } from './payment-place.js'
import type { PaymentResponseHandler } from '../options/payment-response-handler.js'
import { handlerReading } from './reading-handler.js'
import { unmarkedAnswer } from './unmarked-answer.js'

/**
 * The handler for any tool. In a failed result it looks for the marker first, then for anything that looks
 * like a 402. In a good result only an object that states itself that it is a 402 counts. The payment goes
 * into `headers` of the input.
 */
export const genericPaymentHandler: PaymentResponseHandler = Object.freeze({
  ...handlerReading(inFailure(markedAnswer), inFailure(unmarkedAnswer), returnedAnswer),
  validateToolInput: (input: unknown, tool: Tool | undefined) =>
    isRecord(input) && headersIn(input) !== undefined && takesPayment(tool, ['headers']),
  applyPaymentHeader: withHeader,
})
