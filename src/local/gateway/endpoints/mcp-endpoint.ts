import { randomBytes, randomUUID } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { MAX_LAMBDA_PAYLOAD_BYTES } from '../../lambda/lambda.js'
import { isRecord } from '../../../wire/json.js'
import { note, type Note } from '../../http/journal.js'
import { readBody } from '../../http/read-body.js'
import { later, type Gateway } from '../protocol/gateway-state.js'
import { readHeaders } from '../protocol/headers.js'
import { INVALID_REQUEST, rpcError } from '../protocol/json-rpc.js'
import { readPost } from '../protocol/mcp-post.js'
import { answerPost } from './pipeline.js'
import { sendJson } from '../../http/send-json.js'
import { disconnect } from '../targets/target-connection.js'

/**
 * Serves `/mcp`: MCP over streamable HTTP. There is no stream for GET, since a gateway sends nothing that was
 * not asked for.
 *
 * @see https://modelcontextprotocol.io/specification/2025-11-25/basic/transports#streamable-http
 */
export async function serveMcp(
  gateway: Gateway,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { method = '' } = request
  note({ kind: 'called', method: `${method} /mcp` })
  if (method === 'POST') return takePost(gateway, request, response)
  if (method === 'DELETE' && gateway.sessions.enabled) {
    return void endSession(gateway, request, response)
  }
  response.setHeader('allow', gateway.sessions.enabled ? 'POST, DELETE' : 'POST')
  refuse(response, 405, 'Method not allowed')
}

async function takePost(
  gateway: Gateway,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  if (!/^application\/json\s*(;|$)/i.test(request.headers['content-type'] ?? '')) {
    return refuse(response, 415, 'Content-Type must be application/json')
  }
  const body = await readBody(request, MAX_LAMBDA_PAYLOAD_BYTES).catch(() => undefined)
  if (body === undefined) return refuse(response, 413, 'The request is larger than 6 MB')
  const read = readPost(gateway, {
    raw: body.toString(),
    headers: { 'x-amzn-trace-id': traceId(), ...readHeaders(request.headers) },
    requestId: randomUUID(),
    sourceIp: request.socket.remoteAddress,
    gone: goneSignal(response),
  })
  if ('status' in read) {
    const { status, body: refusal } = read
    note({ kind: 'answered', status, headers: {}, body: refusal })
    return sendJson(response, status, {}, refusal)
  }
  note(calledBy(read.body))
  await answerPost(gateway, read, response)
}

/** What a message calls. */
function calledBy(body: unknown): Note {
  const message = isRecord(body) ? body : {}
  const { method, params } = message
  const tool = isRecord(params) && method === 'tools/call' ? params['name'] : undefined
  return {
    kind: 'called',
    method: typeof method === 'string' ? method : 'answer',
    ...(typeof tool === 'string' && { tool }),
  }
}

function endSession(gateway: Gateway, request: IncomingMessage, response: ServerResponse): void {
  const session = gateway.sessions.remove(String(request.headers['mcp-session-id'] ?? ''))
  if (session === undefined) return refuse(response, 404, 'Session not found or expired')
  for (const connection of session.connections.values()) {
    later(
      gateway,
      connection.then((open) => disconnect(open, gateway.closing.signal)),
    )
  }
  response.writeHead(200).end()
}

function goneSignal(response: ServerResponse): AbortSignal {
  const controller = new AbortController()
  response.once('close', () => controller.abort())
  return controller.signal
}

/** A trace id, as live gateways add it to a request without one. Both interceptors get the same. */
function traceId(): string {
  const time = Math.floor(Date.now() / 1000).toString(16)
  return `Root=1-${time}-${randomBytes(12).toString('hex')}`
}

function refuse(response: ServerResponse, status: number, message: string): void {
  const body = rpcError(null, INVALID_REQUEST, message)
  note({ kind: 'answered', status, headers: {}, body })
  sendJson(response, status, {}, body)
}
