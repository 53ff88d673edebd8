/** Sells one tool to subscribers for a credit of a plan, and to everyone else for a cent in USDC. */
import { HTTPFacilitatorClient, Payments, requiresPayment } from 'agentcore-x402'

const { X402_FACILITATOR_URL = 'https://x402.org/facilitator' } = process.env
const payments = Payments.getInstance({ nvmApiKey: process.env.NVM_API_KEY })
await payments.warm({ planIds: [process.env.NVM_PLAN_ID ?? ''] })

export const handler = requiresPayment<{ name?: string }>(
  async (event, _context, { planId }) => {
    const { name = 'world' } = event.mcp.gatewayRequest.body.params.arguments
    const thanks = planId === undefined ? 'Try our plan!' : 'Good to have you back.'
    return { content: [{ type: 'text', text: `Hello, ${name}! ${thanks}` }] }
  },
  {
    // One challenge offers both. The payment shows which one the buyer chose.
    payments,
    planId: process.env.NVM_PLAN_ID,
    credits: 1,

    price: '$0.01',
    network: 'eip155:84532', // Base Sepolia
    payTo: process.env.PAY_TO,
    facilitators: [new HTTPFacilitatorClient({ url: X402_FACILITATOR_URL })],
  },
)
