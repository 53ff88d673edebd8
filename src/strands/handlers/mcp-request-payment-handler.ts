import type { Tool } from '@strands-agents/sdk'
import { isRecord } from '../../wire/json.js'
import { genericPaymentHandler } from './generic-payment-handler.js'
import { inFailure, passedOn } from './good-answer.js'
import { headersIn, withHeader } from './header-place.js'
import { markedAnswer } from './marked-answer.js'
import { takesPayment } from './payment-place.js'
import type { PaymentResponseHandler } from '../options/payment-response-handler.js'
import { handlerReading } from './reading-handler.js'
import { unmarkedAnswer } from './unmarked-answer.js'

/**
 * The handler for tools that call another tool: `{ toolName, parameters }`, as `proxy_tool_call` of
 * Coinbase's Bazaar behind AgentCore Gateway. The payment goes into `parameters.headers`.
 *
 * @see https://docs.aws.amazon.com/bedrock-agentcore/latest/devguide/payments-connect-bazaar.html
 */
export const mcpRequestPaymentHandler: PaymentResponseHandler = Object.freeze({
  ...genericPaymentHandler,
  ...handlerReading(inFailure(markedAnswer), inFailure(unmarkedAnswer), passedOn),
  validateToolInput: (input: unknown, tool: Tool | undefined) =>
    isMcpRequest(input) &&
    headersIn(input.parameters) !== undefined &&
    takesPayment(tool, ['parameters', 'headers']),
  applyPaymentHeader(input: unknown, header: Readonly<Record<string, string>>) {
    const parameters = isMcpRequest(input) ? withHeader(input.parameters, header) : undefined
    return isMcpRequest(input) && parameters !== undefined ? { ...input, parameters } : undefined
  },
})

interface McpRequest extends Record<string, unknown> {
  toolName: string
  parameters: Record<string, unknown>
}

export function isMcpRequest(input: unknown): input is McpRequest {
  if (!isRecord(input)) return false
  return typeof input['toolName'] === 'string' && isRecord(input['parameters'])
}
