/** A Lambda behind a Function URL or API Gateway, without an AgentCore Gateway. It speaks MCP itself. */
import type { APIGatewayProxyEventV2 } from 'aws-lambda'
import { Payments, requiresPayment, type HandlerResult } from 'agentcore-x402'

const payments = Payments.getInstance({ nvmApiKey: process.env.NVM_API_KEY })
await payments.warm()

interface Message {
  id?: string | number
  method: string
  params?: { name: string; arguments: { name?: string } }
}

/**
 * Gets the event as it came, without the payment. Methods that describe a server arrive here too. They are
 * free.
 */
async function greeter(event: APIGatewayProxyEventV2): Promise<HandlerResult> {
  const { id, method, params } = JSON.parse(event.body ?? '{}') as Message
  switch (method) {
    case 'initialize': {
      const serverInfo = { name: 'greeter', version: '1.0.0' }
      return { protocolVersion: '2025-06-18', capabilities: { tools: {} }, serverInfo }
    }
    case 'tools/list':
      return { tools: [{ name: 'hello', inputSchema: { type: 'object' } }] }
    case 'tools/call': {
      const { name = 'world' } = params?.arguments ?? {}
      return { content: [{ type: 'text', text: `Hello, ${name}!` }] }
    }
    default: {
      const error = { code: -32601, message: 'Method not found' }
      return { jsonrpc: '2.0', id: id ?? null, error }
    }
  }
}

export const handler = requiresPayment(greeter, { payments, planId: process.env.NVM_PLAN_ID })
