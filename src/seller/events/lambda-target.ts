import type { Context } from 'aws-lambda'
import type { McpResult } from '../../wire/mcp.js'
import type { Headers } from './call.js'
import type { OpenedEvent, Reply, Strip } from './event-shape.js'
import { isRecord } from '../../wire/json.js'

/**
 * Reads an event of AgentCore Gateway to a Lambda *target*. The event holds only the tool's arguments.
 * Everything else is in the client context. The Gateway puts the returned value into a text block, so a
 * challenge travels as text.
 *
 * @see https://docs.aws.amazon.com/bedrock-agentcore/latest/devguide/gateway-add-target-lambda.html
 */
const TARGET = { shape: 'lambda-target', protocol: 'mcp', realStatus: false } as const

const TOOL_NAME = 'bedrockAgentCoreToolName'
const MESSAGE_ID = 'bedrockAgentCoreMcpMessageId'
const PROPAGATED_HEADERS = 'bedrockAgentCorePropagatedHeaders'

/** Anyone who may invoke the function can write a client context. It proves nothing about the caller. */
export function openLambdaTarget(
  event: unknown,
  context: Context | undefined,
): OpenedEvent | undefined {
  const custom = customOf(context)
  const name = custom?.[TOOL_NAME]
  if (custom === undefined || typeof name !== 'string') return undefined
  const id = custom[MESSAGE_ID]
  const headers = isRecord(custom[PROPAGATED_HEADERS]) ? custom[PROPAGATED_HEADERS] : undefined
  return {
    transport: TARGET,
    phase: 'request',
    headers,
    message: {
      jsonrpc: '2.0',
      id: typeof id === 'string' || typeof id === 'number' ? id : null,
      method: 'tools/call',
      params: { name, arguments: event },
    },
    strip: ({ message }) => argumentsOf(message),
  }
}

/** The context without payments in the headers that the Gateway propagated. */
export function stripContext(context: Context, strip: Pick<Strip, 'headers'>): Context {
  const custom = customOf(context)
  const propagated = custom?.[PROPAGATED_HEADERS]
  if (!isRecord(propagated)) return context
  const clean = { ...custom, [PROPAGATED_HEADERS]: strip.headers(propagated) }
  const key = isRecord(clientContextOf(context)?.['custom']) ? 'custom' : 'Custom'
  const clientContext = { ...clientContextOf(context), [key]: clean }
  const copy = Object.create(Object.getPrototypeOf(context) as object) as Context
  return Object.assign(copy, context, { clientContext })
}

export function targetAnswer({ outcome }: Reply): McpResult {
  if (outcome === undefined) return {}
  if ('result' in outcome) return outcome.result
  const text = 'error' in outcome ? outcome.error.message : outcome.raw.body
  return { isError: true, content: [{ type: 'text', text }] }
}

function customOf(context: Context | undefined): Headers | undefined {
  const clientContext = clientContextOf(context)
  // Node's runtime passes the header's JSON on as it was written. Both spellings occur.
  const custom = clientContext?.['custom'] ?? clientContext?.['Custom']
  // If both are there, the handler might read the other one.
  const isOne = !isRecord(clientContext?.['custom']) || !isRecord(clientContext['Custom'])
  return isRecord(custom) && isOne ? custom : undefined
}

function clientContextOf(context: Context | undefined): Headers | undefined {
  const clientContext: unknown = context?.clientContext
  return isRecord(clientContext) ? clientContext : undefined
}

function argumentsOf(message: unknown): unknown {
  const params = isRecord(message) ? message['params'] : undefined
  return isRecord(params) ? params['arguments'] : undefined
}
