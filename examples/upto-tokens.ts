/**
 * Sells a language model by its tokens. The buyer signs for two cents at most, and pays for what was used.
 */
import { HTTPFacilitatorClient, requiresPayment } from 'agentcore-x402'

const { X402_FACILITATOR_URL = 'https://x402.org/facilitator' } = process.env

/** The price of a token. Unit: millionths of a dollar, the atomic units of USDC. */
const UNITS_PER_TOKEN = 15n

export const handler = requiresPayment<{ prompt?: string }>(
  async (event) => {
    const { prompt = '' } = event.mcp.gatewayRequest.body.params.arguments
    const { text, tokens } = await complete(prompt)
    return {
      content: [{ type: 'text', text }],
      // No more than what was signed is ever charged. With 0 the call is not charged.
      _meta: { amountToCharge: BigInt(tokens) * UNITS_PER_TOKEN, tokens },
    }
  },
  {
    scheme: 'upto',
    price: '$0.02',
    network: 'eip155:84532', // Base Sepolia
    payTo: process.env.PAY_TO,
    facilitators: [new HTTPFacilitatorClient({ url: X402_FACILITATOR_URL })],
  },
)

/** Takes the place of the model. */
async function complete(prompt: string): Promise<{ text: string; tokens: number }> {
  const words = prompt.split(/\s+/).filter(Boolean)
  return { text: words.toReversed().join(' '), tokens: 2 * words.length }
}
