import { randomUUID } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import type { Context } from 'aws-lambda'
import { isRecord } from '../x402.js'

/** Any Lambda handler that takes the Gateway's event. */
export type LambdaHandler = (event: unknown, context: Context) => unknown

interface HttpAnswer {
  status: number
  headers: Record<string, string>
  body: string
}

/**
 * `POST /mcp`: turns an HTTP request into the event AgentCore Gateway calls a REQUEST interceptor with, and
 * the handler's output into an HTTP answer.
 */
export async function answerMcp(
  handler: LambdaHandler,
  request: IncomingMessage,
  text: string,
): Promise<HttpAnswer> {
  let body: unknown
  try {
    body = JSON.parse(text) as unknown
  } catch {
    return json(400, rpcError(-32700, 'The body must be JSON'))
  }
  const output = await handler(gatewayEvent(body, flatHeaders(request), text), localContext())
  return toHttp(output)
}

/** A REQUEST-phase event, with the null `gatewayResponse` that live gateways send. */
export function gatewayEvent(
  body: unknown,
  headers: Record<string, string>,
  raw: string = JSON.stringify(body),
): Record<string, unknown> {
  return {
    interceptorInputVersion: '1.0',
    mcp: {
      rawGatewayRequest: { body: raw },
      gatewayRequest: { path: '/mcp', httpMethod: 'POST', headers, body },
      gatewayResponse: null,
    },
  }
}

/** A Lambda context with a clock that runs down from `timeoutMs`. */
export function localContext(timeoutMs = 30_000): Context {
  const endsAt = Date.now() + timeoutMs
  return {
    awsRequestId: randomUUID(),
    callbackWaitsForEmptyEventLoop: true,
    functionName: 'local',
    functionVersion: '$LATEST',
    invokedFunctionArn: 'arn:aws:lambda:us-east-1:000000000000:function:local',
    logGroupName: '/aws/lambda/local',
    logStreamName: 'local',
    memoryLimitInMB: '128',
    getRemainingTimeInMillis: () => Math.max(0, endsAt - Date.now()),
  } as Context // without the callbacks of the first Node runtime
}

function toHttp(output: unknown): HttpAnswer {
  const mcp = isRecord(output) && isRecord(output['mcp']) ? output['mcp'] : {}
  const response = mcp['transformedGatewayResponse']
  if (!isRecord(response)) {
    return json(404, rpcError(-32601, 'Forwarded to the target; there is none behind this door'))
  }
  const { statusCode = 200, headers = {}, body } = response
  return {
    status: Number(statusCode),
    headers: headers as Record<string, string>,
    body: body === undefined ? '' : `${JSON.stringify(body)}\n`,
  }
}

function json(status: number, body: unknown): HttpAnswer {
  return { status, headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }
}

function rpcError(code: number, message: string): unknown {
  return { jsonrpc: '2.0', id: null, error: { code, message } }
}

function flatHeaders({ headers }: IncomingMessage): Record<string, string> {
  const entries = Object.entries(headers).map(([name, value]) => [name, String(value ?? '')])
  return Object.fromEntries(entries) as Record<string, string>
}
