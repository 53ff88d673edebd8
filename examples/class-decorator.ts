/** Sells a method of a class with a standard (TC39) decorator. */
import { Payments, requiresPayment, type GatewayEvent, type HandlerResult } from 'agentcore-x402'

const payments = Payments.getInstance({ nvmApiKey: process.env.NVM_API_KEY })
await payments.warm()

class Greeter {
  readonly #greeting = 'Hello'

  @requiresPayment({ payments, planId: process.env.NVM_PLAN_ID, credits: 1 })
  async handle(event: GatewayEvent<{ name?: string }>): Promise<HandlerResult> {
    const { name = 'world' } = event.mcp.gatewayRequest.body.params.arguments
    return { content: [{ type: 'text', text: `${this.#greeting}, ${name}!` }] }
  }
}

const greeter = new Greeter()
export const handler = greeter.handle.bind(greeter)
