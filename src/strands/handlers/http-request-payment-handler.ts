import { genericPaymentHandler } from './generic-payment-handler.js'
import { legacyAnswer } from './legacy-answer.js'
import { markedAnswer } from './marked-answer.js'
import type { PaymentResponseHandler } from '../options/payment-response-handler.js'
import { handlerReading } from './reading-handler.js'
import { unmarkedAnswer } from './unmarked-answer.js'

/** Tools named `http_request`: also those that answer as the Python package strands-agents-tools does. */
export const httpRequestPaymentHandler: PaymentResponseHandler = Object.freeze({
  ...genericPaymentHandler,
  ...handlerReading(markedAnswer, legacyAnswer, unmarkedAnswer),
})
