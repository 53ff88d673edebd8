/** The price is known after the work: the handler says what to charge, up to what was verified. */
import { Payments, requiresPayment } from 'agentcore-x402'

const payments = Payments.getInstance({ nvmApiKey: process.env.NVM_API_KEY })
await payments.warm()

export const handler = requiresPayment<{ query?: string }>(
  async (event, _context, payment) => {
    const { query = '' } = event.mcp.gatewayRequest.body.params.arguments
    const hits = await search(query)
    return {
      content: [{ type: 'text', text: hits.join('\n') || `Nothing found for ${query}` }],
      // One credit a hit. 0 means the call is not charged at all.
      _meta: { creditsToCharge: hits.length, payer: payment.payer },
    }
  },
  // The buyer must be good for 10 credits; more than 10 is never settled.
  { payments, planId: process.env.NVM_PLAN_ID, credits: 1, maxCredits: 10 },
)

/** Stands in for the work. */
async function search(query: string): Promise<string[]> {
  const library = ['x402 in one page', 'Lambda cold starts', 'MCP over HTTP', 'Payments for agents']
  return library.filter((title) => title.toLowerCase().includes(query.toLowerCase()))
}
