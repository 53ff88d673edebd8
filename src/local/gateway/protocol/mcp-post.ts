import { isRecord } from '../../../wire/json.js'
import type { Gateway } from './gateway-state.js'
import type { Headers } from './headers.js'
import {
  idOf,
  INVALID_REQUEST,
  isNotification,
  isRequest,
  isResponse,
  PARSE_ERROR,
  rpcError,
} from './json-rpc.js'
import type { Session } from './session.js'
import { dialectOf, isRefusal, type Dialect, type Refusal } from './dialect.js'

/** One POST of a client that was checked. */
export interface McpPost extends Dialect {
  /** The text of the body, unchanged. */
  raw: string
  /** The message. It is a batch if the gateway serves batches. */
  body: unknown
  headers: Headers
  session: Session | undefined
  requestId: string
  sourceIp: string | undefined
  /** Aborted when the client is gone. */
  gone: AbortSignal
}

/** A POST after the REQUEST interceptor. */
export interface McpCall {
  post: McpPost
  body: unknown
  /** The client's headers, with those of the interceptor laid over them. */
  headers: Headers
  /** The client's headers that may reach targets. */
  clientHeaders: Headers
  /** The headers that the interceptor returned. */
  interceptorHeaders: Headers | undefined
}

type Received = Omit<McpPost, 'body' | 'session' | 'stateless' | 'version'>

/** Makes every check that comes before the interceptors. */
export function readPost(gateway: Gateway, received: Received): McpPost | Refusal {
  let body: unknown
  try {
    body = JSON.parse(received.raw)
  } catch {
    return { status: 400, body: rpcError(null, PARSE_ERROR, 'Parse error') }
  }
  const problem = shapeProblem(body, gateway.settings.assume.batch === 'served')
  if (problem !== undefined) {
    return {
      status: 400,
      body: rpcError(idOf(body), INVALID_REQUEST, `Invalid Request: ${problem}`),
    }
  }
  const { protocolVersions } = gateway.settings
  const dialect = dialectOf(body, received.headers, protocolVersions)
  if (isRefusal(dialect)) return dialect
  const session = findSession(gateway, dialect, body, received.headers)
  if (session !== undefined && 'status' in session) return session
  // If a client leaves the header out, the version it agreed on counts.
  const version = received.headers['mcp-protocol-version'] ?? session?.version ?? dialect.version
  return { ...received, ...dialect, version, body, session }
}

function shapeProblem(body: unknown, batches: boolean): string | undefined {
  if (Array.isArray(body)) {
    if (!batches) return 'batches are not supported'
    return body.length > 0 && body.every(isMessage) ? undefined : 'no batch of JSON-RPC messages'
  }
  return isMessage(body) ? undefined : 'no JSON-RPC message'
}

function isMessage(body: unknown): boolean {
  return isRequest(body) || isNotification(body) || isResponse(body)
}

function findSession(
  { sessions }: Gateway,
  { stateless }: Dialect,
  body: unknown,
  headers: Headers,
): Session | Refusal | undefined {
  const starts = isRecord(body) && body['method'] === 'initialize'
  if (!sessions.enabled || stateless || starts) return undefined
  const id = headers['mcp-session-id']
  if (id === undefined) return refuse(400, body, 'Missing required Mcp-Session-Id header')
  return sessions.find(id) ?? refuse(404, body, 'Session not found or expired')
}

function refuse(status: number, body: unknown, message: string): Refusal {
  return { status, body: rpcError(idOf(body), INVALID_REQUEST, message) }
}
