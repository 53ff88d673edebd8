import { genericPaymentHandler } from './generic-payment-handler.js'
import { inFailure, markedAlone, returnedAnswer } from './good-answer.js'
import { legacyAnswer } from './legacy-answer.js'
import { markedAnswer } from './marked-answer.js'
import type { PaymentResponseHandler } from '../options/payment-response-handler.js'
import { handlerReading } from './reading-handler.js'
import { unmarkedAnswer } from './unmarked-answer.js'

/**
 * Tools named `http_request`: their texts are their own, with the marker in front of a 402, or as the Python package
 * strands-agents-tools writes them.
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
