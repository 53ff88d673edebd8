/**
 * Nevermined documentation, page "AgentCore" as of 2026-08-19, translated as a reader would.
 *
 * @see https://nevermined.ai/docs/integrate/add-to-your-agent/agentcore
 * Section "Response Formats": each is returned by a handler that is sold for one credit.
 */
import { Payments, requiresPayment } from 'agentcore-x402'

const payments = Payments.getInstance({ nvmApiKey: process.env.NVM_API_KEY })
const paid = requiresPayment({ payments, planId: process.env.NVM_PLAN_ID, credits: 1 })

export const bareResult = paid(() => {
  return { content: [{ type: 'text', text: 'Hello!' }] }
})

export const creditsOverride = paid(() => {
  return {
    content: [{ type: 'text', text: 'Expensive result' }],
    _meta: { creditsToCharge: 5 },
  }
})

export const fullBody = paid(() => {
  return {
    jsonrpc: '2.0',
    id: 'req-1',
    result: { content: [{ type: 'text', text: 'Hello!' }] },
  }
})

export const completeOutput = paid(() => {
  return {
    interceptorOutputVersion: '1.0',
    mcp: {
      transformedGatewayResponse: {
        statusCode: 200,
        headers: { 'Content-Type': 'application/json' },
        body: {
          jsonrpc: '2.0',
          id: 'req-1',
          result: { content: [{ type: 'text', text: 'Hello!' }] },
        },
      },
    },
  }
})
