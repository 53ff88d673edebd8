import { Payments } from '../payments.js'
import { requiresPayment, type WrappedHandler } from '../requires-payment.js'

/** What `POST /mcp` sells unless a handler is given: a greeting for one credit. */
export function exampleHandler(
  nvmApiKey: string,
  planId: string,
  backendUrl: string,
): WrappedHandler {
  const payments = Payments.getInstance({ nvmApiKey, backendUrl })
  return requiresPayment<{ name?: string }>(
    (event) => {
      const { name = 'world' } = event.mcp.gatewayRequest.body.params.arguments
      return { content: [{ type: 'text', text: `Hello, ${name}!` }] }
    },
    { payments, planId, credits: 1 },
  )
}
