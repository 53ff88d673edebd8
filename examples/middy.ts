/**
 * A handler with middlewares of middy. middy passes `{ signal }` as its third argument, so the payment does
 * not arrive there. It is put into the context. The middlewares run for paid and free calls only.
 */
import middy from '@middy/core'
import type { Context } from 'aws-lambda'
import {
  Payments,
  requiresPayment,
  type GatewayEvent,
  type HandlerResult,
  type VerifiedPayment,
} from 'agentcore-x402'

const payments = Payments.getInstance({ nvmApiKey: process.env.NVM_API_KEY })
await payments.warm()

type Call = GatewayEvent<{ city?: string }>
type PaidContext = Context & { payment: VerifiedPayment }

const tool = middy<Call, HandlerResult, Error, PaidContext>()
  .before(({ event }) => {
    event.mcp.gatewayRequest.body.params.arguments.city ??= 'Berlin'
  })
  .handler((event, { payment }) => {
    const { city } = event.mcp.gatewayRequest.body.params.arguments
    const text = `${city} is sunny. ${payment.credits} credits were paid by ${payment.payer}.`
    return { content: [{ type: 'text', text }] }
  })

export const handler = requiresPayment<{ city?: string }>(
  (event, context, payment) => tool(event, { ...context, payment }),
  { payments, planId: process.env.NVM_PLAN_ID, credits: 1 },
)
