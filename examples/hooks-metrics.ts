/** Revenue as CloudWatch metrics, with Powertools. */
import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics'
import { Payments, requiresPayment } from 'agentcore-x402'

const payments = Payments.getInstance({ nvmApiKey: process.env.NVM_API_KEY })
await payments.warm()

const metrics = new Metrics({ namespace: 'paid-tools', serviceName: 'greeter' })

const paid = requiresPayment(async () => ({ content: [{ type: 'text', text: 'Hello!' }] }), {
  payments,
  planId: process.env.NVM_PLAN_ID,
  // A throw here refuses the call: nothing was charged yet.
  onAfterVerify: (verification) => {
    if (verification.payer === process.env.BLOCKED_PAYER) throw new Error('blocked payer')
  },
  // What was redeemed, not what was asked for.
  onAfterSettle: (creditsUsed) => {
    metrics.addMetric('CreditsRedeemed', MetricUnit.Count, Number(creditsUsed))
  },
  onPaymentError: (error) => {
    metrics.addDimension('code', error.code)
    metrics.addMetric('PaymentFailed', MetricUnit.Count, 1)
  },
})

export const handler: typeof paid = async (event, context) => {
  try {
    return await paid(event, context)
  } finally {
    metrics.publishStoredMetrics()
  }
}
