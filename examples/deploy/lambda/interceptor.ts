/** One Lambda at REQUEST and RESPONSE, before targets that have nothing to do with payments. */
import { Payments, createLambdaHandler } from 'agentcore-x402'
import { readPaymentStore } from './payment-store.js'
import { readSecret } from './secret.js'

const { NVM_PLAN_ID, NVM_AGENT_ID, NVM_ENDPOINT } = process.env

const [nvmApiKey, paymentStore] = await Promise.all([
  readSecret('NVM_API_KEY_SECRET_ARN'),
  readPaymentStore(),
])
const payments = Payments.getInstance({ nvmApiKey })
await payments.warm()

export const handler = createLambdaHandler({
  payments,
  planId: NVM_PLAN_ID,
  agentId: NVM_AGENT_ID,
  endpoint: NVM_ENDPOINT,
  credits: 1,
  paymentStore,
  store: paymentStore, // so that RESPONSE may run in another container than REQUEST
})
