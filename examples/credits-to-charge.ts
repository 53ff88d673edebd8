/**
 * The price is known after the work. The handler says how many credits to charge, up to those that were
 * verified.
 */
import { Payments, requiresPayment } from 'agentcore-x402'

const payments = Payments.getInstance({ nvmApiKey: process.env.NVM_API_KEY })
await payments.warm()

export const handler = requiresPayment<{ query?: string }>(
  async (event, _context, payment) => {
    const { query = '' } = event.mcp.gatewayRequest.body.params.arguments
    const hits = await search(query)
    return {
      content: [{ type: 'text', text: hits.join('\n') || `Nothing found for ${query}` }],
      // One credit for each hit. With 0 the call is not charged.
      _meta: { creditsToCharge: hits.length, payer: payment.payer },
    }
  },
  // The buyer must have 10 credits. More than 10 are never settled.
  { payments, planId: process.env.NVM_PLAN_ID, credits: 1, maxCredits: 10 },
)

/** Takes the place of the work. */
async function search(query: string): Promise<string[]> {
  const library = ['x402 in one page', 'Lambda cold starts', 'MCP over HTTP', 'Payments for agents']
  return library.filter((title) => title.toLowerCase().includes(query.toLowerCase()))
}
