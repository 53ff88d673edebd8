/** Writes revenue as CloudWatch metrics, with Powertools. */
import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics'
import { Payments, requiresPayment } from 'agentcore-x402'

const payments = Payments.getInstance({ nvmApiKey: process.env.NVM_API_KEY })
await payments.warm()

const metrics = new Metrics({ namespace: 'paid-tools', serviceName: 'greeter' })

const paid = requiresPayment(async () => ({ content: [{ type: 'text', text: 'Hello!' }] }), {
  payments,
  planId: process.env.NVM_PLAN_ID,
  // If this throws, the call is refused. Nothing was charged yet.
  onAfterVerify: (verification) => {
    if (verification.payer === process.env.BLOCKED_PAYER) throw new Error('blocked payer')
  },
  // The credits that were taken. They may be fewer than those that were asked for.
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
