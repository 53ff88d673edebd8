// Compiled, bundled and called by package.test.ts against the packed and installed package.
import {
  OptionsError,
  Payments,
  PaymentError,
  requiresPayment,
  type InterceptorOutput,
  type RequiresPaymentOptions,
  type VerifiedPayment,
} from 'agentcore-x402'

const payments = Payments.getInstance({ nvmApiKey: process.env['NVM_API_KEY'] })
await payments.warm()

const options: RequiresPaymentOptions = {
  payments,
  planId: process.env['NVM_PLAN_ID'],
  credits: (event) => event.mcp.gatewayRequest.body.params.name.length,
  maxCredits: 100n,
  onPaymentError: (error: PaymentError): InterceptorOutput | undefined => {
    if (error instanceof OptionsError) console.error(error.option)
    return undefined
  },
}

function greet(name: string, { payer, credits }: VerifiedPayment): string {
  return `Hello, ${name}! ${credits} credits from ${payer ?? 'nobody'}`
}

export const handler = requiresPayment<{ name: string }>(
  (event, _context, payment) => greet(event.mcp.gatewayRequest.body.params.arguments.name, payment),
  options,
)

class Shop {
  @requiresPayment(options)
  hello() {
    return { content: [{ type: 'text', text: 'Hello!' }], _meta: { creditsToCharge: 1 } }
  }
}

export const shop = new Shop()
