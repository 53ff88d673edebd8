/** One Lambda at REQUEST and RESPONSE, before targets that have nothing to do with payments. */
import { Payments, createLambdaHandler } from 'agentcore-x402'
import { readApiKey } from './api-key.js'

const { NVM_API_KEY_SECRET_ARN, NVM_PLAN_ID, NVM_AGENT_ID, NVM_ENDPOINT } = process.env

const payments = Payments.getInstance({ nvmApiKey: await readApiKey(NVM_API_KEY_SECRET_ARN) })
await payments.warm()

export const handler = createLambdaHandler({
  payments,
  planId: NVM_PLAN_ID,
  agentId: NVM_AGENT_ID,
  endpoint: NVM_ENDPOINT,
  credits: 1,
})
