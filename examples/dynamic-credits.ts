/** The price is known before the work: one credit per started 100 characters. */
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
    // Called once per call. The buyer is verified for exactly this many credits.
    credits: (event) => {
      const { text } = event.mcp.gatewayRequest.body.params.arguments
      return typeof text === 'string' ? Math.max(1, Math.ceil(text.length / 100)) : 1
    },
  },
)
