/** One Lambda with several tools. Each has its price. */
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
      // The Gateway puts the target before the name of a tool: `Weather___forecast`.
      forecast: { credits: 2, description: 'Ten days ahead' },
      // The full name is needed if two targets have a tool of that name. It comes before the bare name.
      Archive___forecast: { credits: 5 },
      status: 'free',
    },
    // The price of tools without a row. Without a plan here, those tools would be refused.
    credits: 1,
  },
)
