import { Payments } from '../payments.js'
import { requiresPayment, type WrappedHandler } from '../seller/requires-payment.js'
import { HTTPFacilitatorClient } from '../facilitators/http-facilitator-client.js'
import type { Seller } from './shop.js'
import { NETWORK } from './chain/asset.js'
import { X402_PATH } from './x402/index.js'

/**
 * Makes the handler that `POST /mcp` sells by default: a greeting for one credit, or for one cent. A tool of
 * any other name is unknown, as behind a real Gateway.
 *
 * @param tools full names of the tools that the Gateway declares
 */
export function exampleHandler(
  { nvmApiKey, backendUrl, planId, address, store }: Seller,
  tools: readonly string[],
): WrappedHandler {
  const price = { planId, credits: 1, price: '$0.01', payTo: address } as const
  return requiresPayment<{ name?: string }>(
    (event) => {
      const { name = 'world' } = event.mcp.gatewayRequest.body.params.arguments
      return { content: [{ type: 'text', text: `Hello, ${name}!` }] }
    },
    {
      payments: Payments.getInstance({ nvmApiKey, backendUrl }),
      tools: Object.fromEntries(tools.map((tool) => [tool, price])),
      network: NETWORK,
      ...(store && { paymentStore: store }),
      facilitators: [new HTTPFacilitatorClient({ url: `${backendUrl}${X402_PATH}` })],
    },
  )
}
