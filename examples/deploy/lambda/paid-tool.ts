/**
 * A wrapped handler. It is attached as REQUEST interceptor, and sells and does the work in one invocation.
 */
import { Payments, requiresPayment } from 'agentcore-x402'
import { readApiKey } from './api-key.js'
import { forecast } from './forecast.js'

const { NVM_API_KEY_SECRET_ARN, NVM_PLAN_ID, NVM_AGENT_ID, NVM_ENDPOINT } = process.env

const payments = Payments.getInstance({ nvmApiKey: await readApiKey(NVM_API_KEY_SECRET_ARN) })
await payments.warm()

export const handler = requiresPayment<{ city?: string }>(
  async (event) => {
    const { city = 'Rome' } = event.mcp.gatewayRequest.body.params.arguments
    return { content: [{ type: 'text', text: forecast(city) }] }
  },
  { payments, planId: NVM_PLAN_ID, agentId: NVM_AGENT_ID, endpoint: NVM_ENDPOINT, credits: 1 },
)
