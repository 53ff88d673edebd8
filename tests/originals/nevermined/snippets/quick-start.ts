/**
 * Nevermined documentation, page "AgentCore" as of 2026-08-19, translated as a reader would.
 *
 * @see https://nevermined.ai/docs/integrate/add-to-your-agent/agentcore
 * Section "Quick Start: Protecting a Lambda Handler".
 */
import { Payments, requiresPayment } from 'agentcore-x402'

const payments = Payments.getInstance({
  nvmApiKey: process.env.NVM_API_KEY,
  environment: process.env.NVM_ENVIRONMENT ?? 'sandbox',
})

const PLAN_ID = process.env.NVM_PLAN_ID
const AGENT_ID = process.env.NVM_AGENT_ID

/** The agent's own work. */
function processRequest(tool: string, args: Record<string, unknown>) {
  return { tool, patient: args['patient_id'] }
}

export const lambdaHandler = requiresPayment(
  (event) => {
    const { body } = event.mcp.gatewayRequest
    const tool = body.params.name
    const args = body.params.arguments
    const result = processRequest(tool, args)
    return { content: [{ type: 'text', text: JSON.stringify(result) }] }
  },
  {
    payments,
    planId: PLAN_ID,
    agentId: AGENT_ID,
    credits: 1,
    endpoint: 'https://gateway.bedrock-agentcore.amazonaws.com/mcp',
  },
)
