/**
 * An agent that looks at prices and does not buy. With `autoPayment: false` its model gets every 402 as it
 * is, and can say what things cost. The program keeps each offer. It pays when its user says so.
 */
import { AfterToolCallEvent, Agent, BedrockModel, type Model } from '@strands-agents/sdk'
import { PaymentManager } from 'agentcore-x402/agentcore'
import {
  AgentCorePaymentsPlugin,
  getPaymentHandler,
  type AgentCorePaymentsPluginOptions,
} from 'agentcore-x402/strands'

const { PAYMENT_MANAGER_ARN = '', PAYMENT_USER_ID = 'user-1' } = process.env
const manager = new PaymentManager({
  paymentManagerArn: PAYMENT_MANAGER_ARN,
  userId: PAYMENT_USER_ID,
})

/** The call of a tool, and the 402 that answered it. */
export interface Offer {
  input: unknown
  request: { statusCode: 402; headers: Record<string, string>; body: Record<string, unknown> }
}

export function lookingAgent(
  model: Model,
  more: Partial<AgentCorePaymentsPluginOptions> = {},
): { agent: Agent; offers: Offer[] } {
  const payments = new AgentCorePaymentsPlugin({
    paymentManagerArn: PAYMENT_MANAGER_ARN,
    userId: PAYMENT_USER_ID,
    autoPayment: false,
    ...more,
  })
  const agent = new Agent({ model, plugins: [payments], printer: false })
  const offers: Offer[] = []
  agent.addHook(AfterToolCallEvent, ({ toolUse: { name, input }, result }) => {
    const handler = getPaymentHandler(name, input, undefined)
    if (handler.extractStatusCode(result) !== 402) return
    const headers = handler.extractHeaders(result) ?? {}
    const body = handler.extractBody(result) ?? {}
    offers.push({ input, request: { statusCode: 402, headers, body } })
  })
  return { agent, offers }
}

/**
 * Has a payment made for an offer.
 *
 * @returns the header to repeat the request with. It is money: keep it out of logs and prompts.
 */
export async function accept({ request }: Offer): Promise<Readonly<Record<string, string>>> {
  return manager.generatePaymentHeader({
    paymentInstrumentId: process.env.PAYMENT_INSTRUMENT_ID ?? '',
    paymentSessionId: process.env.PAYMENT_SESSION_ID ?? '',
    paymentRequiredRequest: request,
    limits: { maxAmountPerPayment: '10000' },
  })
}

if (process.argv[1]?.includes('agent-auto-payment-off')) {
  const [url = 'https://api.example.com/quote'] = process.argv.slice(2)
  const { agent, offers } = lookingAgent(new BedrockModel())
  console.log((await agent.invoke(`What would ${url} cost me?`)).toString())
  const [offer] = offers
  if (offer !== undefined && process.argv.includes('--buy')) {
    const response = await fetch(url, { headers: await accept(offer), redirect: 'error' })
    console.log(response.status, await response.text())
  }
}
