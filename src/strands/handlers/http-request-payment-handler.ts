import { genericPaymentHandler } from './generic-payment-handler.js'
import { inFailure, markedAlone, returnedAnswer } from './good-answer.js'
import { legacyAnswer } from './legacy-answer.js'
import { markedAnswer } from './marked-answer.js'
import type { PaymentResponseHandler } from '../options/payment-response-handler.js'
import { handlerReading } from './reading-handler.js'
import { unmarkedAnswer } from './unmarked-answer.js'

/**
 * The handler for tools named `http_request`. Their texts are their own: a 402 stands after the marker, or in
 * the form of the Python package strands-agents-tools.
 */
export const httpRequestPaymentHandler: PaymentResponseHandler = Object.freeze({
  ...genericPaymentHandler,
  ...handlerReading(
    inFailure(markedAnswer),
    legacyAnswer,
    markedAlone,
    inFailure(unmarkedAnswer),
    returnedAnswer,
  ),
})
