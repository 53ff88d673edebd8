import { genericPaymentHandler } from './generic-payment-handler.js'
import { httpRequestPaymentHandler } from './http-request-payment-handler.js'
import { isMcpRequest, mcpRequestPaymentHandler } from './mcp-request-payment-handler.js'
import type { PaymentResponseHandler } from '../options/payment-response-handler.js'

/** Who reads this tool's results: the developer's own handler, the one for its name, or that for its input. */
export function getPaymentHandler(
  toolName: string,
  input: unknown,
  customHandlers: Readonly<Record<string, PaymentResponseHandler>> | undefined,
): PaymentResponseHandler {
  const isCustom = customHandlers !== undefined && Object.hasOwn(customHandlers, toolName)
  const custom = isCustom ? customHandlers[toolName] : undefined
  if (custom !== undefined) return custom
  if (toolName === 'http_request') return httpRequestPaymentHandler
  return isMcpRequest(input) ? mcpRequestPaymentHandler : genericPaymentHandler
}
