import type { Tool } from '@strands-agents/sdk'
import { isRecord } from '../../wire/json.js'
import { headersIn, withHeader } from './header-place.js'
import { markedAnswer } from './marked-answer.js'
import { isPaidInMeta } from './meta-paid-tools.js'
import type { PaymentResponseHandler } from '../options/payment-response-handler.js'
import { handlerReading } from './reading-handler.js'
import { hasPlace } from './schema-place.js'
import { unmarkedAnswer } from './unmarked-answer.js'

/** Any tool: the marker first, then whatever looks like a 402. The payment goes into `headers` of the input. */
export const genericPaymentHandler: PaymentResponseHandler = Object.freeze({
  ...handlerReading(markedAnswer, unmarkedAnswer),
  validateToolInput: (input: unknown, tool: Tool | undefined) =>
    isRecord(input) && headersIn(input) !== undefined && takesHeaders(tool),
  applyPaymentHeader: withHeader,
})

export function takesHeaders(tool: Tool | undefined): boolean {
  return (tool !== undefined && isPaidInMeta(tool)) || hasPlaceIn(tool, ['headers'])
}

/** Which of them it will be is not known before the payment. */
export function hasPlaceIn(tool: Tool | undefined, path: readonly string[]): boolean {
  const schema = tool?.toolSpec.inputSchema
  return PAYMENT_HEADERS.every((name) => hasPlace(schema, [...path, name]))
}

const PAYMENT_HEADERS = ['PAYMENT-SIGNATURE', 'X-PAYMENT', 'Authorization']
