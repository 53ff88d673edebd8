import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

type Json = Record<string, unknown>

/** A Gateway as AWS reports it, and what IAM says of its role. */
export interface ReportedGateway {
  gateway: Json
  targets: Json[]
  /** Whether IAM lets the role call functions. */
  mayInvoke: boolean
  /** The services that may take the role. */
  trusted: string[]
  /** An error that every request gets, e.g. `AccessDeniedException`. */
  error: string | undefined
}

export const FUNCTION = 'arn:aws:lambda:us-west-2:123456789012:function:seller'
const ROLE = 'arn:aws:iam::123456789012:role/gateway'

/** A Gateway without any mistake, with an interceptor at both points. */
export function goodGateway(id: string): ReportedGateway {
  return {
    gateway: {
      gatewayArn: `arn:aws:bedrock-agentcore:us-west-2:123456789012:gateway/${id}`,
      gatewayId: id,
      gatewayUrl: `https://${id}.gateway.bedrock-agentcore.us-west-2.amazonaws.com/mcp`,
      createdAt: '2026-11-01T00:00:00Z',
      updatedAt: '2026-11-01T00:00:00Z',
      status: 'READY',
      name: id,
      roleArn: `${ROLE}-${id}`,
      protocolType: 'MCP',
      authorizerType: 'AWS_IAM',
      interceptorConfigurations: ['REQUEST', 'RESPONSE'].map((point) => interceptor(point)),
    },
    targets: [lambdaTarget('weather', ['forecast'])],
    mayInvoke: true,
    trusted: ['bedrock-agentcore.amazonaws.com'],
    error: undefined,
  }
}

export function interceptor(point: string, more: Json = {}): Json {
  return {
    interceptor: { lambda: { arn: FUNCTION } },
    interceptionPoints: [point],
    inputConfiguration: { passRequestHeaders: true },
    ...more,
  }
}

/** A target whose tools take a city, and the payments of agents. */
export function lambdaTarget(name: string, tools: readonly string[], more: Json = {}): Json {
  const inputSchema = {
    type: 'object',
    properties: { city: { type: 'string' }, headers: { type: 'object' } },
    required: ['city'],
  }
  const inlinePayload = tools.map((tool) => ({ name: tool, description: 'x', inputSchema }))
  const lambda = { lambdaArn: `${FUNCTION}-of-${name}`, toolSchema: { inlinePayload } }
  return {
    targetId: `T-${name}`,
    name,
    status: 'READY',
    createdAt: '2026-11-01T00:00:00Z',
    updatedAt: '2026-11-01T00:00:00Z',
    targetConfiguration: { mcp: { lambda } },
    credentialProviderConfigurations: [{ credentialProviderType: 'GATEWAY_IAM_ROLE' }],
    ...more,
  }
}

/** Answers as AWS's control plane of AgentCore and as IAM, for the requests of AWS's SDK. */
export async function startAwsApi(gateways: ReadonlyMap<string, ReportedGateway>) {
  const server = createServer((request, response) => void answer(gateways, request, response))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    close: () => new Promise((resolve) => server.close(resolve)),
  }
}

async function answer(
  gateways: ReadonlyMap<string, ReportedGateway>,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  let body = ''
  for await (const chunk of request) body += String(chunk)
  if (request.method === 'POST') return answerIam(gateways, new URLSearchParams(body), response)
  const [, , id = '', part, targetId] = (request.url ?? '').split('?')[0]?.split('/') ?? []
  const found = gateways.get(id)
  const error = found === undefined ? 'ResourceNotFoundException' : found.error
  if (error !== undefined || found === undefined) {
    const status = error === 'AccessDeniedException' ? 403 : 404
    return json(response, status, { message: 'no' }, { 'x-amzn-errortype': error ?? '' })
  }
  const { gateway, targets } = found
  if (part !== 'targets') return json(response, 200, gateway)
  if (!targetId) return json(response, 200, { items: targets })
  return json(response, 200, targets.find((one) => one['targetId'] === targetId) ?? {})
}

function json(response: ServerResponse, status: number, body: unknown, headers: Json = {}): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers } as never)
  response.end(JSON.stringify(body))
}

/** IAM speaks AWS's query protocol. */
function answerIam(
  gateways: ReadonlyMap<string, ReportedGateway>,
  asked: URLSearchParams,
  response: ServerResponse,
): void {
  const role = asked.get('PolicySourceArn') ?? asked.get('RoleName') ?? ''
  const found = [...gateways].find(([id]) => role.endsWith(`gateway-${id}`))?.[1]
  response.setHeader('content-type', 'text/xml')
  if (found === undefined) {
    response.writeHead(404)
    response.end('<ErrorResponse><Error><Code>NoSuchEntity</Code></Error></ErrorResponse>')
    return
  }
  if (asked.get('Action') === 'GetRole') {
    const policy = {
      Version: '2012-10-17',
      Statement: [
        { Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { Service: found.trusted } },
      ],
    }
    const text = encodeURIComponent(JSON.stringify(policy))
    const members = `<Path>/</Path><RoleName>x</RoleName><RoleId>x</RoleId><Arn>x</Arn><CreateDate>2026-11-01T00:00:00Z</CreateDate>`
    response.end(
      `<GetRoleResponse><GetRoleResult><Role>${members}<AssumeRolePolicyDocument>${text}</AssumeRolePolicyDocument></Role></GetRoleResult></GetRoleResponse>`,
    )
    return
  }
  const decision = found.mayInvoke ? 'allowed' : 'implicitDeny'
  response.end(
    `<SimulatePrincipalPolicyResponse><SimulatePrincipalPolicyResult><EvaluationResults><member><EvalActionName>lambda:InvokeFunction</EvalActionName><EvalDecision>${decision}</EvalDecision></member></EvaluationResults></SimulatePrincipalPolicyResult></SimulatePrincipalPolicyResponse>`,
  )
}
