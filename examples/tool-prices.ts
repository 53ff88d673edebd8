/** One Lambda, several tools, a price for each. */
import { Payments, requiresPayment } from 'agentcore-x402'

const payments = Payments.getInstance({ nvmApiKey: process.env.NVM_API_KEY })
await payments.warm()

export const handler = requiresPayment(
  async (event) => {
    const { name, arguments: args } = event.mcp.gatewayRequest.body.params
    return { content: [{ type: 'text', text: `${name} ran with ${JSON.stringify(args)}` }] }
  },
  {
    payments,
    planId: process.env.NVM_PLAN_ID,
    tools: {
      // The Gateway prefixes tool names with the target: `Weather___forecast`.
      forecast: { credits: 2, description: 'Ten days ahead' },
      // The full name wins over the bare one where two targets share it.
      Archive___forecast: { credits: 5 },
      status: 'free',
    },
    // Tools without a row cost this much. Without a top-level plan they would be refused.
    credits: 1,
  },
)
