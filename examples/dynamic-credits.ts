/** The price is known before the work: one credit for each 100 characters that were begun. */
import { Payments, requiresPayment } from 'agentcore-x402'

const payments = Payments.getInstance({ nvmApiKey: process.env.NVM_API_KEY })
await payments.warm()

export const handler = requiresPayment<{ text?: string }>(
  async (event) => {
    const { text = '' } = event.mcp.gatewayRequest.body.params.arguments
    return { content: [{ type: 'text', text: text.toUpperCase() }] }
  },
  {
    payments,
    planId: process.env.NVM_PLAN_ID,
    // It is called once for each call. The buyer must have exactly this many credits.
    credits: (event) => {
      const { text } = event.mcp.gatewayRequest.body.params.arguments
      return typeof text === 'string' ? Math.max(1, Math.ceil(text.length / 100)) : 1
    },
  },
)
