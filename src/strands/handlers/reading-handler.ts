import type { ToolResultBlock } from '@strands-agents/sdk'
import type { PaymentResponseHandler } from '../options/payment-response-handler.js'
import type { ToolAnswer } from './tool-answer.js'

/** A way to read a result. It returns `undefined` if it does not apply. */
export type Reading = (result: unknown) => ToolAnswer | undefined

/** The functions of a handler that read. The first reading that applies counts. */
export function handlerReading(
  ...readings: readonly Reading[]
): Pick<PaymentResponseHandler, 'extractStatusCode' | 'extractHeaders' | 'extractBody'> {
  const read = (result: ToolResultBlock): ToolAnswer => {
    for (const reading of readings) {
      const answer = reading(result)
      if (answer !== undefined) return answer
    }
    return {}
  }
  return {
    extractStatusCode: (result) => read(result).statusCode,
    extractHeaders: (result) => read(result).headers,
    extractBody: (result) => read(result).body,
  }
}
