/** Sells targets that you already have. One Lambda is attached to REQUEST and RESPONSE of the Gateway. */
import { Payments, createLambdaHandler } from 'agentcore-x402'

const payments = Payments.getInstance({ nvmApiKey: process.env.NVM_API_KEY })
await payments.warm()

export const handler = createLambdaHandler({
  payments,
  planId: process.env.NVM_PLAN_ID,
  tools: {
    Files___list: 'free',
    Files___convert: { credits: 2, maxCredits: 10 }, // The target may charge less: `_meta.creditsToCharge`.
  },
})
