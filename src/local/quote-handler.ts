import { HTTPFacilitatorClient } from '../facilitators/http-facilitator-client.js'
import { Payments } from '../payments.js'
import { requiresPayment, type WrappedHandler } from '../seller/requires-payment.js'
import { NETWORK } from './chain/asset.js'
import type { Local } from './local-stack.js'

const QUOTE = { text: 'Premature optimization is the root of all evil.', by: 'Donald Knuth' }

/** Makes a handler that sells `GET /quote` over HTTP, for one credit or for one cent. */
export function quoteHandler({
  nvmApiKey,
  url: backendUrl,
  planId,
  sellerAddress: payTo,
  x402,
}: Local): WrappedHandler {
  return requiresPayment(
    () => ({
      statusCode: 200,
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(QUOTE),
    }),
    {
      payments: Payments.getInstance({ nvmApiKey, backendUrl }),
      httpEvents: 'http',
      tools: { 'GET /quote': { planId, credits: 1, price: '$0.01', payTo } },
      network: NETWORK,
      facilitators: [new HTTPFacilitatorClient({ url: x402.url })],
    },
  )
}
