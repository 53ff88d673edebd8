import { genericPaymentHandler } from './generic-payment-handler.js'
import { httpRequestPaymentHandler } from './http-request-payment-handler.js'
import { isMcpRequest, mcpRequestPaymentHandler } from './mcp-request-payment-handler.js'
import type { PaymentResponseHandler } from '../options/payment-response-handler.js'

/**
 * The handler for a tool's results: the developer's own, the one for the tool's name, or the one for its
 * input.
 */
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
