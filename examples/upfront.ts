/**
 * Expensive work is paid before it begins. So nobody gets it for nothing. If the work then fails, the buyer
 * is owed a refund. The answer says so, and this Lambda notes it.
 */
import { HTTPFacilitatorClient, requiresPayment, type RefundDue } from 'agentcore-x402'

const { X402_FACILITATOR_URL = 'https://x402.org/facilitator' } = process.env

/** Takes the place of a queue that somebody works through. Exact payments have no way back of their own. */
export const refunds: RefundDue[] = []

export const handler = requiresPayment<{ scene?: string }>(
  async (event) => {
    const { scene = '' } = event.mcp.gatewayRequest.body.params.arguments
    return { content: [{ type: 'text', text: await render(scene) }] }
  },
  {
    flow: 'upfront',
    onRefundDue: async (refund) => {
      refunds.push(refund)
    },
    price: '$0.50',
    network: 'eip155:84532', // Base Sepolia
    payTo: process.env.PAY_TO,
    facilitators: [new HTTPFacilitatorClient({ url: X402_FACILITATOR_URL })],
  },
)

/** Takes the place of the work. */
async function render(scene: string): Promise<string> {
  if (scene === '') throw new Error('there is nothing to see')
  return `A picture of ${scene}`
}
