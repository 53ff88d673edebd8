import type { AfterToolCallEvent, Tool } from '@strands-agents/sdk'
import { httpRequest } from '@strands-agents/sdk/vended-tools/http-request'
import type { AgentCorePaymentsPluginConfig } from './options/config.js'
import { vendedHttpRequestTool } from './http-request/http-request-tool.js'
import { sayOnce, type PaymentDesk } from './pay/paying-agent.js'

interface ToolCall {
  tool: Tool | undefined
  toolUse: AfterToolCallEvent['toolUse']
}

/**
 * Runs the plugin's `http_request` in place of the SDK's own. The SDK's tool answers a 402 with an error that
 * quotes neither headers nor body, so nobody could pay. The model keeps the name and the input it knows.
 *
 * The SDK's tool is recognised when it is called: it may come from `tools`, from another plugin or from a
 * hook.
 *
 * @see https://github.com/strands-agents/sdk-typescript
 */
export function createVendedReplacement(desk: PaymentDesk): <T extends ToolCall>(context: T) => T {
  const tool = vendedHttpRequestTool(() => limitsOf(desk.config))
  return (context) => {
    const { name } = context.toolUse
    const { autoPayment } = desk.config
    if (context.tool !== httpRequest || !autoPayment || !desk.config.isToolAllowed(name)) {
      return context
    }
    sayOnce(desk, REPLACED, { tool: name })
    return { ...context, tool }
  }
}

const REPLACED =
  'http_request of @strands-agents/sdk hides what a 402 asks for, so http_request of the payments plugin runs in ' +
  'its place. It answers with statusCode, headers and body, and refuses private hosts unless ' +
  'allowPrivateHosts is true'

function limitsOf({ allowPrivateHosts }: AgentCorePaymentsPluginConfig) {
  return { allowPrivateHosts }
}
