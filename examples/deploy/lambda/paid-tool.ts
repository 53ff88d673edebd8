/**
 * A wrapped handler. It is attached as REQUEST interceptor, and sells and does the work in one invocation.
 */
import { Payments, requiresPayment } from 'agentcore-x402'
import { forecast } from './forecast.js'
import { readPaymentStore } from './payment-store.js'
import { readSecret } from './secret.js'

const { NVM_PLAN_ID, NVM_AGENT_ID, NVM_ENDPOINT } = process.env

const [nvmApiKey, paymentStore] = await Promise.all([
  readSecret('NVM_API_KEY_SECRET_ARN'),
  readPaymentStore(),
])
const payments = Payments.getInstance({ nvmApiKey })
await payments.warm()

export const handler = requiresPayment<{ city?: string }>(
  async (event) => {
    const { city = 'Rome' } = event.mcp.gatewayRequest.body.params.arguments
    return { content: [{ type: 'text', text: forecast(city) }] }
  },
  {
    payments,
    planId: NVM_PLAN_ID,
    agentId: NVM_AGENT_ID,
    endpoint: NVM_ENDPOINT,
    credits: 1,
    paymentStore,
  },
)
