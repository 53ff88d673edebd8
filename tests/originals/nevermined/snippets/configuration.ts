/**
 * Nevermined documentation, page "AgentCore" as of 2026-08-19, translated as a reader would.
 *
 * @see https://nevermined.ai/docs/integrate/add-to-your-agent/agentcore
 * Section "Decorator Configuration".
 */
import { Payments, requiresPayment, type CreditsCallable } from 'agentcore-x402'

const payments = Payments.getInstance({ nvmApiKey: process.env.NVM_API_KEY })
const PLAN_ID = process.env.NVM_PLAN_ID
const hello = () => ({ content: [{ type: 'text', text: 'Hello!' }] })

export const basic = requiresPayment(hello, { payments, planId: PLAN_ID, credits: 1 })

export const withAgentId = requiresPayment(hello, {
  payments,
  planId: PLAN_ID,
  credits: 1,
  agentId: process.env.NVM_AGENT_ID,
  endpoint: 'https://my-gateway.amazonaws.com/mcp',
})

const calcCredits: CreditsCallable = (event) => {
  const args = event.mcp.gatewayRequest.body.params.arguments
  return args['detailed'] ? 10 : 1
}
export const dynamicCredits = requiresPayment(hello, {
  payments,
  planId: PLAN_ID,
  credits: calcCredits,
})

export const tokenHeader = requiresPayment(hello, {
  payments,
  planId: PLAN_ID,
  credits: 1,
  tokenHeader: 'X-Payment',
})

export const tokenHeaders = requiresPayment(hello, {
  payments,
  planId: PLAN_ID,
  credits: 1,
  tokenHeader: ['X-Payment', 'Authorization'],
})

/** The decorator itself, on a method. */
class Agent {
  @requiresPayment({ payments, planId: PLAN_ID, credits: 1 })
  handler(event: unknown, context?: unknown) {
    void [event, context]
    return hello()
  }
}
const agent = new Agent()
export const decorated = (event: unknown, context?: unknown) => agent.handler(event, context)
