import type { PayingAgent, ToolUseData } from './paying-agent.js'

/**
 * Puts the payment into what the tool itself gets, and into nothing else: neither the conversation nor
 * hooks nor events have it. The SDK's trace of the tool does.
 */
export function withPayment<T extends { toolUse: ToolUseData }>(
  context: T,
  { signed, logger }: PayingAgent,
): T {
  const { toolUse } = context
  const payment = signed.get(toolUse.toolUseId)
  if (payment === undefined) return context
  try {
    const input = payment.handler.applyPaymentHeader(toolUse.input, payment.header)
    if (input !== undefined) {
      return { ...context, toolUse: { ...toolUse, input: input as ToolUseData['input'] } }
    }
  } catch {
    // a handler of the caller's own; what it threw can quote the payment
  }
  logger.error('a payment could not be put into the input of its tool', { tool: toolUse.name })
  return context
}
