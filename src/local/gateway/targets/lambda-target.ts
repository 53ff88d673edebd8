import { randomUUID } from 'node:crypto'
import { isRecord } from '../../../wire/json.js'
import { invokeLambda } from '../../lambda/lambda.js'
import type { Gateway } from '../protocol/gateway-state.js'
import { inCase, propagated } from '../protocol/headers.js'
import { record } from '../protocol/invocations.js'
import { paramsOf } from '../protocol/json-rpc.js'
import type { LambdaTarget } from '../protocol/options.js'
import type { TargetCall } from '../protocol/target-call.js'

/**
 * Calls a tool of a Lambda target. The event is the arguments and nothing else. What else is known of the
 * call is in the client context.
 *
 * @see https://docs.aws.amazon.com/bedrock-agentcore/latest/devguide/gateway-add-target-lambda.html
 * @throws LambdaError
 */
export async function callLambdaTool(
  gateway: Gateway,
  targetCall: TargetCall<LambdaTarget>,
): Promise<Record<string, unknown>> {
  const { target, request } = targetCall
  const args = paramsOf(request)['arguments']
  const event = isRecord(args) ? args : {}
  const clientContext = { custom: targetContext(gateway, targetCall) }
  const invocation = record(gateway.invocations, {
    kind: 'TARGET',
    target: target.name,
    event,
    clientContext,
  })
  const timeoutMs = gateway.settings.targetTimeoutMs
  try {
    const payload = JSON.stringify(event)
    const text = await invokeLambda(target.lambda, { payload, clientContext, timeoutMs })
    invocation.output = JSON.parse(text) as unknown
    return toResult(gateway, invocation.output, text)
  } catch (error) {
    invocation.error = error as Error
    throw error
  }
}

function targetContext(
  gateway: Gateway,
  { target, call, request }: TargetCall<LambdaTarget>,
): Record<string, unknown> {
  const { clientHeaders, interceptorHeaders } = call
  const { lambdaHeaders, headerCase } = gateway.settings.assume
  const client = lambdaHeaders === 'allow-listed' ? clientHeaders : {}
  const headers = propagated(target.allowedRequestHeaders ?? [], client, interceptorHeaders)
  return {
    bedrockAgentCoreMessageVersion: '1.0',
    bedrockAgentCoreAwsRequestId: randomUUID(),
    bedrockAgentCoreMcpMessageId: String(request.id),
    bedrockAgentCoreGatewayId: gateway.id,
    bedrockAgentCoreTargetId: target.name,
    bedrockAgentCoreToolName: paramsOf(request)['name'],
    bedrockAgentCorePropagatedHeaders: inCase(headers, headerCase),
  }
}

function toResult({ settings }: Gateway, value: unknown, text: string): Record<string, unknown> {
  const unwrapped = settings.assume.lambdaResult === 'unwrapped'
  if (unwrapped && isRecord(value) && Array.isArray(value['content'])) {
    return { isError: false, ...value }
  }
  return { isError: false, content: [{ type: 'text', text }] }
}
