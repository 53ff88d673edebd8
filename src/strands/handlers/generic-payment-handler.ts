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
 * Any tool. In a result that failed the marker counts first, then whatever looks like a 402; in a good one an object
 * that says itself that it is one. The payment goes into `headers` of the input.
 */
export const genericPaymentHandler: PaymentResponseHandler = Object.freeze({
  ...handlerReading(inFailure(markedAnswer), inFailure(unmarkedAnswer), returnedAnswer),
  validateToolInput: (input: unknown, tool: Tool | undefined) =>
    isRecord(input) && headersIn(input) !== undefined && takesPayment(tool, ['headers']),
  applyPaymentHeader: withHeader,
})
