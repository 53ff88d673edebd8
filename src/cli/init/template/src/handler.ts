/** Sells two tools, for credits of a Nevermined plan. */
import { Payments, requiresPayment } from 'agentcore-x402'
import type { ToolDefinition } from 'agentcore-x402/local'

const payments = Payments.getInstance({ nvmApiKey: process.env.NVM_API_KEY })
await payments.warm() // connects while the Lambda starts

const inputSchema: ToolDefinition['inputSchema'] = {
  type: 'object',
  properties: { text: { type: 'string', description: 'A text of any length' } },
  required: ['text'],
}

/** The local stack lists these tools. In AWS, deploy/template.yaml lists them. */
export const tools: ToolDefinition[] = [
  { name: 'count_words', description: 'Counts words. Costs 1 credit.', inputSchema },
  { name: 'longest_word', description: 'Finds the longest word. Costs 2 credits.', inputSchema },
]

/** It runs only if the payment of the call is good. */
export const handler = requiresPayment<{ text: string }>(
  (event) => {
    const { name, arguments: input } = event.mcp.gatewayRequest.body.params
    const words = input.text.match(/[\p{L}\p{N}]+/gu) ?? []
    if (name.endsWith('___count_words')) return String(words.length)
    return words.reduce((longest, word) => (word.length > longest.length ? word : longest), '')
  },
  {
    payments,
    planId: process.env.NVM_PLAN_ID,
    tools: { count_words: { credits: 1 }, longest_word: { credits: 2 } },
    toolNames: tools.map(({ name }) => name), // other names are refused
    validate: (event) => {
      const { text } = event.mcp.gatewayRequest.body.params.arguments
      return typeof text === 'string' || 'text must be a string'
    },

    // To take USDC as well, import HTTPFacilitatorClient, and add:
    //   price: '$0.01',
    //   payTo: process.env.PAY_TO, // your address
    //   network: 'eip155:84532', // Base Sepolia, where money is for tests
    //   facilitators: [
    //     new HTTPFacilitatorClient({
    //       url: process.env.X402_FACILITATOR_URL ?? 'https://x402.org/facilitator',
    //     }),
    //   ],
  },
)
