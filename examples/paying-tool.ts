/** A tool of one's own that can be paid for. `docs/tools-of-your-own.md` says what it needs. */
import { tool } from '@strands-agents/sdk'
import { PAYMENT_REQUIRED_MARKER } from 'agentcore-x402/strands'
import { z } from 'zod'

export const quote = tool({
  name: 'quote',
  description: 'Gets the price of something.',
  inputSchema: z.object({
    of: z.string(),
    headers: z.record(z.string(), z.string()).nullish().describe('Leave this out.'), // the payment comes here
  }),
  callback: async ({ of, headers }, context) => {
    const url = new URL('/quote', process.env.QUOTE_URL)
    url.searchParams.set('of', of)
    const response = await fetch(url, {
      headers: headers ?? {},
      redirect: 'error', // a payment is for this URL
      signal: context?.cancelSignal ?? AbortSignal.timeout(10_000),
    })
    const body: unknown = await response.json().catch(() => ({}))
    if (response.status === 402) {
      const headersOfIt = Object.fromEntries(response.headers)
      const asked = JSON.stringify({ statusCode: 402, headers: headersOfIt, body })
      throw new Error(`${PAYMENT_REQUIRED_MARKER}${asked}`)
    }
    if (!response.ok) throw new Error(`the service answered ${response.status}`)
    return JSON.stringify(body)
  },
})
