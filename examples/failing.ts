/** A handler that fails. The buyer is not charged, and only the seller's logs have the message. */
import { Payments, requiresPayment } from 'agentcore-x402'

const payments = Payments.getInstance({ nvmApiKey: process.env.NVM_API_KEY })

export const handler = requiresPayment(
  () => {
    throw new Error('the database is down')
  },
  { payments, planId: process.env.NVM_PLAN_ID, credits: 1 },
)
