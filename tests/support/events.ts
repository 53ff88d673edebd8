import type { Context } from 'aws-lambda'
import { isRecord } from '../../src/wire/json.js'

type Fields = Record<string, unknown>

/** What a client sends, in whatever event it reaches the Lambda. */
export interface Sent {
  /** A JSON-RPC message, or the text of a body as it is; `undefined` for no body. */
  body?: unknown
  /** The payment in the HTTP header. */
  token?: string | null
  accept?: string
  method?: string
  /** Further headers, by their names in lower case. */
  headers?: Record<string, string>
}

/** What the client gets back. */
export interface Said {
  /** The HTTP status; `undefined` if the event has no place for it. */
  status: number | undefined
  /** The headers, by their names in lower case. */
  headers: Record<string, string>
  /** The JSON-RPC message. If the event has no envelope, the result alone. `undefined` for no body. */
  message: unknown
  /** What goes on to the target, if there is no answer yet. */
  forwarded?: { headers: Fields | undefined; body: unknown } | undefined
}

/** One way in which AWS calls a Lambda. */
export interface Door {
  name: string
  /** The options that a seller needs for this event. */
  options: object
  /** `real`: refusals have HTTP statuses. `always 200` and `none`: what the event allows. */
  statuses: 'real' | 'always 200' | 'none'
  /** Whether the event is a whole HTTP request, which may also be a bad one. */
  isHttp: boolean
  event(sent: Sent): Fields
  context(sent: Sent): Context
  said(output: unknown): Said
}

export const MCP_ACCEPT = 'application/json, text/event-stream'

/** The context as Lambda's Node runtime makes it: an object of a class, with what it inherits. */
export class RuntimeContext {
  callbackWaitsForEmptyEventLoop = true
  functionName = 'paid-tool'
  functionVersion = '$LATEST'
  invokedFunctionArn = 'arn:aws:lambda:us-east-1:123456789012:function:paid-tool'
  memoryLimitInMB = '128'
  awsRequestId = '8f5d2c1e-0a3b-4b39-9d52-6a1f1f6d7c11'
  logGroupName = '/aws/lambda/paid-tool'
  logStreamName = '2026/07/01/[$LATEST]0123456789abcdef'
  remainingMs = 30_000
  clientContext: Fields | undefined

  constructor(clientContext?: Fields) {
    this.clientContext = clientContext
  }

  getRemainingTimeInMillis(): number {
    return this.remainingMs
  }
}

function contextWith(clientContext?: Fields): Context {
  return new RuntimeContext(clientContext) as unknown as Context
}

/** A text as it is. Anything else becomes JSON. */
function textOf(body: unknown): string | undefined {
  return typeof body === 'string' || body === undefined ? body : JSON.stringify(body)
}

export function base64(text: string): string {
  return Buffer.from(text).toString('base64')
}

export function lowerCase(headers: unknown): Record<string, string> {
  const entries = Object.entries((headers ?? {}) as Record<string, string>)
  return Object.fromEntries(entries.map(([name, value]) => [name.toLowerCase(), value]))
}

/** Checks that an object has no other members than these. */
function exactly(value: unknown, ...names: string[]): Fields {
  if (!isRecord(value)) throw new Error(`no object: ${String(value)}`)
  const odd = Object.keys(value).filter((name) => !names.includes(name))
  if (odd.length > 0) throw new Error(`unexpected in an output: ${odd.join(', ')}`)
  return value
}

/** The headers of a client, under the names that they have in the event. */
function headersOf(sent: Sent, spell: (name: string) => string): Record<string, string> {
  const { token, accept = 'application/json', headers } = sent
  const all = {
    accept,
    'content-type': 'application/json',
    'user-agent': 'node',
    'x-amzn-trace-id': 'Root=1-667f3a2b-0f1e2d3c4b5a69788796a5b4',
    ...headers,
    ...(typeof token === 'string' && { 'payment-signature': token }),
  }
  return Object.fromEntries(Object.entries(all).map(([name, value]) => [spell(name), value]))
}

const asIs = (name: string) => name
const titleCase = (name: string) => name.replace(/\b[a-z]/g, (letter) => letter.toUpperCase())

/** @see https://docs.aws.amazon.com/bedrock-agentcore/latest/devguide/gateway-interceptors-types.html */
const gateway: Door = {
  name: 'a Gateway before MCP targets',
  options: {},
  statuses: 'always 200',
  isHttp: false,
  event: (sent) => ({
    interceptorInputVersion: '1.0',
    mcp: {
      rawGatewayRequest: { body: textOf(sent.body) },
      gatewayRequest: {
        path: '/mcp',
        httpMethod: 'POST',
        headers: { ...headersOf(sent, titleCase), 'Mcp-Session-Id': '3f1c7a50' },
        body: sent.body,
        context: null,
      },
      gatewayResponse: null,
    },
  }),
  context: () => contextWith(),
  said: (output) => saidByGateway(output, 'mcp'),
}

/** @see https://docs.aws.amazon.com/bedrock-agentcore/latest/devguide/gateway-interceptors-types.html */
const gatewayHttp: Door = {
  name: 'a Gateway before HTTP targets that are MCP servers',
  options: { httpTargets: 'mcp' },
  statuses: 'real',
  isHttp: true,
  event: ({ method = 'POST', ...sent }) => {
    const text = textOf(sent.body)
    return {
      interceptorInputVersion: '1.0',
      http: {
        gatewayRequest: {
          path: '/files/mcp',
          httpMethod: method,
          headers: headersOf(sent, titleCase),
          body: text === undefined ? null : base64(text),
        },
      },
    }
  },
  context: () =>
    contextWith({
      GATEWAY_ARN: 'arn:aws:bedrock-agentcore:us-east-1:123456789012:gateway/paid-tools-a1b2c3d4e5',
      GATEWAY_ACCOUNT_ID: '123456789012',
      REQUEST_ID: '0b0f9a3e-3a53-4f0e-8f4d-9b1d2c3e4f50',
      SOURCE_IP: '203.0.113.7',
    }),
  said: (output) => saidByGateway(output, 'http'),
}

function saidByGateway(output: unknown, key: 'mcp' | 'http'): Said {
  const whole = exactly(output, 'interceptorOutputVersion', key)
  if (whole['interceptorOutputVersion'] !== '1.0') throw new Error('no output version')
  const parts = exactly(whole[key], 'transformedGatewayRequest', 'transformedGatewayResponse')
  const { transformedGatewayRequest: request, transformedGatewayResponse: response } = parts
  if (response === undefined) {
    const { headers, body } = exactly(request, 'headers', 'body')
    const forwarded = { headers: headers as Fields | undefined, body }
    return { status: undefined, headers: {}, message: undefined, forwarded }
  }
  const names = key === 'mcp' ? [] : ['contentType']
  const { statusCode, headers, body } = exactly(response, 'statusCode', 'headers', 'body', ...names)
  const message = key === 'mcp' || body === undefined ? body : parsed(decoded(body as string))
  return { status: statusCode as number, headers: lowerCase(headers), message }
}

export function decoded(text: string): string {
  return Buffer.from(text, 'base64').toString()
}

function parsed(text: string): unknown {
  return text === '' ? undefined : JSON.parse(text)
}

/** @see https://docs.aws.amazon.com/bedrock-agentcore/latest/devguide/gateway-add-target-lambda.html */
const lambdaTarget = (spelling: 'custom' | 'Custom'): Door => ({
  name: `a Gateway with this Lambda as its target (${spelling})`,
  options: {},
  statuses: 'none',
  isHttp: false,
  event: ({ body }) => {
    const { params } = body as { params: { arguments: Fields } }
    return params.arguments
  },
  context: (sent) => {
    const { id, params } = sent.body as { id: unknown; params: { name: string } }
    const propagated = headersOf(sent, asIs)
    return contextWith({
      client: { installation_id: '' },
      env: {},
      [spelling]: {
        bedrockAgentCoreMessageVersion: '1.0',
        bedrockAgentCoreAwsRequestId: 'c6a9ff0e-6bb5-4f2a-8d1d-0b9f4f0b6a01',
        bedrockAgentCoreMcpMessageId: id,
        bedrockAgentCoreGatewayId: 'paid-tools-a1b2c3d4e5',
        bedrockAgentCoreTargetId: 'A1B2C3D4E5',
        bedrockAgentCoreToolName: params.name,
        bedrockAgentCorePropagatedHeaders: propagated,
      },
    })
  },
  said: (output) => ({ status: undefined, headers: {}, message: { result: output } }),
})

type HttpEvent = (sent: Sent & { text: string | undefined; isBase64: boolean }) => Fields

function httpDoor(name: string, event: HttpEvent, isBase64 = false): Door {
  return {
    name: isBase64 ? `${name}, base64` : name,
    options: {},
    statuses: 'real',
    isHttp: true,
    event: (sent) => {
      const text = textOf(sent.body)
      const body = isBase64 && text !== undefined ? base64(text) : text
      return event({ method: 'POST', ...sent, text: body, isBase64 })
    },
    context: () => contextWith(),
    said: (output) => {
      const { statusCode, headers, multiValueHeaders, body, isBase64Encoded } = exactly(
        output,
        ...['statusCode', 'headers', 'multiValueHeaders', 'body', 'isBase64Encoded'],
      )
      if (isBase64Encoded !== false || typeof body !== 'string') throw new Error('no text body')
      const given = headers ?? firstValues(multiValueHeaders)
      return { status: statusCode as number, headers: lowerCase(given), message: parsed(body) }
    },
  }
}

function firstValues(multi: unknown): Record<string, unknown> {
  const entries = Object.entries(multi as Record<string, string[]>)
  return Object.fromEntries(entries.map(([name, values]) => [name, values[0]]))
}

const payloadV2 =
  (domainName: string, routeKey: string, path: string): HttpEvent =>
  ({ text, isBase64, method, ...sent }) => ({
    version: '2.0',
    routeKey,
    rawPath: path,
    rawQueryString: '',
    cookies: ['session=1'],
    headers: {
      ...headersOf(sent, asIs),
      host: domainName,
      'x-forwarded-for': '203.0.113.7',
      'x-forwarded-port': '443',
      'x-forwarded-proto': 'https',
    },
    requestContext: {
      accountId: 'anonymous',
      apiId: domainName.split('.')[0],
      domainName,
      domainPrefix: domainName.split('.')[0],
      http: { method, path, protocol: 'HTTP/1.1', sourceIp: '203.0.113.7', userAgent: 'node' },
      requestId: 'f3a0b8f9-8f0a-4e6c-9f2a-5f0c8a1b2c3d',
      routeKey,
      stage: '$default',
      time: '01/Jul/2026:10:00:00 +0000',
      timeEpoch: 1_782_900_000_000,
    },
    ...(text !== undefined && { body: text }),
    isBase64Encoded: isBase64,
  })

/** @see https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html */
const functionUrl = payloadV2('abcdefghij.lambda-url.us-east-1.on.aws', '$default', '/')

/** @see https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html */
const httpApi = payloadV2('a1b2c3d4e5.execute-api.us-east-1.amazonaws.com', 'POST /mcp', '/mcp')

function multiValues(headers: Record<string, string>): Record<string, string[]> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, [value]]))
}

/** @see https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html */
const restApi: HttpEvent = ({ text, isBase64, method, ...sent }) => {
  const headers = {
    ...headersOf(sent, titleCase),
    Host: 'a1b2c3d4e5.execute-api.us-east-1.amazonaws.com',
    'X-Forwarded-For': '203.0.113.7, 198.51.100.4',
  }
  return {
    resource: '/mcp',
    path: '/mcp',
    httpMethod: method,
    headers,
    multiValueHeaders: multiValues(headers),
    queryStringParameters: null,
    multiValueQueryStringParameters: null,
    pathParameters: null,
    stageVariables: null,
    requestContext: {
      accountId: '123456789012',
      apiId: 'a1b2c3d4e5',
      httpMethod: method,
      identity: { sourceIp: '203.0.113.7', userAgent: 'node', accountId: null },
      path: '/prod/mcp',
      protocol: 'HTTP/1.1',
      requestId: 'c6af9ac6-7b61-11e6-9a41-93e8deadbeef',
      resourceId: '123456',
      resourcePath: '/mcp',
      stage: 'prod',
    },
    body: text ?? null,
    isBase64Encoded: isBase64,
  }
}

/** @see https://docs.aws.amazon.com/elasticloadbalancing/latest/application/lambda-functions.html */
const loadBalancer =
  (multi: boolean): HttpEvent =>
  ({ text, isBase64, method, ...sent }) => {
    const headers = { ...headersOf(sent, asIs), host: 'tools.example.com' }
    const arn =
      'arn:aws:elasticloadbalancing:us-east-1:123456789012:targetgroup/tools/49e9d65c45c6791a'
    return {
      requestContext: { elb: { targetGroupArn: arn } },
      httpMethod: method,
      path: '/mcp',
      ...(multi
        ? { multiValueQueryStringParameters: {}, multiValueHeaders: multiValues(headers) }
        : { queryStringParameters: {}, headers }),
      body: text ?? '',
      isBase64Encoded: isBase64,
    }
  }

export const GATEWAY = gateway
export const GATEWAY_HTTP = gatewayHttp
export const LAMBDA_TARGETS = [lambdaTarget('custom'), lambdaTarget('Custom')]
export const FUNCTION_URL = httpDoor('a Function URL', functionUrl)
export const REST_API = httpDoor('a REST API', restApi)
export const LOAD_BALANCERS = [
  httpDoor('a load balancer', loadBalancer(false)),
  httpDoor('a load balancer with multi-value headers', loadBalancer(true)),
]
/** Every event that has an HTTP client and no Gateway. */
export const HTTP_EVENTS = [
  FUNCTION_URL,
  httpDoor('a Function URL', functionUrl, true),
  httpDoor('an HTTP API', httpApi),
  httpDoor('an HTTP API', httpApi, true),
  REST_API,
  httpDoor('a REST API', restApi, true),
  ...LOAD_BALANCERS,
]
export const DOORS = [GATEWAY, GATEWAY_HTTP, ...LAMBDA_TARGETS, ...HTTP_EVENTS]
