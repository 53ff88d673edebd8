/** A schedule calls it every minute. It brings payments to an end that their own call left open. */
import { Payments } from 'agentcore-x402'
import { createSettlementWorker } from 'agentcore-x402/worker'
import { readPaymentStore } from './payment-store.js'
import { readSecret } from './secret.js'

const [nvmApiKey, paymentStore] = await Promise.all([
  readSecret('NVM_API_KEY_SECRET_ARN'),
  readPaymentStore(),
])

// Without `onRefundDue` the log line of a refund counts as told, and the alarm `RefundsDue` calls a person.
export const handler = createSettlementWorker({
  paymentStore,
  payments: Payments.getInstance({ nvmApiKey }),
})
