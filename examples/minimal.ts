/** The smallest paid tool: one credit a call. */
import { Payments, requiresPayment } from 'agentcore-x402'

const payments = Payments.getInstance({ nvmApiKey: process.env.NVM_API_KEY })
await payments.warm() // It connects in the Lambda's INIT.

export const handler = requiresPayment<{ name?: string }>(
  async (event) => {
    const { name = 'world' } = event.mcp.gatewayRequest.body.params.arguments
    return { content: [{ type: 'text', text: `Hello, ${name}!` }] }
  },
  { payments, planId: process.env.NVM_PLAN_ID, credits: 1 },
)
