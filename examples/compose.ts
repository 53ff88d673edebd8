/**
 * Two interceptors in the one slot of a Gateway. The seller is the outer one, an audit of your own the inner
 * one.
 */
import { Payments, composeInterceptors, createInterceptor } from 'agentcore-x402'

const payments = Payments.getInstance({ nvmApiKey: process.env.NVM_API_KEY })
await payments.warm()

interface McpEvent {
  mcp: {
    gatewayRequest: { headers?: Record<string, string>; body: { method: string } }
    gatewayResponse?: { body: unknown } | null
  }
}

/** Sees paid requests without their payments, and responses before they are settled. */
export function audit({ mcp }: McpEvent) {
  const { gatewayRequest, gatewayResponse } = mcp
  const phase = gatewayResponse ? 'response' : 'request'
  console.log(JSON.stringify({ audit: phase, method: gatewayRequest.body.method }))
  const output = gatewayResponse
    ? { transformedGatewayResponse: { body: gatewayResponse.body } }
    : { transformedGatewayRequest: { body: gatewayRequest.body } }
  return { interceptorOutputVersion: '1.0', mcp: output }
}

export const handler = composeInterceptors(
  createInterceptor({ payments, planId: process.env.NVM_PLAN_ID }),
  audit,
)
