/**
 * Sells a tool for one cent in USDC to everyone who pays by x402. The seller needs no account, only an
 * address.
 */
import { HTTPFacilitatorClient, requiresPayment } from 'agentcore-x402'

const { X402_FACILITATOR_URL = 'https://x402.org/facilitator' } = process.env

export const handler = requiresPayment<{ name?: string }>(
  async (event, _context, payment) => {
    const { name = 'world' } = event.mcp.gatewayRequest.body.params.arguments
    return { content: [{ type: 'text', text: `Hello, ${name}! Paid by ${payment.payer}.` }] }
  },
  {
    price: '$0.01',
    network: 'eip155:84532', // Base Sepolia. Base itself is eip155:8453.
    payTo: process.env.PAY_TO,
    facilitators: [new HTTPFacilitatorClient({ url: X402_FACILITATOR_URL })],
  },
)
