import type { PayingAgent, ToolUseData } from './paying-agent.js'

/**
 * Puts the payment into the input that the tool itself gets, and nowhere else. Conversation, hooks and events
 * do not have it. The SDK's trace of the tool does.
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
    // The developer's own handler threw. Its error can quote the payment, so it is not logged.
  }
  logger.error('a payment could not be put into the input of its tool', { tool: toolUse.name })
  return context
}
