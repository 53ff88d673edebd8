/** A Lambda target. Its event is the arguments of the tool. What else is known is in the client context. */
import type { Context } from 'aws-lambda'
import { forecast } from './forecast.js'

/** @see https://docs.aws.amazon.com/bedrock-agentcore/latest/devguide/gateway-add-target-lambda.html */
interface GatewayContext {
  custom?: {
    bedrockAgentCoreToolName?: string
    bedrockAgentCorePropagatedHeaders?: Record<string, string>
  }
}

export async function handler(args: { city?: string }, context: Context) {
  const { custom } = (context.clientContext ?? {}) as GatewayContext
  console.info({
    tool: custom?.bedrockAgentCoreToolName,
    correlationId: custom?.bedrockAgentCorePropagatedHeaders?.['x-correlation-id'],
  })
  return { forecast: forecast(args.city ?? 'Rome') }
}
